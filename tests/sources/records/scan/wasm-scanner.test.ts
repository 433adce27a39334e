/** What the scanner settles alone, and that the compiled module is what its source says. */
import { describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { readRecords } from "#app/sources/records/index.ts";
import { borrowScanner, giveBack, ROOM } from "#app/sources/records/scan/borrow.ts";
import { PlainScanner } from "#app/sources/records/scan/plain-scanner.ts";
import { WasmScanner } from "#app/sources/records/scan/wasm-scanner.ts";
import { byReference, byScanner } from "./reference.ts";

/** How many of the lines the reference was asked about. */
function asked(lines: readonly string[]): number {
  const scanner = new WasmScanner();
  const end = scanner.free + scanner.memory.write(lines.map((line) => `${line}\n`).join(""), scanner.free);
  expect(scanner.scan(scanner.free, end, 1e6, false)).toBe(end);
  expect(scanner.found.lines).toBe(lines.length);
  return scanner.found.asks;
}

describe("the scanner is sure", () => {
  test.each([
    ["an object of an export", `{"id":"gid://shopify/Customer/1","note":"SYNTHETIC words, {and} [more]: ~!","tags":["synthetic"],"x":{"y":[1,-2.5e+3,true,false,null,{}, []]}}`],
    ["JSON inside a string, which is half backslashes", String.raw`{"id":"a","value":"{\"a\":\"b\\n\",\"c\":[\"\u00e9\\\"\"]}","__parentId":"b"}`],
    ["every escape there is", String.raw`{"id":"a","x":"\b\f\n\r\t\/\\\"\u00e9\uD83D\ude00"}`],
    ["numbers of every form", `{"id":1,"x":[0,-0,10,0.5,-1.25,1e5,1E5,1e+5,1e-5,0e0,1.5E-10]}`],
    ["slashes of ids that are escaped", String.raw`{"id":"gid:\/\/shopify\/Customer\/1","__parentId":"gid:\/\/shopify\/Order\/1"}`],
    ["ids that are numbers", `{"id":90071992547409931234,"__parentId":-1.5}`],
    ["a kind from the type's name", `{"__typename":"Device","id":"17"}`],
    ["no kind at all", `{"id":"17","__parentId":null}`],
    ["keys that come twice", `{"id":{"id":1},"id":"b","__parentId":[1],"__parentId":"c","__typename":1,"__typename":"T"}`],
    ["letters of all languages", `{"id":"é😀","naïve":"\u2028"}`],
    ["blanks", ` \t{ "id" :\t"a" , "x" : [ ] } \r`],
    ["nesting of 63 levels in the object", `{"x":${"[".repeat(63)}${"]".repeat(63)},"id":"a"}`],
    ["a blank line", " \t\r"],
  ])("of %s", (_, line) => {
    expect(asked([line])).toBe(0);
  });

  test.each([
    ["a key that may be any key", String.raw`{"\u0069d":"a"}`],
    ["an id that may hold half a character", String.raw`{"id":"\u0041"}`],
    ["nesting of 64 levels in the object", `{"x":${"[".repeat(64)}${"]".repeat(64)},"id":"a"}`],
    ["a line without an id", `{"x":1}`],
    ["half a line", `{"id":"a"`],
    ["a line longer than allowed", `{"id":"${"a".repeat(1e6)}"}`],
  ])("but not of %s", (_, line) => {
    expect(asked([line])).toBe(1);
  });

  test("of a line whatever stood in memory before it", () => {
    const scanner = new WasmScanner();
    const line = Buffer.from('{"id":"ab"}\n');
    for (let at = 0; at < 64; at++) {
      for (const rest of ['"', "\\", "\n", "}", "\0"]) {
        scanner.memory.fill(rest, scanner.free, scanner.free + 256);
        line.copy(scanner.memory, scanner.free + at);
        scanner.scan(scanner.free + at, scanner.free + at + line.length, 100, false);
        expect(scanner.found).toEqual({ rows: 1, asks: 0, lines: 1, extra: 0 });
        expect([...scanner.rows.subarray(0, 7)]).toEqual([0, 11, 0, 7, 9, -1, -1]);
      }
    }
  });
});

describe("the scanner's memory", () => {
  test("has the room that readers count on, and bytes to look at beyond it", () => {
    const scanner = new WasmScanner();
    expect(scanner.memory.length - scanner.free).toBeGreaterThanOrEqual(ROOM);
  });

  test("keeps nothing of a reading that is over, be it read to its end, left, or broken off", async () => {
    const canary = "SYNTHETIC-CANARY-9d1f";
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new Error("the connection is gone");
    }
    async function* lines(then?: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`{"id":"${canary}\\n","__typename":"${canary}","x":"${"y".repeat(2 * 1024 * 1024)}"}\n{"id":"\\u0041${canary}"}\n`.repeat(3));
      if (then !== undefined) yield* then;
    }
    const scanner = borrowScanner();
    giveBack(scanner);
    for (const [bytes, stopAfter] of [[lines(), Infinity], [lines(), 1], [lines(broken()), Infinity]] as const) {
      let batches = 0;
      try {
        for await (const batch of readRecords(bytes, { stream: "s" }).batches()) if (batch.count > 0 && ++batches === stopAfter) break;
      } catch (error) {
        expect(String(error)).toContain("the connection is gone");
      }
      expect(batches).toBeGreaterThan(0);
      const again = borrowScanner();
      expect(again).toBe(scanner);
      expect(again.memory.includes(canary)).toBe(false);
      expect(again.extra.includes(canary)).toBe(false);
      expect(again.kinds).toEqual([]);
      giveBack(again);
    }
  });

  test("is never shared by two readings at once", async () => {
    async function* numbered(from: number): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 3; n++) yield Buffer.from(`{"id":${String(from + n)},"x":"${"y".repeat(1024 * 1024)}"}\n`);
    }
    const readings = [100, 200, 300].map((from) => readRecords(numbered(from), { stream: "s" }).records()[Symbol.asyncIterator]());
    const seen: string[][] = [[], [], []];
    for (let round = 0; round < 3; round++) {
      const got = await Promise.all(readings.map((reading) => reading.next()));
      for (const [n, { value }] of got.entries()) seen[n]!.push(...(value as { id: string }[]).map(({ id }) => id));
    }
    expect(seen).toEqual([["100", "101", "102"], ["200", "201", "202"], ["300", "301", "302"]]);
    for (const reading of readings) expect((await reading.next()).done).toBe(true);
  });
});

