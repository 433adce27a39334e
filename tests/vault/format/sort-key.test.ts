import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { partsOf, recordKeyOf, siblingPrefix, sortKeyOf, toByteString } from "#app/vault/format/sort-key.ts";

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => !text.includes("\0"));

describe("sort keys", () => {
  it("give back kind, id and parent, in any script", () => {
    fc.assert(
      fc.property(name, name, fc.option(name), (kind, id, parentId) => {
        expect(recordKeyOf(sortKeyOf(kind, id, parentId))).toEqual({ kind, id, parentId });
      }),
    );
  });
  it("sort as their UTF-8 bytes, where JavaScript alone would not", () => {
    // U+FF5E sorts above U+1F600 as UTF-16 code units, below it as bytes.
    expect("\uff5e" > "\u{1f600}").toBe(true);
    expect(toByteString("\uff5e") < toByteString("\u{1f600}")).toBe(true);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(toByteString(a) < toByteString(b) ? -1 : toByteString(a) > toByteString(b) ? 1 : 0);
      }),
    );
  });
  it("put children right after their parent and before any other anchor", () => {
    const keys = [sortKeyOf("customers", "c1", null), sortKeyOf("metafields", "m9", "c1"), sortKeyOf("metafields", "m1", "c1"), sortKeyOf("addresses", "z", "c1"), sortKeyOf("customers", "c10", null), sortKeyOf("customers", "c1 ", null)];
    expect([...keys].sort().map((key) => recordKeyOf(key).id)).toEqual(["c1", "z", "m1", "m9", "c1 ", "c10"]);
  });
  it("know siblings from others", () => {
    expect(siblingPrefix(sortKeyOf("lines", "1", "o1"))).toBe(siblingPrefix(sortKeyOf("lines", "2", "o1")));
    expect(siblingPrefix(sortKeyOf("lines", "1", "o1"))).not.toBe(siblingPrefix(sortKeyOf("lines", "1", "o2")));
    expect(siblingPrefix(sortKeyOf("orders", "o1", null))).toBe("");
  });
  it.each([["", "an empty id"], ["a\0b", "a NUL inside"], ["x".repeat(4097), "more than 4096 bytes"], ["\ud800", "a lone surrogate"]])("are refused for an id with %#", (id) => {
    expect(() => sortKeyOf("customers", id, null)).toThrow(expect.objectContaining({ code: "vault.bad_record" }) as unknown as Error);
  });
  it("are not made out of other bytes", () => {
    for (const bytes of ["", "a", "a\0", "a\0\0", "\0\0k", "a\0\x01k", "a\0\x01\0i", "a\0\x01k\0", "a\0\x02k", "a\0\0k\0", "a\0\x01k\0i\0"]) expect(partsOf(bytes)).toBeNull();
  });
});
