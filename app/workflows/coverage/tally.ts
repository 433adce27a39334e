/**
 * Counts what passes by on its way into a snapshot: records and bytes by kind, metafields by owner, namespace and key. Of a record's contents only the two names
 * that a metafield begins with are looked at, and only where they have the form of names.
 */
import { ROW, ROW_WIDTH, type RecordBatch, type SourceRecord } from "#app/vault/index.ts";
import type { InventoryEntry } from "../ports.ts";

/** Combinations kept apart; beyond these they are summed up, so that a shop cannot make us keep without end. */
const MOST = 5_000;
/** Names stand at the beginning of a metafield: id, namespace, key. */
const HEAD_BYTES = 700;
const NAMES = /"namespace":"([A-Za-z0-9_$-]{1,255})","key":"([A-Za-z0-9_$-]{1,64})"/;
const METAFIELD = "Metafield";
const GID_TYPE = /^gid:\/\/[^/]+\/([A-Za-z]+)\//;

interface Sum {
  readonly entry: Omit<InventoryEntry, "records" | "bytes">;
  records: number;
  bytes: number;
}

export class Tally {
  readonly #sums = new Map<string, Sum>();

  note(batch: readonly SourceRecord[] | RecordBatch): void {
    if ("rows" in batch) this.#rows(batch);
    else for (const { kind, parentId, bytes } of batch) this.#one(kind, bytes.byteLength, () => head(bytes, 0, bytes.byteLength), () => parentId ?? "");
  }

  entries(): readonly InventoryEntry[] {
    return [...this.#sums.values()].map(({ entry, records, bytes }) => ({ ...entry, records, bytes }));
  }

  #rows({ rows, kinds, count, bytes, extra }: RecordBatch): void {
    const metafield = kinds.indexOf(METAFIELD);
    const sums = kinds.map((kind) => ({ kind, records: 0, bytes: 0 }));
    for (let n = 0; n < count; n++) {
      const row = n * ROW_WIDTH;
      const kind = rows[row + ROW.kind]!;
      const start = rows[row + ROW.start]!;
      const end = rows[row + ROW.end]!;
      if (kind === metafield) {
        this.#one(METAFIELD, end - start, () => head(bytes, start, end), () => {
          const from = rows[row + ROW.parentStart]!;
          const to = rows[row + ROW.parentEnd]!;
          if (from === -1) return "";
          return from < bytes.length ? text(bytes, from, to) : text(extra, from - bytes.length, to - bytes.length);
        });
        continue;
      }
      const sum = sums[kind]!;
      sum.records++;
      sum.bytes += end - start;
    }
    for (const { kind, records, bytes: size } of sums) if (records > 0) this.#add({ kind, owner: "", namespace: "", key: "" }, records, size);
  }

  #one(kind: string, bytes: number, start: () => string, parent: () => string): void {
    if (kind !== METAFIELD) return this.#add({ kind, owner: "", namespace: "", key: "" }, 1, bytes);
    const [, namespace = "", key = ""] = NAMES.exec(start()) ?? [];
    const owner = GID_TYPE.exec(parent())?.[1] ?? "";
    this.#add({ kind, owner, namespace, key }, 1, bytes);
  }

  #add(entry: Sum["entry"], records: number, bytes: number): void {
    let name = `${entry.kind}\n${entry.owner}\n${entry.namespace}\n${entry.key}`;
    if (!this.#sums.has(name) && this.#sums.size >= MOST) {
      entry = { kind: entry.kind, owner: "", namespace: "", key: "" };
      name = `${entry.kind}\n\n\n`;
    }
    const sum = this.#sums.get(name);
    if (sum === undefined) this.#sums.set(name, { entry, records, bytes });
    else {
      sum.records += records;
      sum.bytes += bytes;
    }
  }
}

function head(bytes: Uint8Array, start: number, end: number): string {
  return text(bytes, start, Math.min(end, start + HEAD_BYTES));
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
