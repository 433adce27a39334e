import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ByteWriter } from "#app/vault/format/bytes.ts";
import { FrameColumns } from "#app/vault/pack/decode-columns.ts";
import { FrameBuilder } from "#app/vault/pack/frame-builder.ts";
import type { FrameInput } from "#app/vault/pack/frame-record.ts";

const KINDS = ["customers", "metafields", "caf\u00c3\u00a9"];
interface Plain {
  readonly kind: number;
  readonly id: string;
  readonly parent: string | null;
  readonly text: string;
  /** The id stands in the record. */
  readonly inside: boolean;
}

function frameOf(records: readonly Plain[], builder = new FrameBuilder((kind) => KINDS[kind] as string)): Buffer {
  for (const { kind, id, parent, text, inside } of records) {
    const bytes = Buffer.from(inside ? `before ${id}${text}` : text, "latin1");
    const idBytes = inside ? bytes : Buffer.from(id, "latin1");
    const idStart = inside ? 7 : 0;
    const parentBytes = parent === null ? null : Buffer.from(parent, "latin1");
    const input: FrameInput = { kind, bytes, start: 0, end: bytes.length, idBytes, idStart, idEnd: idStart + id.length, parentBytes, parentStart: 0, parentEnd: parent?.length ?? 0, newline: bytes.includes(10) };
    builder.add(input);
  }
  const out = new ByteWriter();
  builder.take(out);
  return out.copy();
}

const plain = (records: readonly Plain[]): unknown[] =>
  records.map(({ kind, id, parent, text, inside }) => ({ kind: KINDS[kind], id, parentId: parent, text: inside ? `before ${id}${text}` : text }));
function decoded(raw: Buffer, count: number): unknown[] {
  const columns = new FrameColumns();
  columns.load(raw, count, 2, "x");
  return columns.records().map(({ kind, id, parentId, bytes }) => ({ kind, id, parentId, text: bytes.toString("latin1") }));
}

const name = fc.constantFrom("gid://synthetic/Customer/1", "gid://synthetic/Customer/22", "a", "\u00e9", "x".repeat(300));
const anyRecord: fc.Arbitrary<Plain> = fc.record({
  kind: fc.nat({ max: 2 }),
  id: name,
  parent: fc.option(name, { nil: null }),
  text: fc.oneof(fc.string({ unit: "binary-ascii", maxLength: 60 }), fc.constant("with a\nline break"), fc.constant("")),
  inside: fc.boolean(),
});

describe("a frame of version 2", () => {
  test("gives back any records in order of arrival, whatever their names, parents and line breaks", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 40 }), (records) => {
        expect(decoded(frameOf(records), records.length)).toEqual(plain(records));
      }),
      { numRuns: 300 },
    );
  });

  test("starts afresh after each frame", () => {
    const builder = new FrameBuilder((kind) => KINDS[kind] as string);
    const first: Plain[] = [{ kind: 0, id: "a", parent: null, text: "\n", inside: false }, { kind: 1, id: "b", parent: "a", text: "x".repeat(2_000_000), inside: false }];
    const second: Plain[] = [{ kind: 1, id: "c", parent: "a", text: "y", inside: true }];
    frameOf(first, builder);
    expect(decoded(frameOf(second, builder), 1)).toEqual(plain(second));
  });

  test("spends next to nothing on names that follow from the records", () => {
    const records = Array.from({ length: 100 }, (_, i): Plain => ({ kind: i % 2, id: `gid://synthetic/X/${String(1000 + i)}`, parent: i % 2 === 0 ? null : `gid://synthetic/X/${String(999 + i)}`, text: "SYNTHETIC", inside: true }));
    const bodies = records.reduce((sum, { id, text }) => sum + 7 + id.length + text.length + 1, 0);
    // Two bytes a record, its kind and its parent, and a head.
    expect(frameOf(records).length - bodies).toBeLessThan(2 * records.length + 50);
  });
});
