/** Gaps in words: what is missing, in whole sentences, never with a value of a record. */
import type { Gap, GapCode } from "#app/vault/index.ts";
import { kindName } from "./kinds.ts";
import { count, number } from "./numbers.ts";

interface GapWords {
  /** A short name for lists and filters. */
  readonly name: string;
  /** What happened to this one. */
  readonly sentence: (gap: Gap) => string;
  /** What to do about it. */
  readonly todo: string;
}

const AGAIN = "Take another snapshot: most of these pass by themselves.";
const SUPPORT = "Take another snapshot. If it is there again, send the technical details to support; they hold no customer data.";

export const GAP_WORDS: Record<GapCode, GapWords> = {
  "record.invalid_json": { name: "Unreadable record", sentence: (g) => `${place(g)} arrived as something that is not valid JSON and was not kept.`, todo: SUPPORT },
  "record.not_utf8": { name: "Unreadable text", sentence: (g) => `${place(g)} arrived with bytes that are not text (UTF-8) and was not kept.`, todo: SUPPORT },
  "record.missing_id": { name: "Record without an id", sentence: (g) => `${place(g)} arrived without an id, so it could not be filed and was not kept.`, todo: SUPPORT },
  "record.truncated": { name: "Cut-off record", sentence: (g) => `${place(g)} was cut off while it was being sent and was not kept.`, todo: AGAIN },
  "record.duplicate": { name: "Record sent twice", sentence: (g) => `${place(g)} was sent twice; the first one was kept.`, todo: AGAIN },
  "record.too_large": { name: "Record too large", sentence: (g) => `${place(g)} is larger than a record may be and was not kept.`, todo: SUPPORT },
  "stream.failed": { name: "Could not be read", sentence: (g) => `${capital(streamName(g))} could not be read to their end${WHY[g.reason ?? ""] ?? ""}. What was kept before is kept on.`, todo: AGAIN },
  "stream.cut": { name: "Connection lost", sentence: (g) => `The connection was lost while ${streamName(g)} were being sent; the rest of them is missing.`, todo: AGAIN },
  "stream.partial": { name: "Only a part was sent", sentence: partial, todo: AGAIN },
  "count.mismatch": { name: "Counts differ", sentence: mismatch, todo: "Take another snapshot: records that were being added or removed at that moment explain small differences." },
  "count.unknown": { name: "Not counted by the shop", sentence: (g) => `The shop did not say how many ${nounsOf(g)} it has, so we cannot say that all of them are here.`, todo: AGAIN },
};

/** The source's own codes for what went wrong, where a person can do something with them. */
const WHY: Readonly<Record<string, string>> = {
  ACCESS_DENIED: ": the store refused, a permission is missing",
  SCHEMA_MISMATCH: ": Shopify's API no longer has a field that we read",
  TIMEOUT: ": Shopify took too long to prepare them",
  STALLED: ": Shopify stopped preparing them, twice",
  INTERNAL_SERVER_ERROR: ": Shopify failed, twice",
};

function partial(gap: Gap): string {
  const names = streamName(gap);
  switch (gap.reason) {
    case "incremental": return `Of ${names} only what had changed was read, as asked for; the rest is as in the snapshot before, and what was deleted since is not seen.`;
    case "NO_CURSOR": return `Shopify said that there are more ${names}, and not where; the rest is missing.`;
    case "PAGINATION_LIMIT": return `Shopify lists no more than 25,000 ${names}; the rest is missing.`;
    case "TOO_MANY_CHILDREN": return `One of ${names} has more parts than Shopify gives out at once; the rest of them is missing.`;
    default: return `Shopify could prepare only a part of ${names}; what it had is kept.`;
  }
}

function mismatch(gap: Gap): string {
  const { expected, found } = gap;
  if (expected === undefined || found === undefined) return `The number of ${nounsOf(gap)} here is not the number the shop gave.`;
  const off = expected - found;
  const what = off > 0 ? `${number(off)} missing` : `${number(-off)} too many`;
  return `${capital(nounsOf(gap))}: ${number(found)} counted here, ${number(expected)} by the shop; ${what}.`;
}

export function gapSentence(gap: Gap): string {
  return words(gap.code).sentence(gap);
}

export function gapName(code: string): string {
  return words(code).name;
}

export function gapTodo(code: string): string {
  return words(code).todo;
}

/** Code that a newer vault may bring: still named, never hidden. */
function words(code: string): GapWords {
  return (GAP_WORDS as Record<string, GapWords>)[code]
    ?? { name: "Something is missing", sentence: (g) => `${place(g)}: ${code}.`, todo: SUPPORT };
}

/** For a first line: "312 draft orders". */
export function gapInShort(gap: Gap): string {
  if (gap.code === "count.mismatch" && gap.expected !== undefined && gap.found !== undefined) {
    const off = Math.abs(gap.expected - gap.found);
    const kind = kindName(gap.kind ?? gap.stream, off);
    return `${number(off)} ${kind}${gap.expected > gap.found ? "" : " too many"}`;
  }
  if (gap.code.startsWith("stream.")) return streamName(gap);
  return count(1, kindName(gap.kind ?? gap.stream, 1));
}

function nounsOf(gap: Gap): string {
  return kindName(gap.kind ?? gap.stream, 2);
}

function streamName(gap: Gap): string {
  return kindName(gap.stream, 2);
}

function place(gap: Gap): string {
  const noun = gap.kind ? `A record of ${kindName(gap.kind, 2)}` : "A record";
  return gap.line === undefined ? `${noun} (${gap.stream})` : `${noun} (${gap.stream}, line ${number(gap.line)})`;
}

function capital(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1);
}
