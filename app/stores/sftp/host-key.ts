/** Is this the server that is meant? By a fingerprint in the address, or by known_hosts as ssh keeps it. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** "SHA256:" and the digest as ssh-keygen -l prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

export interface Expected {
  readonly host: string;
  readonly port: number;
  /** From the address. Decides alone when given. */
  readonly fingerprint?: string | undefined;
  /** The text of known_hosts files. */
  readonly knownHosts: string;
}

/** Null when `key` is the server's; else why it is not believed, for a person. */
export function refuseHostKey(key: Uint8Array, expected: Expected): string | null {
  const shown = fingerprint(key);
  if (expected.fingerprint !== undefined) {
    return expected.fingerprint === shown ? null : `The server shows the key ${shown}, and the address asks for ${expected.fingerprint}; find out which is right before going on.`;
  }
  const name = expected.port === 22 ? expected.host : `[${expected.host}]:${expected.port}`;
  const wanted = Buffer.from(key).toString("base64");
  let known = false;
  for (const line of expected.knownHosts.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
    const [hosts, , blob] = fields;
    if (hosts === undefined || blob === undefined || hosts.startsWith("#") || !isFor(hosts, name)) continue;
    if (marker === "@revoked" && blob === wanted) return `The server's key ${shown} is marked as revoked in known_hosts.`;
    if (marker !== undefined) continue;
    if (blob === wanted) return null;
    known = true;
  }
  return known
    ? `The server shows the key ${shown}, which is none that known_hosts has for it; find out why before going on.`
    : `The server is not in known_hosts; it shows the key ${shown}; check that with whoever runs it, then add host-key=${encodeURIComponent(shown)} to the address.`;
}

/** sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT": names with commas between, or one name as |1|salt|HMAC-SHA-1. */
function isFor(hosts: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts);
  if (hashed === null) return hosts.split(",").includes(name);
  const digest = createHmac("sha1", Buffer.from(hashed[1]!, "base64")).update(name).digest();
  const stored = Buffer.from(hashed[2]!, "base64");
  return stored.byteLength === digest.byteLength && timingSafeEqual(stored, digest);
}
