/**
 * Terms of records, by kind. Nearly all records are scanned for the few members that are known (scan/); one that the scanner is not sure of is parsed. Both say the same, which
 * tests hold them to.
 */
import { KNOWN_MEMBERS } from "./known-members.ts";
import type { Member, Members } from "./known-members.ts";
import { memberScanner } from "./scan/member-scanner.ts";
import type { FoundMany } from "./scan/member-scanner.ts";
import { LARGEST, textTerms } from "./text-terms.ts";
import type { Found } from "./text-terms.ts";
import { TERM } from "./types.ts";

type Parsed = Readonly<Record<string, unknown>>;

const object = (value: unknown): Parsed | null => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Parsed) : null);

function read(at: Parsed, members: Members, found: Found): void {
  for (const [name, member] of Object.entries(members)) one(at, at[name], member, found);
}

function one(at: Parsed, value: unknown, member: Member, found: Found): void {
  if (typeof member === "string") {
    if (typeof value === "string") textTerms(TERM[member], value, found);
  } else if ("phone" in member) {
    if (typeof value === "string") textTerms(TERM.phone, value, found, countryOf(at, member.phone));
  } else if ("into" in member) {
    const inner = object(value);
    if (inner !== null) read(inner, member.into, found);
  } else if (Array.isArray(value)) {
    for (const each of value as readonly unknown[]) {
      const inner = object(each);
      if (inner !== null) read(inner, member.each, found);
    }
  }
}

function countryOf(at: Parsed, paths: readonly (readonly string[])[]): string | null {
  for (const path of paths) {
    let value: unknown = at;
    for (const name of path) value = object(value)?.[name];
    if (value !== undefined && value !== null) return typeof value === "string" ? value : null;
  }
  return null;
}

/** What the vault is handed (TermSource). Version 1. */
export const recordTerms = {
  version: 1,
  module: { url: import.meta.url, name: "recordTerms" },
  kinds: new Set(Object.keys(KNOWN_MEMBERS)) as ReadonlySet<string>,
  /** Parses the record. */
  read(kind: string, bytes: Uint8Array, start: number, end: number, found: Found): void {
    const members = KNOWN_MEMBERS[kind];
    if (members === undefined || end - start > LARGEST) return;
    let value: unknown;
    try {
      // Node's own decoder, which knows plain ASCII at a glance.
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", start, end));
    } catch {
      // What is no JSON has no members; it is kept as it is, and found by its id.
      return;
    }
    const at = object(value);
    if (at !== null) read(at, members, found);
  },
  /** The same without parsing, where that can be done for sure: else false, and nothing was put out. */
  scan(kind: string, bytes: Uint8Array, start: number, end: number, found: FoundMany): boolean {
    return end - start <= LARGEST && (memberScanner()?.scan(kind, bytes, start, end, found) ?? false);
  },
};