test("each compiled module is, byte for byte, what its source compiles to", async () => {
  const build = path.resolve(import.meta.dirname, "../../../../bin/build-scanner.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [build, "--check"]);
  expect(stdout).toBe("wasm.ts is scan.as compiled\nwasm.ts is members.as compiled\nwasm.ts is hmac.as compiled\n");
}, 120_000);

describe("where there is no WebAssembly", () => {
  test("the same records are read without it", async () => {
    const { WebAssembly: kept } = globalThis;
    const inUse = [borrowScanner(), borrowScanner()];
    try {
      Reflect.deleteProperty(globalThis, "WebAssembly");
      const scanner = borrowScanner();
      expect(scanner).toBeInstanceOf(PlainScanner);
      const bytes = Buffer.from(`{"id":"gid:\\/\\/shopify\\/Customer\\/1"}\n\n{"id":2,"__parentId":"p"}\n{"x":1}\n{"id":"cut`);
      const judged = await byScanner(bytes, { scanner });
      expect(judged).toEqual(byReference(bytes));
      expect(judged.records).toHaveLength(2);
      expect(judged.gaps).toHaveLength(2);
    } finally {
      Object.defineProperty(globalThis, "WebAssembly", { value: kept, configurable: true, writable: true, enumerable: false });
      for (const scanner of inUse) giveBack(scanner);
    }
  });
});
