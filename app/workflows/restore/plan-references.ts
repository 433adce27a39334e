/**
 * Records that are as they were and name one that is gone: a prescription that names a deleted customer. The customer comes back under a new id, so what names them has
 * to follow, or the plan has to say that it cannot. Read from the snapshot of what the shop has now, in one pass; ids alone are looked at.
 */
import type { SourceRecord } from "#app/vault/index.ts";
import { RunFailed } from "../shared/failure.ts";

/** Ids as records spell them, also within a list that is a text itself, where slashes and quotes may be escaped. */
const GID = /gid:(?:\\*\/){2}[a-z-]+\\*\/[A-Za-z]+\\*\/[\w-]+/g;
/** Records that name what is gone, kept in mind while a plan is made. */
const MOST_REFERRING = 200_000;

/** Ids of `gone` that the record names. */
export function namedIn({ bytes }: Pick<SourceRecord, "bytes">, gone: ReadonlySet<string>): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (!text.includes("gid:")) return [];
  return [...text.matchAll(GID)].map(([id]) => id.replaceAll("\\", "")).filter((id) => gone.has(id));
}

export interface Referring {
  readonly batches: AsyncIterable<readonly SourceRecord[]>;
  readonly gone: ReadonlySet<string>;
  readonly rootOf: (id: string) => Promise<{ readonly kind: string; readonly id: string } | null>;
  readonly signal: AbortSignal;
  readonly onProgress: (looked: number) => void;
}

/** Roots of the records that name one of `gone`, each once, by kind and id. */
export async function referring({ batches, gone, rootOf, signal, onProgress }: Referring): Promise<ReadonlyMap<string, { readonly kind: string; readonly id: string }>> {
  const roots = new Map<string, { readonly kind: string; readonly id: string }>();
  let looked = 0;
  for await (const batch of batches) {
    signal.throwIfAborted();
    onProgress((looked += batch.length));
    for (const record of batch) {
      if (namedIn(record, gone).length === 0) continue;
      const root = record.parentId === null ? { kind: record.kind, id: record.id } : await rootOf(record.id);
      if (root === null || gone.has(root.id)) continue;
      roots.set(`${root.kind}\0${root.id}`, root);
      if (roots.size > MOST_REFERRING) throw new RunFailed("restore.too_many_new", "more records name what is gone than a plan keeps in mind");
    }
  }
  return roots;
}
