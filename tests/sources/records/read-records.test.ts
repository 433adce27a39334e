import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readRecords, splitLines } from "#app/sources/records/index.ts";
import { MAX_SINGLE_GAPS } from "#app/sources/records/gap-list.ts";

async function* pieces(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** Reads everything, copying the bytes: they are only valid until the next batch. */
async function read(chunks: AsyncIterable<Uint8Array>, options: { maxLineBytes?: number; maxBatchRecords?: number } = {}) {
  const reading = readRecords(chunks, { stream: "s", ...options });
  const records: { kind: string; id: string; parentId: string | null; text: string }[] = [];
  for await (const batch of reading.records()) {
    for (const { kind, id, parentId, bytes } of batch) records.push({ kind, id, parentId, text: Buffer.from(bytes).toString("utf8") });
  }
  return { records, gaps: reading.gaps, bytesRead: reading.bytesRead };
}

async function one(line: string) {
  const { records, gaps } = await read(pieces(`${line}\n`));
  return records[0] ?? gaps[0]?.code;
}

describe("finding a record's identity", () => {
  test.each([
    ["keys in any order, any spacing", ` { "x" : {} ,\t"__parentId":"gid://shopify/Order/2", "id" : "gid://shopify/LineItem/7" } `, "LineItem", "gid://shopify/LineItem/7", "gid://shopify/Order/2"],
    ["escaped keys and values", String.raw`{"\u0069d":"gid:\/\/shopify\/Customer\/1","\u005f_parentId":"a\"b"}`, "Customer", "gid://shopify/Customer/1", 'a"b'],
    ["a nested id before its own", `{"owner":{"id":"gid://shopify/Product/9","__parentId":"z"},"list":[{"id":"y"}],"id":"gid://shopify/Metafield/3"}`, "Metafield", "gid://shopify/Metafield/3", null],
    ["id-like text inside strings", String.raw`{"note":"\"id\":\"wrong\",{","id":"right"}`, "record", "right", null],
    ["a type name where the id has none", `{"id":"17","__typename":"Device"}`, "Device", "17", null],
    ["the id's own type before the type name", `{"id":"gid://shopify/InventoryLevel/1?inventory_item_id=2","__typename":"Other"}`, "InventoryLevel", "gid://shopify/InventoryLevel/1?inventory_item_id=2", null],
    ["a parent that is null", `{"id":"a","__parentId":null}`, "record", "a", null],
    ["the last of two equal keys", `{"id":"a","id":"b"}`, "record", "b", null],
    ["a number too large for a double, digit for digit", `{"n":{"id":1},"id":90071992547409931234,"__parentId": -12.50e3}`, "record", "90071992547409931234", "-12.50e3"],
    ["a number behind an escaped key", String.raw`{"a":"\\\"{","\u0069d":9007199254740993}`, "record", "9007199254740993", null],
    ["the longest id a vault holds", `{"id":"${"é".repeat(2048)}"}`, "record", "é".repeat(2048), null],
    ["a type in an id too long to be a kind", `{"id":"x","__typename":"${"T".repeat(5000)}"}`, "record", "x", null],
    ["a prototype's name as a key", `{"__proto__":{"id":"no"},"id":"yes"}`, "record", "yes", null],
  ])("counts %s", async (_, line, kind, id, parentId) => {
    expect(await one(line)).toEqual({ kind, id, parentId, text: line });
  });

  test.each([
    ["record.missing_id", `{"node":{"id":"nested only"}}`],
    ["record.missing_id", `{"id":null}`],
    ["record.missing_id", `{"id":""}`],
    ["record.missing_id", `{"id":{"id":"x"}}`],
    ["record.missing_id", `{"id":true}`],
    ["record.missing_id", `{"id":"a","__parentId":["x"]}`],
    ["record.missing_id", String.raw`{"id":"\ud800"}`],
    ["record.missing_id", String.raw`{"id":"a\u0000b"}`],
    ["record.missing_id", `{"id":"a","__parentId":"${"x".repeat(4097)}"}`],
    ["record.missing_id", `{"id":"${"é".repeat(2049)}"}`],
    ["record.missing_id", `["id","x"]`],
    ["record.missing_id", `"id"`],
    ["record.missing_id", `{"__proto__":{"id":"no"}}`],
    ["record.invalid_json", `{"id":"a",}`],
    ["record.invalid_json", `{"id":"a"} {"id":"b"}`],
    ["record.invalid_json", `{'id':'a'}`],
    ["record.invalid_json", `{"id":"a","n":NaN}`],
    ["record.invalid_json", `\ufeff{"id":"a"}`],
    ["record.invalid_json", `{"id":"a","t":"\u0001"}`],
  ])("answers %s for %s", async (code, line) => {
    expect(await one(line)).toBe(code);
  });

  test("nesting a million deep neither overflows nor hides the id", async () => {
    const deep = `{"a":${"[".repeat(1e6)}${"]".repeat(1e6)},"id":12345678901234567890}`;
    expect(await one(deep)).toMatchObject({ id: "12345678901234567890" });
  });
});

describe("gaps", () => {
  test("each bad line is named by its number and the rest is kept", async () => {
    const notUtf8 = Buffer.concat([Buffer.from('{"id":"c","x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')]);
    const { records, gaps } = await read(pieces('{"id":"a"}\n\n{bad}\n{"x":1}\n', notUtf8, '  \r\n{"id":"é"}\r\n{"id":"cut","x":"hal'));
    expect(records.map((r) => [r.id, r.text])).toEqual([["a", '{"id":"a"}'], ["é", '{"id":"é"}\r']]);
    expect(gaps).toEqual([
      { code: "record.invalid_json", stream: "s", line: 3 },
      { code: "record.missing_id", stream: "s", line: 4 },
      { code: "record.not_utf8", stream: "s", line: 5 },
      { code: "record.truncated", stream: "s", line: 8 },
    ]);
  });

  test("a last line cut inside a character is truncated, a whole one without a line break is kept", async () => {
    const cut = await read(pieces(Buffer.from('{"id":"a","x":"é').subarray(0, -1)));
    expect(cut.gaps).toEqual([{ code: "record.truncated", stream: "s", line: 1 }]);
    const whole = await read(pieces('{"id":"a"}\n{"id":"b"}'));
    expect(whole.records.map((r) => r.id)).toEqual(["a", "b"]);
    expect(whole.gaps).toEqual([]);
  });

  test("an overlong line is skipped wherever it stands and lines after it keep their numbers", async () => {
    const long = `{"id":"long","x":"${"y".repeat(100)}"}`;
    for (const size of [1, 7, 50, 64, 65, 130, 1000]) {
      const bytes = Buffer.from(`${long}\n{"id":"a"}\n${long}\n${long}\n{oops\n${long}`);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
      const { records, gaps } = await read(pieces(...chunks), { maxLineBytes: 64 });
      expect(records.map((r) => r.id)).toEqual(["a"]);
      expect(gaps.map((g) => [g.code, g.line])).toEqual([
        ["record.too_large", 1],
        ["record.too_large", 3],
        ["record.too_large", 4],
        ["record.invalid_json", 5],
        ["record.too_large", 6],
      ]);
    }
  });

  test("blanks beyond the limit are a line too large, within it no line at all", async () => {
    for (const blank of [" ", "\t", "\r"]) {
      expect((await read(pieces(`${blank.repeat(64)}\n{"id":"a"}\n${blank.repeat(65)}\n${blank.repeat(65)}`), { maxLineBytes: 64 })).gaps.map((g) => [g.code, g.line])).toEqual([
        ["record.too_large", 3],
        ["record.too_large", 4],
      ]);
    }
  });

  test("a line of exactly the limit is kept, one byte more is not", async () => {
    const line = `{"id":"${"x".repeat(100)}"}`;
    expect((await read(pieces(line, "\n"), { maxLineBytes: line.length })).records).toHaveLength(1);
    expect((await read(pieces(`${line}\n`), { maxLineBytes: line.length - 1 })).gaps).toHaveLength(1);
  });

  test("a million bad lines are counted without a million objects", async () => {
    const { gaps } = await read(pieces("x\n".repeat(1e6), "{\n".repeat(10)));
    expect(gaps).toHaveLength(MAX_SINGLE_GAPS + 1);
    expect(gaps.at(-1)).toEqual({ code: "record.invalid_json", stream: "s", found: 1e6 + 10 - MAX_SINGLE_GAPS });
  });
});

describe("splitting", () => {
  test("a line of 4 MB that arrives in small chunks comes back whole", async () => {
    const line = `{"id":"big","x":"${"z".repeat(4 * 1024 * 1024)}"}`;
    const bytes = Buffer.from(`{"id":"a"}\n${line}\n{"id":"b"}\n`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) => bytes.subarray(n * 65_536, (n + 1) * 65_536));
    const { records, bytesRead } = await read(pieces(...chunks));
    expect(records.map((r) => r.id)).toEqual(["a", "big", "b"]);
    expect(records[1]!.text === line).toBe(true);
    expect(bytesRead).toBe(bytes.length);
  });

  test("the same bytes give the same records however they are cut, even when the source reuses its buffer", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "\n", "{", "}", '"id":', '"x"', "\r", " ", '{"id":"k"}\n') , maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(12)), fc.integer({ min: 4, max: 30 }), async (content, cuts, maxLineBytes) => {
        const bytes = Buffer.from(content);
        const whole = await read(pieces(bytes), { maxLineBytes });
        expect(await read(reused(bytes, cuts), { maxLineBytes, maxBatchRecords: 3 })).toEqual(whole);
      }),
    );
  });

  test("every byte that is not an overlong line is in exactly one batch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }).map((b) => b.map((x) => (x < 60 ? 10 : x))), fc.array(fc.nat(20)), async (bytes, cuts) => {
        const seen: Buffer[] = [];
        let line = 1;
        for await (const batch of splitLines(reused(Buffer.from(bytes), cuts))) {
          expect(batch.firstLine).toBe(line);
          line += batch.ends.length;
          let start = 0;
          for (const end of batch.ends) {
            expect(batch.bytes.subarray(start, end).includes(10)).toBe(false);
            start = end + 1;
          }
          seen.push(Buffer.from(batch.bytes));
        }
        expect(Buffer.concat(seen).equals(bytes)).toBe(true);
      }),
    );
  });
});

/** Hands out pieces of the given lengths through one buffer that is overwritten each time. */
async function* reused(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(bytes.length + 1);
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const end = Math.min(bytes.length, at + cut);
    buffer.fill(0x2a);
    bytes.copy(buffer, 0, at, end);
    yield buffer.subarray(0, end - at);
    at = end;
  }
}
