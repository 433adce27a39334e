import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "#app/vault/format/bytes.ts";

describe("varints", () => {
  it("come back as they went, up to 2^53-1", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 300 }), fc.constantFrom(127, 128, 16383, 16384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER))), (values) => {
        const out = new ByteWriter(1);
        for (const value of values) out.varint(value);
        const reader = new ByteReader(out.view(), "x");
        expect(values.map(() => reader.varint())).toEqual(values);
        reader.finish();
      }),
    );
  });
  it("keep their sign when zigzagged", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 32), max: 2 ** 32 })), (values) => {
        const out = new ByteWriter(1);
        for (const value of values) out.zigzag(value);
        const reader = new ByteReader(out.view(), "x");
        expect(values.map(() => reader.zigzag() + 0)).toEqual(values.map((value) => value + 0));
      }),
    );
  });
  it("are refused beyond the given bound, beyond 2^53-1 and when cut", () => {
    const bad = (bytes: number[], max?: number): void => {
      expect(() => new ByteReader(Uint8Array.from(bytes), "tree/ab/x").varint(max)).toThrow(expect.objectContaining({ code: "vault.damaged_object" }) as unknown as Error);
    };
    bad([5], 4);
    bad([0x80]);
    bad([]);
    bad([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  });
});

describe("a reader of hostile bytes", () => {
  it("never reads past its end", () => {
    const reader = new ByteReader(Buffer.from([1, 2, 3]), "x", 0, 2);
    expect(() => reader.take(3)).toThrow("ends too early");
    expect(() => reader.u32()).toThrow("ends too early");
    expect(reader.latin1(2)).toBe("\x01\x02");
    expect(() => reader.u8()).toThrow("ends too early");
  });
  it("tells of bytes beyond the end", () => {
    expect(() => new ByteReader(Buffer.from([1]), "x").finish()).toThrow("beyond its end");
  });
});
