/** One event, and how it is written down: canonical JSON (RFC 8785), so that equal events are equal bytes. */
import { z } from "zod";
import { LedgerError } from "./errors.ts";

/** An entry's length is written in two bytes (C2SP tlog-tiles). */
const MAX_ENTRY_BYTES = 65_535;

const Text = z.string().max(1000).refine((text) => text.isWellFormed(), "not well-formed Unicode");

export const LedgerEntrySchema = z.strictObject({
  /** When it happened, UTC with milliseconds. */
  at: z.iso.datetime({ precision: 3 }),
  /** Who did it: a staff member's opaque id, "schedule", "cli". Never a name or an address. */
  actor: Text.min(1),
  /** Dotted, for example "snapshot.committed". */
  action: z.string().max(100).regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/),
  /** What it was done to: ids, digests, counts. Never the contents of a record. */
  subject: z.record(z.string().min(1).max(100), z.union([Text, z.number(), z.boolean()])),
  reason: Text.optional(),
  outcome: z.enum(["done", "refused", "failed"]),
});

export type LedgerEntry = z.infer<typeof LedgerEntrySchema>;

/** Throws LedgerError ledger.bad_entry, naming members but not their values. */
export function encodeEntry(entry: LedgerEntry): Uint8Array {
  const parsed = LedgerEntrySchema.safeParse(entry);
  if (!parsed.success) {
    const members = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.code}`).join(", ");
    throw new LedgerError("ledger.bad_entry", `The entry does not have the form of one (${members}).`);
  }
  const bytes = Buffer.from(canonicalJson(parsed.data), "utf8");
  if (bytes.length > MAX_ENTRY_BYTES) throw new LedgerError("ledger.bad_entry", `The entry has ${bytes.length} bytes; ${MAX_ENTRY_BYTES} is the most.`);
  return bytes;
}

/** Null when the bytes are not an entry in its one canonical form. */
export function decodeEntry(bytes: Uint8Array): LedgerEntry | null {
  try {
    const entry = LedgerEntrySchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return Buffer.compare(Buffer.from(canonicalJson(entry), "utf8"), bytes) === 0 ? entry : null;
  } catch {
    return null;
  }
}

/** Entries one after the other, each after its length. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]));
}

/** Null when the lengths do not add up. */
export function decodeBundle(bundle: Uint8Array): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = (bundle[at]! << 8) | (bundle[at + 1] ?? 0);
    const end = at + 2 + length;
    if (end > bundle.length) return null;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** RFC 8785 for what an entry holds: JSON.stringify writes strings and numbers as it asks; members are sorted by UTF-16 units. */
function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
