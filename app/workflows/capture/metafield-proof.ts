/**
 * Does the platform tell when nothing but a metafield of a record changes? Shopify does not say, and reports go both ways, so it counts as unknown until it was seen:
 * a record that had been quiet was told of, came back as it was but for its metafields, and one of these was written in the moment that the message names.
 */
import { createHmac } from "node:crypto";
import type { SourceRecord } from "#app/vault/index.ts";
import type { CapturedState, PendingChange } from "../ports.ts";

/** Between a metafield's own time and that of the message. The platform's times are whole seconds. */
const SAME_MOMENT_MS = 5_000;
/** Nothing was heard of the record for so long: what follows on the heels of another change may have been told because of that. */
const QUIET_MS = 60_000;
/** A proof grows old with the platform's versions, of which each lives a year. */
export const PROVEN_MS = 90 * 86_400_000;
const METAFIELD = "Metafield";

/** Keyed digest, hex, of a record with its children, but for metafields and the time of the last change. `key`: the vault's index key. */
export function restOf(key: Uint8Array, records: readonly SourceRecord[]): string {
  const hmac = createHmac("sha256", key).update("holdfast capture rest v1\0");
  for (const [n, { kind, id, bytes }] of records.entries()) {
    if (kind === METAFIELD) continue;
    const content = n === 0 ? Buffer.from(JSON.stringify({ ...fieldsOf(bytes), updatedAt: null })) : bytes;
    hmac.update(`${kind} ${id} ${String(content.length)}\n`).update(content);
  }
  return hmac.digest("hex").slice(0, 32);
}

export function provesMetafields({ previous, rest, records, pending: { occurredAt } }: { readonly previous: CapturedState | null; readonly rest: string; readonly records: readonly SourceRecord[]; readonly pending: Pick<PendingChange, "occurredAt"> }): boolean {
  if (previous?.change !== "upsert" || previous.rest !== rest || occurredAt === null) return false;
  if (occurredAt.getTime() - previous.fetchedAt.getTime() < QUIET_MS) return false;
  return records.some(({ kind, bytes }) => kind === METAFIELD && Math.abs(Date.parse(String(fieldsOf(bytes)["updatedAt"])) - occurredAt.getTime()) <= SAME_MOMENT_MS);
}

function fieldsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Readonly<Record<string, unknown>>;
}
