/** Keyed hash of a child's id, 32 bits: by it the locator finds the leaf that a child stands in (docs/design.md 2.5). */
import { KeyedDigest } from "../crypto/digest.ts";
import { HalfSipHash } from "../crypto/half-siphash.ts";
import { deriveKey } from "../crypto/seal.ts";
import type { RunDescription } from "../types.ts";

/** Undefined: the first four bytes of an HMAC, as format 1 has it. */
export type LocatorScheme = NonNullable<RunDescription["locator"]>["hash"];

export class LocatorHash {
  readonly scheme: LocatorScheme;
  private readonly hmac: KeyedDigest | null;
  private readonly sip: HalfSipHash | null;
  constructor(indexKey: Uint8Array, scheme: LocatorScheme) {
    this.scheme = scheme;
    this.hmac = scheme === undefined ? new KeyedDigest(deriveKey(indexKey, null, "holdfast locator v1")) : null;
    this.sip = scheme === undefined ? null : new HalfSipHash(deriveKey(indexKey, null, "holdfast locator v2"));
  }
  of(bytes: Uint8Array, start = 0, end = bytes.length): number {
    if (this.sip !== null) return this.sip.of(bytes, start, end);
    const hash = (this.hmac as KeyedDigest).whole(bytes.subarray(start, end));
    return ((hash.charCodeAt(0) << 24) | (hash.charCodeAt(1) << 16) | (hash.charCodeAt(2) << 8) | hash.charCodeAt(3)) >>> 0;
  }
}
