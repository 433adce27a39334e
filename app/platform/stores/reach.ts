/**
 * Where the host lets itself be sent: a merchant names servers, and a name that leads to this machine, its neighbours or its cloud's own services would turn
 * the app into a way in (OWASP, "Server-Side Request Forgery Prevention"). Names are looked up, because a public name may point inside.
 */
import { StoreError } from "#app/vault/index.ts";
import { mustBePublic, PrivateAddressError, type Resolve } from "../http/public-address.ts";

export type { Resolve as Lookup } from "../http/public-address.ts";

export interface Reach {
  readonly privateNetworks: boolean;
  readonly lookup?: Resolve;
}

/** Throws StoreError: store.bad_address for a name inside, store.unreachable for one that nobody knows. */
export async function checkReach(host: string, { privateNetworks, lookup }: Reach): Promise<void> {
  if (privateNetworks) return;
  try {
    await mustBePublic(host, lookup);
  } catch (cause) {
    if (cause instanceof PrivateAddressError) throw new StoreError("store.bad_address", "The address leads into this host's own network, which the app does not open for a merchant.", { cause });
    throw new StoreError("store.unreachable", "No server has the name in this address.", { retry: "later", cause });
  }
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
