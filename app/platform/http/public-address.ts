/**
 * The one guard for addresses that a merchant names and this host calls. Addresses that a stranger may not make it call: the host's own, those of private networks, of link-local metadata services, and those that lead nowhere.
 * From the special-purpose registries of IANA (RFC 6890, https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry).
 */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { lookup as systemResolve } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";

const V4 = [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
];
/** Among them those that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo): where they lead is not seen from the outside. */
const V6 = ["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"];

const listOf = (nets: readonly string[], family: "ipv4" | "ipv6"): BlockList => {
  const list = new BlockList();
  for (const net of nets) {
    const [address = "", bits = ""] = net.split("/");
    list.addSubnet(address, Number(bits), family);
  }
  return list;
};
/** Two lists: in one, the net of mapped addresses would stand for every IPv4 address. */
const refused = { ipv4: listOf(V4, "ipv4"), ipv6: listOf(V6, "ipv6") };

/** True also for what is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 4 ? refused.ipv4.check(address, "ipv4") : refused.ipv6.check(address, "ipv6");
}

/** The name leads into this host's own networks. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
}

export type Lookup = typeof systemLookup;

/** For an agent: the name is looked at when the connection is made, because it may lead elsewhere a second time. One address that may be called does not make up for one that may not: the connection could take either. */
export function publicLookup(lookup: Lookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as unknown as LookupAddress[];
      if (error) callback(error, "", 0);
      else if (addresses.some(({ address }) => isPrivateAddress(address))) callback(new PrivateAddressError("the name leads into a private network"), "", 0);
      else if (options.all === true) (callback as (e: null, all: LookupAddress[]) => void)(null, addresses);
      else callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
    });
  };
}

/** A host in an address that is a number needs no look-up, so it would never meet `publicLookup`. Null: it is a name. */
export function literalAddress(host: string): string | null {
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? null : bare;
}

export type Resolve = (host: string) => Promise<readonly { readonly address: string }[]>;

/** Before something is opened whose connections are not ours to look at. Throws PrivateAddressError, or what the look-up throws. */
export async function mustBePublic(host: string, resolve: Resolve = (name) => systemResolve(name, { all: true })): Promise<void> {
  const literal = literalAddress(host);
  const addresses = literal === null ? await resolve(host) : [{ address: literal }];
  if (addresses.some(({ address }) => isPrivateAddress(address))) throw new PrivateAddressError("the address is in a private network");
}
