/** One flipped bit of a part sealed with AES-256-GCM is found from its tag; anything else is left as it is. */
import { createCipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "@jest/globals";
import { mendOneBit } from "#app/vault/salvage/mend-bit.ts";

const key = createHash("sha256").update("synthetic key").digest();
const nonce = Buffer.alloc(12, 7);
const aad = Buffer.from("synthetic aad");

function sealed(text: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

const text = fc.uint8Array({ minLength: 0, maxLength: 200 });

test("any one bit, of the text or of the tag, is put right", () => {
  fc.assert(
    fc.property(text, fc.nat(), (bytes, seed) => {
      const whole = sealed(bytes);
      const damaged = Buffer.from(whole);
      const at = seed % (damaged.length * 8);
      damaged[at >> 3] = (damaged[at >> 3] as number) ^ (1 << (at & 7));
      expect(mendOneBit(key, nonce, aad, damaged)).toBe(true);
      expect(damaged.equals(whole)).toBe(true);
    }),
  );
});

test("what is whole, has two bits flipped, or was sealed otherwise is left alone", () => {
  const whole = sealed(Buffer.from("synthetic ".repeat(50)));
  expect(mendOneBit(key, nonce, aad, Buffer.from(whole))).toBe(false);
  const two = Buffer.from(whole);
  two[3] = (two[3] as number) ^ 1;
  two[40] = (two[40] as number) ^ 16;
  for (const [bytes, with_] of [[two, aad], [Buffer.from(whole), Buffer.from("another aad")], [Buffer.from(whole.subarray(0, whole.length - 1)), aad], [Buffer.from(whole.subarray(0, 9)), aad]] as const) {
    const before = Buffer.from(bytes);
    expect(mendOneBit(key, nonce, with_, bytes)).toBe(false);
    expect(bytes.equals(before)).toBe(true);
  }
});
