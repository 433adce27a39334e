/**
 * Where the host lets itself be sent: a merchant names servers, and a name that leads to this machine, its neighbours or its cloud's own services would turn
 * the app into a way in (OWASP, "Server-Side Request Forgery Prevention"). Names are looked up, because a public name may point inside.
 */
import { lookup as systemLookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { StoreError } from "#app/vault/index.ts";

/** IANA special-purpose address registries (RFC 6890): not reachable from outside, or not one server. */
const INSIDE = new BlockList();
for (const [net, bits] of [["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["224.0.0.0", 4], ["240.0.0.0", 4]] as const) INSIDE.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [["::", 127], ["64:ff9b::", 96], ["64:ff9b:1::", 48], ["fc00::", 7], ["fe80::", 10], ["ff00::", 8]] as const) INSIDE.addSubnet(net, bits, "ipv6");

export type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export interface Reach {
  readonly privateNetworks: boolean;
  readonly lookup?: Lookup;
}

/** Throws StoreError: store.bad_address for a name inside, store.unreachable for one that nobody knows. */
export async function checkReach(host: string, { privateNetworks, lookup = (name) => systemLookup(name, { all: true }) }: Reach): Promise<void> {
  if (privateNetworks) return;
  const bare = host.replace(/^\[|\]$/g, "");
  let found: readonly { readonly address: string; readonly family: number }[];
  if (isIP(bare) !== 0) found = [{ address: bare, family: isIP(bare) }];
  else {
    try {
      found = await lookup(bare);
    } catch (cause) {
      throw new StoreError("store.unreachable", "No server has the name in this address.", { retry: "later", cause });
    }
  }
  for (const { address, family } of found) if (isInside(address, family)) throw new StoreError("store.bad_address", "The address leads into this host's own network, which the app does not open for a merchant.");
}

function isInside(address: string, family: number): boolean {
  // An IPv4 address in IPv6 clothes (RFC 4291 2.5.5.2) is looked at as what it is.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return INSIDE.check(mapped, "ipv4");
  return INSIDE.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Names of the servers that a storage address makes the host talk to, where they are the address's own choice: cloud providers' own are not. */
export function hostsOf(url: string): string[] {
  const address = new URL(url);
  const endpoint = address.searchParams.get("endpoint");
  if (endpoint !== null) {
    if (!URL.canParse(endpoint)) throw new StoreError("store.bad_address", "The address cannot be used: endpoint= is a URL such as https://s3.example.com.");
    return [new URL(endpoint).hostname];
  }
  return address.protocol === "sftp:" ? [address.hostname] : [];
}
