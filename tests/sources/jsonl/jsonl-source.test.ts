import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FileHandle } from "node:fs/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileBytes } from "#app/sources/jsonl/file-bytes.ts";
import { openJsonlSource } from "#app/sources/jsonl/index.ts";
import { SourceError } from "#app/sources/port.ts";
import { readRecords, recordsOf } from "#app/sources/records/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "jsonl-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function readAll(file: string, signal = new AbortController().signal) {
  const source = await openJsonlSource(file);
  const lines: Buffer[] = [];
  let outcome;
  for await (const stream of source.streams({ signal })) {
    for await (const batch of stream.records()) for (const record of batch) lines.push(Buffer.from(record.bytes));
    outcome = await stream.finish();
  }
  return { source, lines, outcome: outcome! };
}

describe("a JSONL file as a source", () => {
  test("gives every line back byte for byte across the borders of its pieces", async () => {
    const file = path.join(directory, "customers.jsonl");
    const content = Buffer.from(
      Array.from({ length: 40_000 }, (_, n) => `{"id":"gid://shopify/Customer/${n}","x":"${"é".repeat(n % 60)}"}\n`).join(""),
    );
    await writeFile(file, content);
    const { source, lines, outcome } = await readAll(file);
    expect(content.length).toBeGreaterThan(3 * 1024 * 1024);
    expect(Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")])).equals(content)).toBe(true);
    expect(outcome).toEqual({ gaps: [], counts: {}, bytesRead: content.length });
    expect(source.description).toEqual({ type: "jsonl", name: "customers.jsonl" });
    expect(source.orderedKinds.has("LineItem")).toBe(true);
  });

  test("tells how much of the file is read, and ends at all of it", async () => {
    const file = path.join(directory, "orders.jsonl");
    await writeFile(file, `{"id":"a","x":"${"y".repeat(1000)}"}\n`.repeat(4000));
    const source = await openJsonlSource(file);
    for await (const stream of source.streams({ signal: new AbortController().signal })) {
      const shares = [stream.share!()];
      for await (const batch of stream.batches!()) if (batch.count > 0) shares.push(stream.share!());
      expect(shares[0]).toBe(0);
      expect(shares.length).toBeGreaterThan(3);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares[1]).toBeLessThan(0.5);
      expect(shares.at(-1)).toBe(1);
    }
  });

  test("gives columns of the same records", async () => {
    const file = path.join(directory, "lines.jsonl");
    const content = '{"id":"a"}\n{"x":1}\n{"id":"gid://shopify/LineItem/2","__parentId":"gid:\\/\\/shopify\\/Order\\/1"}\n';
    await writeFile(file, content);
    const source = await openJsonlSource(file);
    for await (const stream of source.streams({ signal: new AbortController().signal })) {
      const found: unknown[] = [];
      for await (const batch of stream.batches!()) for (const { bytes, ...key } of recordsOf(batch)) found.push({ ...key, bytes: Buffer.from(bytes).toString() });
      const [a, , b] = content.split("\n");
      expect(found).toEqual([
        { kind: "record", id: "a", parentId: null, bytes: a },
        { kind: "LineItem", id: "gid://shopify/LineItem/2", parentId: "gid://shopify/Order/1", bytes: b },
      ]);
      expect((await stream.finish()).gaps).toEqual([{ code: "record.missing_id", stream: "lines.jsonl", line: 2 }]);
    }
  });

  test("names a missing file and a directory as such", async () => {
    await expect(openJsonlSource(path.join(directory, "none.jsonl"))).rejects.toMatchObject({ code: "source.not_found" });
    await expect(openJsonlSource(directory)).rejects.toMatchObject({ code: "source.bad_address" });
  });

  test("an empty file is a stream without records and without gaps", async () => {
    const file = path.join(directory, "empty.jsonl");
    await writeFile(file, "");
    expect(await readAll(file)).toMatchObject({ lines: [], outcome: { gaps: [], bytesRead: 0 } });
  });

  test("says in its own words that the file could not be read to its end, after what was read before", async () => {
    const line = Buffer.from('{"id":"a"}\n');
    let reads = 0;
    let closed = 0;
    const handle = {
      read: (into: Uint8Array) => {
        if (++reads === 3) return Promise.reject(Object.assign(new Error("EIO: /srv/secret/path"), { code: "EIO", syscall: "read" }));
        into.set(line);
        return Promise.resolve({ bytesRead: line.length });
      },
      close: () => Promise.resolve(void closed++),
    } as unknown as FileHandle;
    const failure = new SourceError("source.failed", "The source file could not be read.");
    const reading = readRecords(fileBytes(handle, new AbortController().signal, () => failure), { stream: "s" });
    let records = 0;
    await expect(
      (async () => {
        for await (const batch of reading.batches()) {
          records += batch.count;
          // The read that fails is over long before anybody asks for what it gave.
          await new Promise(setImmediate);
        }
      })(),
    ).rejects.toBe(failure);
    expect([records, reads, closed]).toEqual([2, 3, 1]);
  });

  test("closes the file when nobody wants the rest of it", async () => {
    let closed = 0;
    const handle = {
      read: (into: Uint8Array) => {
        into.set(Buffer.from('{"id":"a"}\n'));
        return Promise.resolve({ bytesRead: 11 });
      },
      close: () => Promise.resolve(void closed++),
    } as unknown as FileHandle;
    const reading = readRecords(fileBytes(handle, new AbortController().signal, (cause) => cause as Error), { stream: "s" });
    for await (const batch of reading.batches()) if (batch.count > 0) break;
    expect(closed).toBe(1);
  });

  test("stops with the signal's reason when it is aborted", async () => {
    const file = path.join(directory, "a.jsonl");
    await writeFile(file, '{"id":"a"}\n');
    const reason = new Error("stop");
    await expect(readAll(file, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
