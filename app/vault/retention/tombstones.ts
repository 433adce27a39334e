/** Tombstones: keyed hashes of record keys, so that a list of who was erased tells nothing to whoever lacks the index key. */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { sortKeyOf } from "../format/sort-key.ts";
import type { RecordKey } from "../record.ts";
import type { Redactions } from "./redactions.ts";

export class Tombstones {
  private readonly digest: KeyedDigest;
  constructor(indexKey: Uint8Array) {
    this.digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast tombstone v1"));
  }
  /** 32 hex digits: the first half of HMAC-SHA-256 over the sort key's bytes (docs/design.md 2.5). */
  ofSortKey(sortKey: string): string {
    return Buffer.from(this.digest.short(Buffer.from(sortKey, "latin1")), "latin1").toString("hex");
  }
  of({ kind, id, parentId }: RecordKey): string {
    return this.ofSortKey(sortKeyOf(kind, id, parentId));
  }
  /** The question a restore asks for every record before it brings it back. */
  test(redactions: Redactions): (key: RecordKey) => boolean {
    return (key) => redactions.hasTombstone(this.of(key));
  }
}
