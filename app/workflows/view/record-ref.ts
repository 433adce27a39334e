/** How the ledger names a record that somebody looked at: a keyed hash of its id. The host and every recipient can work it out for a person they know of; the log alone names nobody, and need not be rewritten when somebody is erased. */
import { createHmac, hkdfSync } from "node:crypto";

/** 32 hex digits: HMAC-SHA-256 under HKDF(index key, empty, "holdfast access subject v1"), first 16 bytes. */
export function recordRef(indexKey: Uint8Array, id: string): string {
  const key = Buffer.from(hkdfSync("sha256", indexKey, Buffer.alloc(0), "holdfast access subject v1", 32));
  return createHmac("sha256", key).update(id, "utf8").digest("hex").slice(0, 32);
}
