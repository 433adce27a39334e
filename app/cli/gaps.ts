/** Gaps in words, for a terminal. */
import type { Gap, GapCode } from "#app/vault/index.ts";
import { count } from "./cli.ts";

const WORDS: Readonly<Record<GapCode, string>> = {
  "record.invalid_json": "is not valid JSON",
  "record.not_utf8": "is not UTF-8 text",
  "record.missing_id": "has no id of its own",
  "record.truncated": "is cut off",
  "record.duplicate": "repeats a record",
  "record.too_large": "is larger than a record may be",
  "stream.failed": "could not be read",
  "stream.cut": "broke off",
  "stream.partial": "came only in part",
  "count.mismatch": "does not have as many records as the source counts",
  "count.unknown": "could not be counted by the source",
};

const MOST = 20;

/** One line per gap, the first twenty, then how many more. */
export function gapLines(gaps: readonly Gap[], total: number): string[] {
  const lines = gaps.slice(0, MOST).map((gap) => {
    const place = gap.line === undefined ? [gap.stream, gap.kind, gap.id].filter((part) => part !== undefined).join(" ") : `${gap.stream} line ${count(gap.line)}`;
    const numbers = gap.expected === undefined ? (gap.found === undefined ? "" : ` (${count(gap.found)} more)`) : ` (${count(gap.found ?? 0)} found, ${count(gap.expected)} expected)`;
    return `  ${place} ${WORDS[gap.code]}${numbers}`;
  });
  return total > lines.length ? [...lines, `  and ${count(total - lines.length)} more`] : lines;
}
