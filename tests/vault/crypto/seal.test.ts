import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { aadOf, deriveKey, open, positionNonce, seal } from "#app/vault/crypto/seal.ts";
import { VaultError } from "#app/vault/index.ts";

const key = Buffer.alloc(32, 1);
const aad = aadOf("holdfast frame v1", Buffer.alloc(16, 2));
const damaged = (act: () => unknown): void => {
  expect(act).toThrow(VaultError);
  expect(act).toThrow(expect.objectContaining({ code: "vault.damaged_object", object: "packs/x" }) as unknown as Error);
};

describe("sealing", () => {
  const sealed = seal(key, positionNonce(3), aad, Buffer.from("synthetic"));

  it("opens what it sealed", () => {
    expect(open(key, positionNonce(3), aad, sealed, "packs/x").toString()).toBe("synthetic");
  });
  it("does not open at another position", () => damaged(() => open(key, positionNonce(4), aad, sealed, "packs/x")));
  it("does not open under another key", () => damaged(() => open(Buffer.alloc(32, 9), positionNonce(3), aad, sealed, "packs/x")));
  it("does not open bound to something else", () => damaged(() => open(key, positionNonce(3), aadOf("holdfast tree v1", Buffer.alloc(16, 2)), sealed, "packs/x")));
  it("notices each flipped bit", () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      damaged(() => open(key, positionNonce(3), aad, flipped, "packs/x"));
    }
  });
  it("notices each truncation", () => {
    for (let length = 0; length < sealed.length; length++) damaged(() => open(key, positionNonce(3), aad, sealed.subarray(0, length), "packs/x"));
  });
});

describe("derived keys", () => {
  it("are HKDF of RFC 5869 with the label as info", () => {
    for (const salt of [null, Buffer.alloc(32, 5)]) {
      const extracted = createHmac("sha256", salt ?? Buffer.alloc(32)).update(key).digest();
      const expanded = createHmac("sha256", extracted).update("holdfast tree v1\x01").digest();
      expect(deriveKey(key, salt, "holdfast tree v1")).toEqual(expanded);
    }
  });
});
