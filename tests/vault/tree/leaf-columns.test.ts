import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { VaultError } from "#app/vault/index.ts";
import { sortKeyOf } from "#app/vault/format/sort-key.ts";
import { LeafBuilder } from "#app/vault/tree/leaf-builder.ts";
import { LeafColumns } from "#app/vault/tree/leaf-columns.ts";
import { decodeLeaf } from "#app/vault/tree/leaf.ts";

const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes("\0") && text.isWellFormed());
const key = fc.tuple(fc.constantFrom("customers", "metafields", "é"), name, fc.option(name)).map(([kind, id, parent]) => sortKeyOf(kind, id, parent));
const located = fc.record({ digest: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("latin1")), place: fc.constantFrom(-1, 0, 70_000), pack: fc.constantFrom("aa", "bb").map((byte) => byte.repeat(32)), frame: fc.nat(60_000), ordinal: fc.nat(100_000) });
const leaf = fc.dictionary(key, fc.option(located), { minKeys: 1, maxKeys: 60 }).map((entries) => {
  const builder = new LeafBuilder();
  for (const each of Object.keys(entries).sort()) builder.add(each, entries[each] ?? null);
  return Buffer.from(builder.take(7));
});

/** What either decoder says of these bytes: all entries, or that the object is damaged. */
function viaColumns(columns: LeafColumns, raw: Buffer): unknown {
  return outcome(() => {
    columns.load(raw, "tree/x");
    return { first: columns.first, entries: Array.from({ length: columns.count }, (_, i) => [columns.key(i), columns.isRemoval(i) ? null : [columns.digest(i), columns.place[i], columns.packId(i), columns.frame[i], columns.ordinal[i]]]) };
  });
}
function viaObjects(raw: Buffer): unknown {
  return outcome(() => {
    const decoded = decodeLeaf(raw, "tree/x");
    return { first: decoded.first, entries: decoded.keys.map((each, i) => [each, decoded.isRemoval(i) ? null : [decoded.digest(i), decoded.place(i), decoded.pack(i), decoded.frame(i), decoded.ordinal(i)]]) };
  });
}
function outcome(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(VaultError);
    return (error as VaultError).code;
  }
}

describe("a leaf in columns", () => {
  it("says what the leaf says, and is refused when the leaf is, whatever its bytes", () => {
    const columns = new LeafColumns();
    fc.assert(
      fc.property(leaf, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat(), (raw, edits, cut) => {
        for (const [at, value] of edits) raw[at % raw.length] = value;
        const bytes = cut % 4 === 0 ? raw.subarray(0, cut % raw.length) : raw;
        expect(viaColumns(columns, bytes)).toEqual(viaObjects(bytes));
      }),
      { numRuns: 1500 },
    );
  });

  it("knows the parts of each key", () => {
    fc.assert(
      fc.property(fc.constantFrom("customers", "é"), name, fc.option(name), (kind, id, parent) => {
        const builder = new LeafBuilder();
        builder.add(sortKeyOf(kind, id, parent), null);
        const columns = new LeafColumns();
        columns.load(Buffer.from(builder.take(0)), "tree/x");
        const utf8 = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");
        expect([utf8(columns.kind(0)), utf8(columns.ownId(0)), columns.isTop(0)]).toEqual([kind, id, parent === null]);
      }),
    );
  });
});
