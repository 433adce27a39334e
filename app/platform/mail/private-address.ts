/**
 * Addresses that a stranger may not make this host call: the host's own, those of private networks, of link-local metadata services, and those that lead nowhere.
 * From the special-purpose registries of IANA (RFC 6890, https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry).
 */
import { BlockList, isIP } from "node:net";

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
