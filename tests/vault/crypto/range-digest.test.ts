import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { RangeDigest } from "#app/vault/crypto/range-digest.ts";

describe("the keyed digest of a range", () => {
  it("is HMAC-SHA-256 of exactly that range, whatever was hashed before", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 8 }), (key, ranges) => {
        const digest = new RangeDigest(key);
        for (const [bytes, a, b] of ranges) {
          const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
          const whole = createHmac("sha256", key).update(bytes.subarray(start, end)).digest();
          expect(Buffer.from(digest.whole(Buffer.from(bytes), start, end), "latin1")).toEqual(whole);
          const words = new Uint32Array([0, whole.readUInt32LE(0), whole.readUInt32LE(4), whole.readUInt32LE(8), whole.readUInt32LE(12)]);
          expect(digest.matches(Buffer.from(bytes), start, end, words, 1)).toBe(true);
          for (let word = 1; word < 5; word++) expect(digest.matches(Buffer.from(bytes), start, end, words.map((value, i) => (i === word ? value ^ 1 : value)), 1)).toBe(false);
        }
      }),
    );
  });

  it("is right for a record larger than its room", () => {
    const key = Buffer.alloc(32, 7);
    const bytes = Buffer.alloc(40_000, 5);
    expect(Buffer.from(new RangeDigest(key).whole(bytes, 1, 39_999), "latin1")).toEqual(createHmac("sha256", key).update(bytes.subarray(1, 39_999)).digest());
  });

  it("takes no key longer than a block, which HMAC would hash first", () => {
    expect(() => new RangeDigest(Buffer.alloc(65))).toThrow(RangeError);
  });
});
