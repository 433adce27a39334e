/** What the lines of some bytes are, by the reference alone: split at "\n", UTF-8, then identify(). Shares nothing with the code under test but that. */
import { isUtf8 } from "node:buffer";
import { identify } from "#app/sources/records/identify.ts";
import { readRecords } from "#app/sources/records/index.ts";
import type { LineScanner } from "#app/sources/records/scan/line-scanner.ts";

export interface Judged {
  readonly records: readonly { readonly kind: string; readonly id: string; readonly parentId: string | null; readonly bytes: string }[];
  readonly gaps: readonly { readonly code: string; readonly line?: number }[];
}

/** Bytes as text that shows every one of them. */
const shown = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

export function byReference(bytes: Uint8Array, maxLineBytes = Infinity): Judged {
  const records: Judged["records"][number][] = [];
  const gaps: Judged["gaps"][number][] = [];
  const lines = shown(bytes).split("\n");
  // What follows the last line break is a line only if it is anything.
  if (lines.at(-1) === "") lines.pop();
  for (const [n, latin1] of lines.entries()) {
    const line = Buffer.from(latin1, "latin1");
    const last = n === lines.length - 1 && bytes.at(-1) !== 0x0a;
    const gap = (code: string): unknown => gaps.push({ code, line: n + 1 });
    if (line.length > maxLineBytes) gap("record.too_large");
    else if (/^[ \t\r]*$/.test(latin1)) continue;
    else if (!isUtf8(line)) gap(last ? "record.truncated" : "record.not_utf8");
    else {
      const found = identify(line.toString("utf8"));
      if (found === "missing_id") gap("record.missing_id");
      else if (found === "invalid_json") gap(last ? "record.truncated" : "record.invalid_json");
      else records.push({ kind: found.kind, id: found.id, parentId: found.parentId, bytes: latin1 });
    }
  }
  return { records, gaps };
}

export async function byScanner(bytes: Uint8Array, options: { scanner?: LineScanner; maxLineBytes?: number; cut?: number } = {}): Promise<Judged> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const size = options.cut ?? Math.max(1, bytes.length);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const reading = readRecords(pieces(), {
    stream: "s",
    ...(options.scanner === undefined ? {} : { scanner: options.scanner }),
    ...(options.maxLineBytes === undefined ? {} : { maxLineBytes: options.maxLineBytes }),
  });
  const records: Judged["records"][number][] = [];
  for await (const batch of reading.records()) for (const { kind, id, parentId, bytes } of batch) records.push({ kind, id, parentId, bytes: shown(bytes) });
  return { records, gaps: reading.gaps.map(({ code, line }) => ({ code, ...(line === undefined ? {} : { line }) })) };
}
