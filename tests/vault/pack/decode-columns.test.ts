import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ByteWriter } from "#app/vault/format/bytes.ts";
import { FrameColumns } from "#app/vault/pack/decode-columns.ts";
import { VaultError } from "#app/vault/index.ts";

/** What a raw frame is made of; kind "" is an erased record. */
interface Plain {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly bytes: Uint8Array;
}

const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes("\0")).map((text) => Buffer.from(text).toString("latin1"));
const drawn = fc.record({ kind: fc.constantFrom("customers", "metafields", "orders", ""), id: name, parentId: fc.option(fc.oneof(name, fc.constantFrom("p", "q"))), bytes: fc.uint8Array({ maxLength: 60 }), inside: fc.boolean() });
const records = fc.array(drawn, { minLength: 1, maxLength: 30 }).map((all) =>
  all.map(({ inside, ...item }): Plain => (item.kind === "" ? { kind: "", id: "", parentId: null, bytes: new Uint8Array(0) } : inside ? { ...item, bytes: Buffer.concat([item.bytes, Buffer.from(item.id, "latin1"), Buffer.from("!")]) } : item)),
);

/** The format page, word for word and without any cleverness. `uniform`: one value per kind where that is true. */
function encode(layout: 1 | 2, all: readonly Plain[], uniform: boolean): Buffer {
  const out = new ByteWriter();
  const kinds = [...new Set(all.map((item) => item.kind))].filter((kind) => kind !== "");
  out.varint(all.length);
  out.varint(kinds.length);
  for (const kind of kinds) {
    out.varint(kind.length);
    out.latin1(kind);
  }
  for (const item of all) out.varint(kinds.indexOf(item.kind) + 1);
  const at = all.map((item) => (item.kind === "" ? 0 : Buffer.from(item.bytes).indexOf(item.id, 0, "latin1") + 1));
  const lengths = all.map((item) => item.id.length);
  if (layout === 1) {
    at.forEach((position, i) => {
      out.varint(position);
      out.varint(lengths[i] as number);
    });
  } else {
    for (const column of [at, lengths]) {
      const values = kinds.map((kind) => [...new Set(column.filter((_, i) => all[i]?.kind === kind))]);
      if (uniform && values.every((distinct) => distinct.length === 1)) {
        out.u8(0);
        for (const [value] of values) out.varint(value as number);
      } else {
        out.u8(1);
        for (const value of column) out.varint(value);
      }
    }
  }
  const literals = new ByteWriter();
  let before: Plain | null = null;
  let top: Plain | null = null;
  all.forEach((item, i) => {
    if (item.kind === "") return out.u8(0);
    if (at[i] === 0) literals.latin1(item.id);
    if (item.parentId === null) out.u8(0);
    else if (before !== null && item.parentId === before.parentId) out.u8(1);
    else if (before !== null && item.parentId === before.id) out.u8(2);
    else if (top !== null && item.parentId === top.id) out.u8(3);
    else {
      out.u8(4);
      literals.varint(item.parentId.length);
      literals.latin1(item.parentId);
    }
    before = item;
    if (item.parentId === null) top = item;
  });
  const newlines = all.some((item) => Buffer.from(item.bytes).includes(0x0a));
  if (layout === 2) out.u8(uniform && !newlines ? 0 : 1);
  if (layout === 1 || !(uniform && !newlines)) for (const item of all) out.varint(item.bytes.length);
  out.varint(literals.length);
  out.put(literals.view());
  const body = layout === 1 ? all : kinds.flatMap((kind) => all.filter((item) => item.kind === kind));
  for (const item of body) {
    out.put(item.bytes);
    out.u8(0x0a);
  }
  return out.copy();
}

function decode(raw: Buffer, count: number, layout: 1 | 2): Plain[] {
  const columns = new FrameColumns();
  columns.load(raw, count, layout, "packs/x");
  return columns.records();
}
const plain = (all: readonly Plain[]): unknown => all.map((item) => ({ ...item, bytes: [...item.bytes] }));

describe.each([1, 2] as const)("a frame of layout %i, in columns", (layout) => {
  it("gives back every record with its key, erased ones as nothing, however its columns are packed", () => {
    fc.assert(
      fc.property(records, fc.boolean(), (all, uniform) => {
        expect(plain(decode(encode(layout, all, uniform), all.length, layout))).toEqual(plain(all));
      }),
      { numRuns: 500 },
    );
  });

  it("answers changed bytes with a damaged object or with records, never with another error", () => {
    fc.assert(
      fc.property(records, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.boolean(), fc.nat(), (all, edits, uniform, cut) => {
        const changed = encode(layout, all, uniform);
        for (const [at, value] of edits) changed[at % changed.length] = value;
        const raw = cut % 3 === 0 ? changed.subarray(0, cut % changed.length) : changed;
        try {
          decode(raw, all.length, layout);
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
          expect((error as VaultError).code).toBe("vault.damaged_object");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses another number of records than the pack says, and a number its length cannot hold", () => {
    const raw = encode(layout, [{ kind: "k", id: "i", parentId: null, bytes: Buffer.from("i") }], true);
    expect(() => decode(raw, 2, layout)).toThrow("another number of records");
    expect(() => decode(Buffer.from([0xff, 0xff, 0x7f, 1, 1, 0x6b]), 2097151, layout)).toThrow("too short for its records");
  });

  it("refuses names that lie outside, kinds without a name, and parents that nobody is", () => {
    const good = { kind: "k", id: "i", parentId: null, bytes: Buffer.from("i") };
    const raw = encode(layout, [good], true);
    // count 1, one kind "k", kind 1, then the id's position and length.
    const idAt = layout === 1 ? 5 : 6;
    const parent = layout === 1 ? 7 : 9;
    expect([...raw.subarray(0, 5)]).toEqual([1, 1, 1, 0x6b, 1]);
    for (const [at, value, message] of [[idAt, 2, "lies outside"], [parent, 1, "parent is malformed"], [parent, 3, "parent is malformed"], [parent, 9, "parent is malformed"], [2, 0, "a kind has no name"]] as const) {
      const changed = Buffer.from(raw);
      changed[at] = value;
      expect(() => decode(changed, 1, layout)).toThrow(message);
    }
  });

  it("keeps nothing of the frame before when it is filled again", () => {
    const columns = new FrameColumns();
    const many = Array.from({ length: 700 }, (_, i): Plain => ({ kind: `k${i % 9}`, id: `id${i}`, parentId: i % 2 === 0 ? null : `id${i - 1}`, bytes: Buffer.from(`synthetic id${i}`) }));
    columns.load(encode(layout, many, true), many.length, layout, "x");
    const few: Plain[] = [{ kind: "z", id: "one", parentId: null, bytes: Buffer.from("one") }];
    columns.load(encode(layout, few, true), 1, layout, "x");
    expect(plain(columns.records())).toEqual(plain(few));
  });
});
