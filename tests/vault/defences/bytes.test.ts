/** The cursor every decoder reads with, asked for what is not there. Each test stands for one check. */
import { describe, expect, it } from "@jest/globals";
import { ByteReader } from "#app/vault/format/bytes.ts";
import { recordKeyOf } from "#app/vault/format/sort-key.ts";
import { encodeParity, readParity } from "#app/vault/repair/parity.ts";

const DAMAGED = expect.objectContaining({ code: "vault.damaged_object" }) as unknown as Error;

describe("a cursor", () => {
  it("does not go back", () => expect(() => new ByteReader(Buffer.alloc(8), "x", 4).take(-1)).toThrow(DAMAGED));
  it("that has a part of the bytes reads no number beyond its part", () => expect(() => new ByteReader(Buffer.from([0x80, 0x01]), "x", 0, 1).varint()).toThrow(DAMAGED));
  it("that has a part of the bytes takes none beyond its part", () => expect(() => new ByteReader(Buffer.alloc(8), "x", 0, 4).take(5)).toThrow(DAMAGED));
});

describe("a sort key", () => {
  it("that is none has no record", () => expect(() => recordKeyOf("abc")).toThrow(expect.objectContaining({ code: "vault.bad_record" }) as unknown as Error));
});

describe("a parity object", () => {
  const parity = encodeParity(Buffer.alloc(100, 3));
  it("that ends within its head is refused", () => {
    for (let length = 0; length < 80; length++) expect(() => readParity(parity.subarray(0, length), "x")).toThrow(DAMAGED);
  });
  it("that starts otherwise is refused", () => {
    const other = Buffer.from(parity);
    other[0] = 0x49;
    expect(() => readParity(other, "x")).toThrow(DAMAGED);
  });
  it("of nothing is refused", () => {
    const empty = Buffer.alloc(80);
    parity.copy(empty, 0, 0, 8);
    expect(() => readParity(empty, "x")).toThrow(DAMAGED);
  });
});
