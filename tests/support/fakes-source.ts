/** A source in memory, and a shop to restore into. Records are JSON lines with the synthetic mark. */
import type { Source, SourceRun, SourceStream, StreamOutcome } from "#app/sources/port.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Gap, SourceRecord } from "#app/vault/index.ts";
import type { RehearsalShop } from "#app/workflows/index.ts";
import { fakeRevision } from "./fakes-revision.ts";

export class FakeSource implements Source {
  readonly description = { type: "shopify", name: "test.myshopify.com", apiVersion: "2026-10" } as const;
  readonly orderedKinds = new Set<string>();
  records: SourceRecord[];
  gaps: Gap[] = [];
  counts: StreamOutcome["counts"] = {};
  /** Streams of which it is told at the beginning that they have failed. */
  failedEarly: readonly string[] = [];
  /** Thrown after so many records. */
  failAfter: { readonly records: number; readonly error: unknown } | null = null;
  /** Called before every batch. */
  onBatch: (n: number) => void | Promise<void> = () => undefined;
  readonly resumedWith: unknown[] = [];

  constructor(records: readonly SourceRecord[]) {
    this.records = [...records];
  }

  async *streams(run: SourceRun): AsyncGenerator<SourceStream> {
    this.resumedWith.push(run.resume ?? null);
    run.onProgress?.({ stream: "customers", phase: "running", objects: this.records.length, resume: { version: 1, operation: "gid://shopify/BulkOperation/1" } });
    const { records, failAfter, gaps, counts, onBatch } = this;
    for (const stream of this.failedEarly) run.onProgress?.({ stream, phase: "running", failed: "stream.failed", resume: { version: 1 } });
    await Promise.resolve();
    yield {
      name: "customers",
      async *records(): AsyncGenerator<readonly SourceRecord[]> {
        for (let at = 0, n = 0; at < records.length; at += 10, n++) {
          await onBatch(n);
          if (run.signal.aborted) throw new SourceError("source.cancelled", "cancelled", { cause: run.signal.reason });
          if (failAfter !== null && at >= failAfter.records) throw failAfter.error;
          yield records.slice(at, at + 10);
        }
      },
      finish: () => Promise.resolve({ gaps, counts, bytesRead: records.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) }),
    };
    run.onProgress?.({ stream: "customers", phase: "done", resume: { version: 1, operation: "gid://shopify/BulkOperation/1" } });
  }
}

export function customer(n: number, note = `SYNTHETIC ${n}`): SourceRecord {
  const id = `gid://shopify/Customer/${1000 + n}`;
  return { kind: "Customer", id, parentId: null, bytes: Buffer.from(JSON.stringify({ id, note })) };
}

export function metafield(n: number, value: string): SourceRecord {
  const id = `gid://shopify/Metafield/${5000 + n}`;
  const parentId = `gid://shopify/Customer/${1000 + n}`;
  return { kind: "Metafield", id, parentId, bytes: Buffer.from(JSON.stringify({ id, value, __parentId: parentId })) };
}

export function smallShop(customers = 25): SourceRecord[] {
  return Array.from({ length: customers }, (_, n) => [customer(n), metafield(n, `SYNTHETIC value ${n}`)]).flat();
}

/** A rehearsal shop that gives every record a new id. `spoil` changes what it holds after the restore. */
export function fakeRehearsal(o: { readonly spoil?: (records: SourceRecord[]) => SourceRecord[]; readonly refuse?: readonly string[]; readonly onRestore?: () => void } = {}): RehearsalShop & { stopped: boolean } {
  const source = new FakeSource([]);
  const newId = (id: string): string => id.replace(/\/(\d+)$/, (_, n: string) => `/${Number(n) + 900_000}`);
  const rename = (record: SourceRecord, name: (id: string) => string): SourceRecord => {
    const { __parentId: _dropped, ...fields } = JSON.parse(Buffer.from(record.bytes).toString()) as Record<string, unknown>;
    const parentId = record.parentId === null ? null : name(record.parentId);
    return { ...record, id: name(record.id), parentId, bytes: Buffer.from(JSON.stringify({ ...fields, id: name(record.id) })) };
  };
  return {
    shop: "rehearsal.myshopify.com",
    source,
    stopped: false,
    target: {
      description: { type: "shopify", name: "rehearsal.myshopify.com" },
      ...fakeRevision(),
      apply: async (records, run) => {
        o.onRestore?.();
        const ids = new Map<string, string>();
        const kept: SourceRecord[] = [];
        const refused: { id: string; kind: string; code: string }[] = [];
        for await (const batch of records(new Set(["Customer"]))) {
          for (const record of batch) {
            run.signal.throwIfAborted();
            if (o.refuse?.includes(record.id) === true) {
              refused.push({ id: record.id, kind: record.kind, code: "TAKEN" });
              continue;
            }
            ids.set(record.id, newId(record.id));
            kept.push(rename(record, newId));
          }
        }
        source.records = o.spoil?.(kept) ?? kept;
        return { created: kept.length, ids, refused, costPoints: kept.length * 10 };
      },
    },
    comparison: {
      original: () => (record) => rename(record, (id) => id),
      restored: (ids) => {
        const back = new Map([...ids].map(([old, now]) => [now, old]));
        return (record) => rename(record, (id) => back.get(id) ?? `new:${id}`);
      },
      fields: (a, b) => {
        const one = JSON.parse(Buffer.from(a).toString()) as Record<string, unknown>;
        const other = JSON.parse(Buffer.from(b).toString()) as Record<string, unknown>;
        return Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name]);
      },
      losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns" }],
    },
    stop(): Promise<void> {
      this.stopped = true;
      return Promise.resolve();
    },
  };
}
