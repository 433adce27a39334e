import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FrameColumns } from "#app/vault/pack/decode-columns.ts";
import type { FrameRecord } from "#app/vault/pack/frame.ts";
import { RecordFrameBuilder } from "#app/vault/pack/frame-builder-v1.ts";
import { VaultError } from "#app/vault/index.ts";

const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes("\0")).map((text) => Buffer.from(text).toString("latin1"));
const bytes = fc.uint8Array({ maxLength: 200 });
const record = fc.record({ kind: fc.constantFrom("customers", "metafields", "orders"), id: name, parentId: fc.option(fc.oneof(name, fc.constantFrom("p", "q"))), bytes, inside: fc.boolean() });

function build(records: readonly { kind: string; id: string; parentId: string | null; bytes: Uint8Array }[]): Buffer {
  const builder = new RecordFrameBuilder();
  records.forEach((item, i) => expect(builder.add(item.kind, item.id, item.parentId, item.bytes)).toBe(i));
  return builder.take();
}

function decodeFrame(raw: Buffer, count: number, object: string): FrameRecord[] {
  const columns = new FrameColumns();
  columns.load(raw, count, 1, object);
  return columns.records();
}

describe("a frame of version 1", () => {
  it("gives back every record with its key, whether or not the id stands in the record", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (drawn) => {
        const records = drawn.map(({ inside, ...item }) => (inside ? { ...item, bytes: Buffer.concat([item.bytes, Buffer.from(item.id, "latin1"), Buffer.from("!")]) } : item));
        const back = decodeFrame(build(records), records.length, "x");
        expect(back.map((item) => ({ ...item, bytes: [...item.bytes] }))).toEqual(records.map((item) => ({ ...item, bytes: [...item.bytes] })));
      }),
    );
  });

  it("names parents by reference where it can: a hundred children cost a byte each", () => {
    const id = "gid://shopify/Customer/7000000001";
    const records = [{ kind: "customers", id, parentId: null, bytes: Buffer.from(id) }];
    for (let i = 0; i < 100; i++) records.push({ kind: "metafields", id: `m${i}`, parentId: id as never, bytes: Buffer.from(`m${i}`) });
    const body = records.reduce((sum, item) => sum + item.bytes.length + 1, 0);
    expect(build(records).length - body).toBeLessThan(101 * 5 + 40);
  });

  it("may hold erased records, which keep the ordinals of the others", () => {
    // count 2, one kind "k"; kinds 0 and 1; ids: none, literal of 1; parents 0 0; lengths 0 1; literals "i"; body.
    const raw = Buffer.from([2, 1, 1, 0x6b, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0x69, 0x0a, 0x7a, 0x0a]);
    expect(decodeFrame(raw, 2, "x").map(({ kind, id, bytes: body }) => [kind, id, body.toString()])).toEqual([["", "", ""], ["k", "i", "z"]]);
  });

  it("answers changed bytes with a damaged object or with records, never with another error", () => {
    const raw = build([0, 1, 2, 3].map((i) => ({ kind: i === 0 ? "customers" : "metafields", id: `id${i}`, parentId: i === 0 ? null : "id0", bytes: Buffer.from(`synthetic id${i}`) })));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(raw.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(raw.length), (edits, cut) => {
        const changed = Buffer.from(raw.subarray(0, cut === 0 ? raw.length : cut));
        for (const [at, value] of edits) if (at < changed.length) changed[at] = value;
        try {
          decodeFrame(changed, 4, "packs/x");
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
          expect((error as VaultError).code).toBe("vault.damaged_object");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses a count that its length cannot hold, before making room for it", () => {
    expect(() => decodeFrame(Buffer.from([0xff, 0xff, 0x7f, 1, 1, 0x6b]), 2097151, "x")).toThrow("too short for its records");
  });
});
