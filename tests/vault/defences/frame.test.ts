/** Raw frames of both layouts, written by hand, with one lie each. Each test stands for one check of the decoder that fills columns. */
import { describe, expect, it } from "@jest/globals";
import { FrameColumns } from "#app/vault/pack/decode-columns.ts";
import { forgeFrame, varint } from "./forge.ts";

const DAMAGED = expect.objectContaining({ code: "vault.damaged_object" }) as unknown as Error;
const load = (raw: Buffer, layout: 1 | 2, expected: number): string[] => {
  const columns = new FrameColumns();
  columns.load(raw, expected, layout, "packs/x");
  return columns.records().map(({ kind, id, parentId, bytes }) => `${kind}/${parentId ?? ""}/${id}=${bytes.toString()}`);
};
const refused = (raw: Buffer, layout: 1 | 2, expected: number): void => {
  expect(() => load(raw, layout, expected)).toThrow(DAMAGED);
};

interface Second {
  readonly count?: number;
  readonly kinds?: readonly string[];
  readonly kindColumn?: readonly number[];
  readonly idAt?: readonly number[];
  readonly idAtMode?: number;
  readonly idLength?: readonly number[];
  readonly parents?: readonly number[];
  readonly mode?: number;
  readonly lengths?: readonly number[];
  readonly literals?: Buffer;
  readonly body?: string;
}
/** Two customers and a child of the first, docs/design.md 2.3, version 2: records by kind, ids inside the records. */
function second(o: Second = {}): Buffer {
  const kinds = o.kinds ?? ["c", "m"];
  const literals = o.literals ?? Buffer.alloc(0);
  return Buffer.concat([
    varint(o.count ?? 3), varint(kinds.length), ...kinds.flatMap((kind) => [varint(kind.length), Buffer.from(kind)]), ...(o.kindColumn ?? [1, 2, 1]).map(varint),
    Buffer.of(o.idAtMode ?? 1), ...(o.idAt ?? [1, 1, 1]).map(varint), Buffer.of(1), ...(o.idLength ?? [2, 2, 2]).map(varint),
    Buffer.from(o.parents ?? [0, 3, 0]), Buffer.of(o.mode ?? 0), ...(o.lengths ?? []).map(varint), varint(literals.length), literals, Buffer.from(o.body ?? "a1 one\nb1 two\nm1 sub\n"),
  ]);
}

describe("a frame of version 2", () => {
  it("written by hand is read, with lengths and without", () => {
    const truth = ["c//a1=a1 one", "m/a1/m1=m1 sub", "c//b1=b1 two"];
    expect(load(second(), 2, 3)).toEqual(truth);
    expect(load(second({ mode: 1, lengths: [6, 6, 6] }), 2, 3)).toEqual(truth);
    expect(load(second({ idAtMode: 0, idAt: [1, 1] }), 2, 3)).toEqual(truth);
  });
  it("is refused with another number of records than its pack says", () => refused(second(), 2, 2));
  it("is refused when a kind has no name", () => refused(second({ kinds: ["c", ""] }), 2, 3));
  it("is refused when a column is packed in an unknown way", () => {
    refused(second({ mode: 2, lengths: [] }), 2, 3);
    refused(second({ idAtMode: 2, idAt: [1, 1] }), 2, 3);
  });
  it("is refused when an erased record has anything left", () => {
    const erased: Second = { kindColumn: [0, 2, 1], parents: [0, 4, 0], literals: Buffer.from([2, 97, 49]), body: "b1 two\nm1 sub\n" };
    expect(load(second({ ...erased, idAt: [0, 1, 1], idLength: [0, 2, 2] }), 2, 3)).toEqual(["//=", "m/a1/m1=m1 sub", "c//b1=b1 two"]);
    refused(second({ ...erased, idAt: [1, 1, 1], idLength: [0, 2, 2] }), 2, 3);
    refused(second({ ...erased, idAt: [0, 1, 1], idLength: [2, 2, 2] }), 2, 3);
    refused(second({ ...erased, idAt: [0, 1, 1], idLength: [0, 2, 2], parents: [2, 4, 0] }), 2, 3);
    refused(second({ ...erased, idAt: [0, 1, 1], idLength: [0, 2, 2], mode: 1, lengths: [1, 6, 6] }), 2, 3);
  });
  it("is refused when a record does not end", () => {
    refused(second({ body: "a1 one\nb1 two\nm1 sub" }), 2, 3);
    refused(second({ mode: 1, lengths: [5, 6, 6] }), 2, 3);
    refused(second({ mode: 1, lengths: [6, 600, 6] }), 2, 3);
    refused(second({ mode: 1, lengths: [6, 7, 6] }), 2, 3);
    // Two wrongs that make the sum right.
    refused(second({ mode: 1, lengths: [5, 6, 7] }), 2, 3);
  });
  it("is refused when its records do not fill it", () => refused(second({ body: "a1 one\nb1 two\nm1 sub\nx\n" }), 2, 3));
  it("is refused when an id lies outside its record, or is empty", () => {
    refused(second({ idAt: [1, 6, 1] }), 2, 3);
    refused(second({ idLength: [2, 0, 2] }), 2, 3);
  });
  it("is refused when a parent is nobody's, empty, or told in an unknown way", () => {
    refused(second({ parents: [1, 3, 0] }), 2, 3);
    refused(second({ parents: [2, 3, 0] }), 2, 3);
    refused(second({ parents: [3, 3, 0] }), 2, 3);
    refused(second({ parents: [0, 4, 0], literals: varint(0) }), 2, 3);
    refused(second({ parents: [0, 5, 0] }), 2, 3);
  });
  it("is refused when literals are left over", () => refused(second({ literals: Buffer.from("x") }), 2, 3));
});

describe("a frame of version 1, in columns", () => {
  const good = forgeFrame([{ id: "a", body: "SYNTHETIC one" }]);
  const change = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[at] = value;
    return bytes;
  };
  it("is read", () => expect(load(good, 1, 1)).toEqual(["customers//a=SYNTHETIC one"]));
  it("is refused when it cannot hold the records it claims, before room is made for them", () => {
    const claimed = Buffer.concat([varint(4_000_000), Buffer.alloc(100)]);
    const before = process.memoryUsage().arrayBuffers;
    for (const layout of [1, 2] as const) expect(() => load(claimed, layout, 4_000_000)).toThrow(expect.objectContaining({ code: "vault.damaged_object", message: expect.stringContaining("too short") as unknown }) as unknown as Error);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  });
  it("is refused when an erased record is not empty", () => {
    refused(change(12, 0), 1, 1);
    // With nothing among the literals that would give it away.
    const erased = (idAt: number, idLength: number, parent: number, body: string): Buffer => Buffer.concat([varint(1), varint(1), varint(1), Buffer.from("c"), varint(0), varint(idAt), varint(idLength), Buffer.of(parent), varint(body.length), varint(0), Buffer.from(`${body}\n`)]);
    expect(load(erased(0, 0, 0, ""), 1, 1)).toEqual(["//="]);
    for (const bytes of [erased(1, 0, 0, ""), erased(0, 1, 0, ""), erased(0, 0, 2, ""), erased(0, 0, 0, "left")]) refused(bytes, 1, 1);
  });
  it("is refused when its records do not fill it", () => refused(Buffer.concat([good, Buffer.of(0)]), 1, 1));
  it("is refused when a record does not end where it says", () => refused(change(32, 0x0b), 1, 1));
});
