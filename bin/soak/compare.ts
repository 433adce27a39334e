/**
 * Holds two sets of records against each other, record by record, in memory that does not grow with them: a row of 33 bytes per record (digest of its key,
 * digest of its bytes, its kind), filed by the key's first byte; then each file of one side against that of the other. What differs is read once more, and
 * told by kind and field name, never by a value.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RecordKey, SourceRecord } from "#app/vault/index.ts";

type Records = () => AsyncIterable<readonly SourceRecord[]>;

const HASH = 16;
const ROW = 2 * HASH + 1;
const FLUSH_ROWS = 2048;
/** So many differing records are looked into; more are counted. */
const LOOKED_INTO = 2000;

export interface Comparison {
  readonly records: { readonly shop: number; readonly vault: number };
  readonly byKind: Readonly<Record<string, { readonly shop: number; readonly vault: number }>>;
  /** Records only in the shop, only in the vault, in both with other contents. */
  readonly missing: number;
  readonly extra: number;
  readonly differing: number;
  /** The same key twice on one side. */
  readonly repeated: number;
  /** In both, and all that differs is that the vault still names a record which the shop has deleted since: the platform sends no word of such a member. */
  readonly unhooked: number;
  /** By kind and field; field "(whole record)" where it is on one side only, "(spelling)" where the same data is written in other bytes. */
  readonly differences: readonly { readonly kind: string; readonly field: string; readonly records: number }[];
}

