/** The scanner against the reference: whatever the bytes are, both see the same records and the same gaps. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { PlainScanner } from "#app/sources/records/scan/plain-scanner.ts";
import { ROOM } from "#app/sources/records/scan/borrow.ts";
import { WasmScanner } from "#app/sources/records/scan/wasm-scanner.ts";
import { byReference, byScanner } from "./reference.ts";

const RUNS = process.env["SLOW"] === "1" ? 10_000 : 400;
const wasm = new WasmScanner();
const plain = new PlainScanner(ROOM);

/** All lines at once, in the WebAssembly's memory, so that every line stands at another place of a 16-byte block. */
async function agree(lines: readonly (string | Uint8Array)[]): Promise<void> {
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), Buffer.from("\n")]));
  expect(await byScanner(bytes, { scanner: wasm })).toEqual(byReference(bytes));
}

/** Pieces of JSON, whole and broken, from which a line is put together without a plan. */
const TOKENS = [
  ..."{}[]:,\"\\ \t\r-+.0123456789eEtfnu",
  '{"id":"a"', '"id"', '"__parentId"', '"__typename"', '"id":', '"__parentId":', '"__typename":', '{"id":', '}', "}}", "]]", "[{", '"a"', '""', '"gid://shopify/Customer/1"',
  String.raw`"gid:\/\/shopify\/Customer\/1"`, String.raw`"\u0069d"`, String.raw`"\ud83d\ude00"`, String.raw`"\ud800"`, String.raw`"\u0000"`, String.raw`"\\"`, String.raw`"\""`, String.raw`\u12`, String.raw`\x`,
  "true", "false", "null", "tru", "nul", "falsy", "-0", "01", "1e5", "1E+5", "-1.5e-10", "1.", ".5", "1e", "--1", "90071992547409931234", "NaN", "Infinity",
  "é", "😀", "\ufeff", "\u0000", "\u001f", "\u007f", "\u2028", "'", "//", "/*", "__proto__", '"__proto__":',
] as const;

const soup = fc.array(fc.constantFrom(...TOKENS), { maxLength: 24 }).map((tokens) => tokens.join(""));
/** Something in the shape of a record, which a line without a plan hardly ever is. */
const name = fc.oneof(fc.constantFrom("id", "__parentId", "__typename", "i", "id ", "ID", "x", "__parentid", "__typenames"), fc.string({ maxLength: 20 }));
const escaped = fc.constantFrom((text: string) => JSON.stringify(text), (text: string) => JSON.stringify(text).replaceAll("/", "\\/"), everyCharacterEscaped);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.oneof(fc.string({ unit: "grapheme", maxLength: 30 }), fc.constantFrom("gid://shopify/Order/17", "gid://s/T/", "gid://s/T", "gid:///T/1", "gid://s//1", "gid://s/9T/1", "gid://s/_T9/1", "a/b\\c\"d")), escaped).map(([text, write]) => write(text)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom("null", "true", "[]", "{}", "0", "-1.25E+3", "12345678901234567890", '{"id":"inner"}', '[{"id":"inner"}]', '"\\ud800"', '"a\\u0000b"', '""', '[[],[{}],{"a":[]}]') },
);
const space = fc.constantFrom("", "", "", " ", "\t", "\r", "  \t ");
const member = fc.tuple(name, escaped, space, space, value, space).map(([key, write, a, b, text, c]) => `${write(key)}${a}:${b}${text}${c}`);
const object = fc.tuple(fc.array(member, { maxLength: 6 }), space, space).map(([members, a, b]) => `${a}{${b}${members.join(`,${b}`)}}${a}`);

