/** Labels of many rows at once, against one row's label by itself. */
import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ByteReader } from "#app/vault/format/bytes.ts";
import { labelled } from "#app/vault/search/labels.ts";
import { RecordNames } from "#app/vault/search/record-names.ts";
import { labelOf, tokenOf } from "#app/vault/search/tokens.ts";

const tokenOfWord = (word: number): Buffer => createHmac("sha256", "synthetic").update(String(word)).digest();

/** Rows as eight bytes in hex, each labelled by itself. */
function oneByOne(tokens: readonly Buffer[], numbers: readonly number[]): string[] {
  const counts = new Map<string, number>();
  return tokens
    .map((token, i) => {
      const count = counts.get(token.toString("hex")) ?? 0;
      counts.set(token.toString("hex"), count + 1);
      const { high, low } = labelOf(token, 0, count);
      return high.toString(16).padStart(8, "0") + ((low | (numbers[i] as number)) >>> 0).toString(16).padStart(8, "0");
    })
    .sort();
}
/** `twice`: a token has a number of its own for each row, as terms have that were not recognised. */
function together(tokens: readonly Buffer[], numbers: readonly number[], twice: boolean): string[] {
  const different = twice ? tokens : [...new Map(tokens.map((token) => [token.toString("hex"), token])).values()];
  const known = new Map(different.map((token, i) => [token.toString("hex"), i]));
  const termOf = Uint32Array.from(tokens, (token, i) => (twice ? i : (known.get(token.toString("hex")) as number)));
  return rowsOf(labelled({ tokens: Buffer.concat([Buffer.alloc(1), ...different]).subarray(1), terms: different.length, termOf, recordOf: Uint32Array.from(numbers), rows: tokens.length }));
}
const rowsOf = (bytes: Buffer): string[] => bytes.toString("hex").match(/.{16}/g) ?? [];

describe("labels of all rows", () => {
  it("are those of each row, and rows are in order, however often terms recur", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 200 }), (words) => {
        const tokens = words.map(tokenOfWord);
        const numbers = words.map((_, i) => i);
        for (const twice of [false, true]) expect(together(tokens, numbers, twice)).toEqual(oneByOne(tokens, numbers));
      }),
    );
  });
  it("are right where one term has more rows than HMACs are made at once, and tokens begin alike", () => {
    const alike = [Buffer.alloc(32, 1), Buffer.concat([Buffer.alloc(31, 1), Buffer.from([2])]), Buffer.concat([Buffer.alloc(8, 1), Buffer.alloc(24, 3)])];
    const tokens = Array.from({ length: 30_000 }, (_, i) => (i % 3 === 0 ? (alike[(i / 3) % 3] as Buffer) : i % 3 === 1 ? tokenOfWord(7) : randomBytes(32)));
    const numbers = tokens.map((_, i) => i);
    for (const twice of [false, true]) expect(together(tokens, numbers, twice)).toEqual(oneByOne(tokens, numbers));
  });
  it("are those of tokens that are made one by one", () => {
    const { high } = labelOf(tokenOf(Buffer.alloc(32, 5), { type: 3, term: "synthetic" }), 0, 0);
    expect(high).toBe(createHmac("sha256", Buffer.alloc(32, 5)).update("\x03synthetic").digest().readUInt32BE(0));
  });
});

describe("a table of names", () => {
  it("says whose parent is whose, and is the same from names as from where they lie", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ kind: fc.constantFrom("a", "bc"), id: fc.stringMatching(/^[abc]{1,4}$/), parentId: fc.option(fc.stringMatching(/^[ab]{1,2}$/)) }), { minLength: 1, maxLength: 40 }), (records) => {
        const named = new RecordNames(1);
        const lying = new RecordNames(1);
        for (const record of records) {
          named.addNamed(record);
          const bytes = Buffer.from(`x${record.id}y${record.parentId ?? ""}z`);
          const idEnd = 1 + record.id.length;
          lying.add(record.kind, { idBytes: bytes, idStart: 1, idEnd, parentBytes: record.parentId === null ? null : bytes, parentStart: idEnd + 1, parentEnd: bytes.length - 1 });
        }
        const copied = new RecordNames(1);
        for (let i = 0; i < records.length; i++) copied.addFrom(lying, i);
        const table = named.table(0, records.length);
        expect(copied.table(0, records.length).equals(table)).toBe(true);
        expect(tableOf(table)).toEqual(records);
      }),
    );
  });
});

/** Read as docs/design.md 11.3 says, by nothing that the product uses to read it. */
function tableOf(bytes: Buffer): { kind: string; id: string; parentId: string | null }[] {
  const reader = new ByteReader(bytes, "table");
  const kinds: string[] = [];
  let id = "";
  let parent: string | null = null;
  const records = Array.from({ length: reader.varint() }, () => {
    const number = reader.varint();
    if (number === 0) kinds.push(reader.latin1(reader.varint()));
    const kind = kinds[number === 0 ? kinds.length - 1 : number - 1] as string;
    const shared = reader.varint();
    id = id.slice(0, shared) + reader.latin1(reader.varint());
    const has = reader.u8();
    if (has === 2) parent = reader.latin1(reader.varint());
    return { kind, id, parentId: has === 0 ? null : parent };
  });
  reader.finish();
  return records;
}
