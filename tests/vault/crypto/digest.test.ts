import { createHmac, createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { KeyedDigest, sha256 } from "#app/vault/crypto/digest.ts";

describe("the keyed digest", () => {
  it("is HMAC-SHA-256, whatever the key, the length and what was hashed before", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 }), (key, texts) => {
        const digest = new KeyedDigest(key);
        for (const text of texts) expect(Buffer.from(digest.whole(text), "latin1").toString("hex")).toBe(createHmac("sha256", key).update(text).digest("hex"));
      }),
    );
  });

  it("is right around the edges of its scratch room, and after a huge record", () => {
    const key = Buffer.alloc(32, 7);
    const digest = new KeyedDigest(key);
    for (const length of [0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 40_000, 5_000_000, 3, 16 * 1024]) {
      const text = Buffer.alloc(length, length & 0xff);
      expect(Buffer.from(digest.short(text), "latin1").toString("hex")).toBe(createHmac("sha256", key).update(text).digest("hex").slice(0, 32));
    }
  });

  it("refuses a key longer than a block, which HMAC would hash first", () => {
    expect(() => new KeyedDigest(Buffer.alloc(65))).toThrow(RangeError);
  });
});

describe("sha256", () => {
  it("is SHA-256 in hex", () => {
    expect(sha256(Buffer.from("abc"))).toBe(createHash("sha256").update("abc").digest("hex"));
  });
});