describe("scanner and reference agree", () => {
  test("on lines put together from pieces of JSON", async () => {
    await fc.assert(fc.asyncProperty(fc.array(soup, { minLength: 1, maxLength: 60 }), agree), { numRuns: RUNS });
  }, 300_000);

  test("on objects of all shapes", async () => {
    await fc.assert(fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 40 }), agree), { numRuns: RUNS });
  }, 300_000);

  test("on objects that were cut, glued, or had a byte changed", async () => {
    const bytes = fc.oneof(fc.constantFrom(...Buffer.from('{}[]:,"\\ \t\r\nu0e-.')), fc.nat(255));
    const change = fc.record({ how: fc.constantFrom("set", "insert", "delete", "cut", "repeat"), at: fc.nat(1000), length: fc.nat(20), byte: bytes });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.oneof(object, fc.constantFrom(...REAL)), fc.array(change, { maxLength: 3 })), { minLength: 1, maxLength: 20 }), async (made) => {
        await agree(made.map(([line, changes]) => changes.reduce(mutate, Buffer.from(line))));
      }),
      { numRuns: RUNS },
    );
  }, 300_000);

  test("on bytes of any kind, however they are cut and whatever the limit", async () => {
    const bytes = fc.array(fc.oneof(object, soup, fc.constant("\n"), fc.constant("\n\n")), { maxLength: 12 }).map((parts) => Buffer.from(parts.join("")));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, fc.uint8Array({ maxLength: 60 })), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 }), async (content, cut, maxLineBytes) => {
        const expected = byReference(content, maxLineBytes);
        expect(await byScanner(content, { scanner: wasm, cut, maxLineBytes })).toEqual(expected);
        expect(await byScanner(content, { scanner: plain, cut, maxLineBytes })).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  }, 300_000);

  test("on what stands at each place of a block: quotes, runs of backslashes, control characters, ends of lines", async () => {
    const lines: string[] = [];
    for (let before = 0; before < 34; before++) {
      const pad = "p".repeat(before);
      for (let run = 0; run <= 6; run++) {
        for (const after of ['"', '"x"', 'n"', '/"', 'u0041"', 'u00g1"', 'x"', '", "y":"', "\u0001\"", "\u0001\"\"", "\t\"", "é\""]) lines.push(`{"${pad}":"${pad}${"\\".repeat(run)}${after},"id":"${pad}k"}`, `{"id":"${pad}${"\\".repeat(run)}${after}}`);
      }
      lines.push(`{"id":"${pad}"`, `{"id":"${pad}\\"`, `{"id":"${pad}\\`, `{"id":"a","n":${pad.replaceAll("p", "1")}}`, `{"id":"a","${pad}\u0000":1}`, `${pad.replaceAll("p", " ")}{"id":"a"}${pad.replaceAll("p", "\r")}`);
    }
    await agree(lines);
  });

  test("on every character behind a backslash, in \\u, as a value, between tokens and inside a string", async () => {
    const lines: Uint8Array[] = [];
    for (let c = 0; c < 256; c++) {
      if (c === 0x0a) continue;
      for (const around of [['{"id":"a', '"}'], ['{"id":"\\', '"}'], ['{"id":"\\u00', '1"}'], ['{"id":"\\u', '001"}'], ['{"id":"\\u004', '"}'], ...["\\", "\\u", "\\u0", "\\u00", "\\u004", "\\u0041"].map((before) => [`{"id":"a","x":"${before}`, `${"0041".slice(Math.max(0, before.length - 1))}"}`] as const), ['{"id":', "}"], ['{"id":1', "}"], ['{"id":-', "}"], ['{"id":0.', "}"], ['{"id":0e', "}"], ['{"id":1e+', "}"], ['{"id":"a"', "}"], ['{"id":"a"}', ""], ["", '{"id":"a"}'], ['{"id"', ':"a"}'], ["{", '"id":"a"}'], ['{"id":"a","x":[1', "]}"], ['{"id":"a","x":[', "1]}"], ['{"id":"gid://s', '/T/1"}'], ['{"id":"gid://s/', 'T/1"}'], ['{"id":"gid://s/T', '/1"}']] as const) {
        lines.push(Buffer.concat([Buffer.from(around[0]), Buffer.from([c]), Buffer.from(around[1])]));
      }
    }
    // Each on its own too: one line that is not UTF-8 sends all lines around it to the reference.
    await agree(lines);
    await agree(lines.filter((line) => line.every((byte) => byte < 0x80)));
  });

  test("on nesting of any depth, closed right or wrong", async () => {
    const lines: string[] = [];
    for (const depth of [0, 1, 2, 61, 62, 63, 64, 65, 66, 127, 128, 1000]) {
      for (const [open, shut] of [["[", "]"], ['{"id":', "}"], ['[{"a":', "}]"], ["[", "}"], ['{"a":', "]"]] as const) {
        for (const inside of ["1", "", '"id"', "{}", "[]"]) {
          const nested = `${open.repeat(depth)}${inside}${shut.repeat(depth)}`;
          lines.push(`{"id":"a","x":${nested}}`, `{"x":${nested},"id":"a"}`, `{"x":${nested}`, `{"x":${nested}]}`, `{"id":"a","x":${nested}]`, nested);
        }
      }
    }
    await agree(lines);
  });

  test("on every type of value for each name, once and twice", async () => {
    const values = ["null", "true", "false", "0", "-1.5", '"x"', '""', '"gid://s/Order/1"', '"gid://s/Order"', "[]", "{}", '["x"]', '{"id":"x"}', String.raw`"a\/b"`, String.raw`"\u0041"`];
    const lines: string[] = [];
    for (const a of values) {
      for (const b of values) {
        for (const c of values) lines.push(`{"id":${a},"__parentId":${b},"__typename":${c}}`);
        for (const member of ["id", "__parentId", "__typename"]) lines.push(`{"id":"k","${member}":${a},"${member}":${b}}`, `{"${member}":${a},"x":1,"${member}":${b},"id":"k"}`);
      }
    }
    await agree(lines);
  });

  test("on words with any letter changed, missing or doubled", async () => {
    const lines: string[] = [];
    for (const word of ["true", "false", "null"]) {
      for (let at = 0; at < word.length; at++) {
        const [head, tail] = [word.slice(0, at), word.slice(at + 1)];
        for (const other of ["", word[at]!.toUpperCase(), word[at]! + word[at]!, "x", " ", ",", "}", '"']) lines.push(`{"id":"a","x":${head}${other}${tail}}`, `{"id":"a","x":[${head}${other}${tail}]}`, `{"id":"a","x":${head}${other}${tail}`);
      }
    }
    await agree(lines);
  });

  test("on names at the limits of what the vault holds", async () => {
    const lines: string[] = [];
    for (const member of ["id", "__parentId", "__typename"]) {
      for (const text of ["x".repeat(4095), "x".repeat(4096), "x".repeat(4097), "é".repeat(2048), "é".repeat(2049), `${"é".repeat(2047)}xx`, "\\/".repeat(2047), "\\/".repeat(2048), "\\/".repeat(4096), "\\/".repeat(4097), "\\u0041".repeat(4096), `gid://s/${"T".repeat(4083)}/1`]) {
        lines.push(`{"id":"k","${member}":"${text}"}`, `{"__parentId":"${text}","${member}":"${text}","id":"${text}"}`);
      }
      for (const digits of [4096, 4097]) lines.push(`{"id":"k","${member}":1${"0".repeat(digits - 1)}}`);
    }
    await agree(lines);
  });

  test("on more lines, more escaped names and more kinds than there is room for at once", async () => {
    await agree(Array.from({ length: 10_000 }, (_, n) => `{"id":${String(n)}}`));
    await agree(Array.from({ length: 200 }, (_, n) => `{"id":"${String(n)}${"\\n".repeat(1800)}","__parentId":"${"\\t".repeat(2000)}"}`));
    await agree(Array.from({ length: 200 }, (_, n) => `{"id":"${String(n)}${"\\u00e9".repeat(1800)}","__parentId":"${"\\u0041".repeat(4000)}"}`));
    await agree(Array.from({ length: 9000 }, (_, n) => `{"id":"gid://s/K${String(n % 5000)}/1"}`));
    await agree(Array.from({ length: 9000 }, (_, n) => `{"id":"\\u0041","__typename":"K${String(n)}"}`));
    await agree(Array.from({ length: 300 }, (_, n) => `{"id":"a","__typename":"${String(n % 150)}${"T".repeat(4000)}"}`));
  });
});

