/** Many HMACs at once against the runtime's own, and against RFC 4231. */
import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { hmacs, jobHmacs } from "#app/vault/crypto/hmac/many-hmacs.ts";

function many(key: Uint8Array, messages: readonly Uint8Array[]): string[] {
  const ends = new Uint32Array(messages.length);
  let end = 0;
  for (const [i, { length }] of messages.entries()) ends[i] = end += length;
  const out = Buffer.alloc(7 + messages.length * 32, 0xee);
  hmacs(key, Buffer.concat(messages), ends, messages.length, out, 7);
  expect(out.subarray(0, 7).equals(Buffer.alloc(7, 0xee))).toBe(true);
  return messages.map((_, i) => out.toString("hex", 7 + i * 32, 39 + i * 32));
}
const one = (key: Uint8Array, message: Uint8Array): string => createHmac("sha256", key).update(message).digest("hex");

describe("HMACs of many messages", () => {
  it("are those of RFC 4231, test cases 1, 2 and 4, whose keys are short: a key with zeros behind it is the same key", () => {
    const padded = (key: string): Buffer => Buffer.concat([Buffer.from(key, "hex"), Buffer.alloc(32)], 32);
    expect(many(padded("0b".repeat(20)), [Buffer.from("Hi There")])).toEqual(["b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"]);
    expect(many(padded(Buffer.from("Jefe").toString("hex")), [Buffer.from("what do ya want for nothing?")])).toEqual(["5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"]);
    expect(many(padded("0102030405060708090a0b0c0d0e0f10111213141516171819"), [Buffer.alloc(50, 0xcd)])).toEqual(["82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"]);
  });
  it("are the runtime's for every length, short ones and long ones beside each other", () => {
    const key = randomBytes(32);
    const messages = Array.from({ length: 200 }, (_, i) => randomBytes((i * 37) % 130));
    expect(many(key, messages)).toEqual(messages.map((message) => one(key, message)));
  });
  it("are the runtime's for whatever bytes, however many", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 23 }), (key, messages) => {
        expect(many(key, messages)).toEqual(messages.map((message) => one(key, message)));
      }),
      { numRuns: 300 },
    );
  });
  it("are the runtime's when there are more, and longer ones, than go in at once", () => {
    const key = randomBytes(32);
    const messages = [...Array.from({ length: 4097 }, (_, i) => Buffer.from(`synthetic ${i}`)), Buffer.alloc(300_000, 7), Buffer.alloc(260_000, 8), Buffer.alloc(0), Buffer.from("last")];
    expect(many(key, messages)).toEqual(messages.map((message) => one(key, message)));
  });
});

describe("HMACs under keys of their own", () => {
  it("are the runtime's, one to some and more than go in at once", () => {
    for (const count of [1, 2, 3, 4, 5, 4099]) {
      const jobs = randomBytes(count * 20);
      const out = Buffer.alloc(count * 32);
      jobHmacs(jobs, count, out);
      for (let i = 0; i < count; i++) if (out.toString("hex", i * 32, i * 32 + 32) !== one(jobs.subarray(i * 20, i * 20 + 16), jobs.subarray(i * 20 + 16, i * 20 + 20))) throw new Error(`job ${i} of ${count}`);
    }
  });
});

describe("where there is no WebAssembly", () => {
  it("the same comes of it", async () => {
    const { WebAssembly: kept } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "WebAssembly");
      const { jest } = await import("@jest/globals");
      jest.resetModules();
      const without = await import("#app/vault/crypto/hmac/many-hmacs.ts");
      const key = Buffer.alloc(32, 3);
      const out = Buffer.alloc(64);
      without.hmacs(key, Buffer.from("abcde"), Uint32Array.of(2, 5), 2, out, 0);
      expect(out.toString("hex")).toBe(one(key, Buffer.from("ab")) + one(key, Buffer.from("cde")));
      const jobs = randomBytes(20);
      const last = Buffer.alloc(32);
      without.jobHmacs(jobs, 1, last);
      expect(last.toString("hex")).toBe(one(jobs.subarray(0, 16), jobs.subarray(16)));
    } finally {
      Object.defineProperty(globalThis, "WebAssembly", { value: kept, configurable: true, writable: true, enumerable: false });
    }
  });
});
