/** Whom a legal hold is about: keyed hashes of ids, so that a list of who is in a lawsuit tells nothing to whoever lacks the index key. */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { nameBytes } from "../format/sort-key.ts";

/** 32 hex digits each: the first half of HMAC-SHA-256(HKDF(index key, empty, "holdfast hold subject v1"), id). */
export function holdSubjects(indexKey: Uint8Array, ids: Iterable<string>): Set<string> {
  const digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast hold subject v1"));
  return new Set([...ids].map((id) => Buffer.from(digest.short(Buffer.from(nameBytes(id, "id"), "latin1")), "latin1").toString("hex")));
}