/** Lines as a bulk export has them; synthetic. */
const REAL = [
  `{"id":"gid://shopify/Customer/7000000000000","firstName":"Quin","lastName":"Brandt (synthetic)","email":"quin@example.com","tags":["synthetic","plan-23"],"taxExempt":false,"defaultAddress":{"zip":"45758","provinceCode":null},"amountSpent":{"amount":"0.0"},"numberOfOrders":12}`,
  String.raw`{"id":"gid://shopify/Metafield/30000000000000","namespace":"synthetic_care","type":"json","value":"{\"synthetic\":true,\"rx\":\"079714075\",\"history\":[\"2023-12-28T11:22:41Z\",\"a\\nb\"],\"refills\":2}","__parentId":"gid://shopify/Customer/7000000000000"}`,
  String.raw`{"__typename":"LineItem","id":"gid:\/\/shopify\/LineItem\/1","title":"SYNTHETIC \u00e9\ud83d\ude00 lens 😀","quantity":1,"price":-1.50e+2,"__parentId":"gid:\/\/shopify\/Order\/30"}`,
];

function mutate(line: Buffer, change: { how: string; at: number; length: number; byte: number }): Buffer {
  const at = line.length === 0 ? 0 : change.at % line.length;
  const [head, tail] = [line.subarray(0, at), line.subarray(at)];
  const byte = Buffer.from([change.byte]);
  if (change.how === "set") return Buffer.concat([head, byte, tail.subarray(1)]);
  if (change.how === "insert") return Buffer.concat([head, byte, tail]);
  if (change.how === "delete") return Buffer.concat([head, tail.subarray(change.length)]);
  if (change.how === "cut") return Buffer.from(head);
  return Buffer.concat([head, tail.subarray(0, change.length), tail]);
}

function everyCharacterEscaped(text: string): string {
  return `"${[...Array(text.length).keys()].map((n) => `\\u${text.charCodeAt(n).toString(16).padStart(4, "0")}`).join("")}"`;
}