/** `deleted`: ids of records that the shop deleted after what the vault's side is of was read. */
export async function compareRecords(shop: Records, vault: Records, directory: string, deleted: ReadonlySet<string> = new Set()): Promise<Comparison> {
  const room = mkdtempSync(join(directory, "compare-"));
  try {
    const kinds: string[] = [];
    const left = await file(shop, join(room, "shop"), kinds);
    const right = await file(vault, join(room, "vault"), kinds);
    const missing = new Set<string>();
    const extra = new Set<string>();
    const differing = new Set<string>();
    const counts = { missing: 0, extra: 0, differing: 0, repeated: 0 };
    const onlyKinds = new Map<string, number>();
    const note = (set: Set<string>, what: "missing" | "extra" | "differing", key: string): void => {
      counts[what]++;
      if (set.size < LOOKED_INTO) set.add(key);
    };
    for (let part = 0; part < 256; part++) {
      const ours = rows(join(room, "shop"), part);
      const theirs = rows(join(room, "vault"), part);
      counts.repeated += ours.repeated + theirs.repeated;
      for (const [key, row] of ours.rows) {
        const other = theirs.rows.get(key);
        if (other === undefined) {
          note(missing, "missing", key);
          tally(onlyKinds, kinds[row.kind] ?? "?");
        } else if (!other.digest.equals(row.digest)) note(differing, "differing", key);
        theirs.rows.delete(key);
      }
      for (const [key, row] of theirs.rows) {
        note(extra, "extra", key);
        tally(onlyKinds, kinds[row.kind] ?? "?");
      }
    }
    const differences = new Map<string, { kind: string; field: string; records: number }>();
    let unhooked = 0;
    for (const [kind, records] of onlyKinds) differences.set(`${kind} `, { kind, field: "(whole record)", records });
    for (const { kind, fields, unhooked: onlyThat } of await fieldsOf(differing, shop, vault, deleted)) {
      if (onlyThat) {
        unhooked++;
        counts.differing--;
        continue;
      }
      for (const field of fields) {
        const row = differences.get(`${kind} ${field}`) ?? { kind, field, records: 0 };
        differences.set(`${kind} ${field}`, { ...row, records: row.records + 1 });
      }
    }
    const byKind = Object.fromEntries(kinds.map((kind) => [kind, { shop: left.byKind.get(kind) ?? 0, vault: right.byKind.get(kind) ?? 0 }]));
    return { records: { shop: left.count, vault: right.count }, byKind, ...counts, unhooked, differences: [...differences.values()].sort((a, b) => b.records - a.records) };
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

function tally(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

const digest = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest().subarray(0, HASH);
const keyOf = ({ kind, parentId, id }: RecordKey): Buffer => digest(`${kind}\0${parentId ?? ""}\0${id}`);

async function file(records: Records, path: string, kinds: string[]): Promise<{ count: number; byKind: Map<string, number> }> {
  const waiting: Buffer[][] = Array.from({ length: 256 }, () => []);
  const byKind = new Map<string, number>();
  const flush = (part: number): void => {
    const list = waiting[part] ?? [];
    if (list.length > 0) appendFileSync(`${path}-${String(part)}`, Buffer.concat(list), { mode: 0o600 });
    waiting[part] = [];
  };
  let count = 0;
  for await (const batch of records()) {
    for (const record of batch) {
      count++;
      tally(byKind, record.kind);
      let kind = kinds.indexOf(record.kind);
      if (kind < 0) kind = kinds.push(record.kind) - 1;
      const key = keyOf(record);
      const part = key[0] ?? 0;
      const list = waiting[part] ?? [];
      list.push(Buffer.concat([key, digest(record.bytes), Buffer.from([kind])]));
      if (list.length >= FLUSH_ROWS) flush(part);
    }
  }
  for (let part = 0; part < 256; part++) flush(part);
  return { count, byKind };
}

function rows(path: string, part: number): { rows: Map<string, { digest: Buffer; kind: number }>; repeated: number } {
  const found = new Map<string, { digest: Buffer; kind: number }>();
  let repeated = 0;
  const name = `${path}-${String(part)}`;
  if (!existsSync(name)) return { rows: found, repeated };
  const bytes = readFileSync(name);
  for (let at = 0; at < bytes.length; at += ROW) {
    const key = bytes.toString("hex", at, at + HASH);
    if (found.has(key)) repeated++;
    found.set(key, { digest: bytes.subarray(at + HASH, at + 2 * HASH), kind: bytes[at + 2 * HASH] ?? 0 });
  }
  return { rows: found, repeated };
}

/** Which members of the named records differ. */
async function fieldsOf(keys: ReadonlySet<string>, shop: Records, vault: Records, deleted: ReadonlySet<string>): Promise<Differing[]> {
  if (keys.size === 0) return [];
  const ours = new Map<string, Uint8Array>();
  for await (const batch of shop()) {
    for (const record of batch) {
      const key = keyOf(record).toString("hex");
      if (keys.has(key)) ours.set(key, Uint8Array.from(record.bytes));
    }
  }
  const told: Differing[] = [];
  for await (const batch of vault()) {
    for (const record of batch) {
      const mine = ours.get(keyOf(record).toString("hex"));
      if (mine !== undefined) told.push({ kind: record.kind, ...differingMembers(mine, record.bytes, deleted) });
    }
  }
  return told;
}

interface Differing {
  readonly kind: string;
  readonly fields: readonly string[];
  readonly unhooked: boolean;
}

function differingMembers(shop: Uint8Array, vault: Uint8Array, deleted: ReadonlySet<string>): Pick<Differing, "fields" | "unhooked"> {
  let left: Readonly<Record<string, unknown>>;
  let right: Readonly<Record<string, unknown>>;
  try {
    left = JSON.parse(Buffer.from(shop).toString("utf8")) as Record<string, unknown>;
    right = JSON.parse(Buffer.from(vault).toString("utf8")) as Record<string, unknown>;
  } catch {
    return { fields: ["(bytes)"], unhooked: false };
  }
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
  const fields = names.length > 0 ? names : ["(spelling)"];
  return { fields, unhooked: names.length > 0 && names.every((name) => left[name] === null && deleted.has(idOf(right[name]))) };
}

function idOf(value: unknown): string {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" ? value.id : "";
}
