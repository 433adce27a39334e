/** Gets out what the journal has beyond the snapshot: every change in order, with the lines of its records. What is damaged is named and passed over. */
import { JournalNeeds } from "../journal/needs.ts";
import { EntryRecords } from "../journal/records.ts";
import { entriesOf } from "../journal/segment.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import { readRedactions } from "../retention/redactions.ts";
import type { VaultDescription } from "../types.ts";
import type { Findings } from "./findings.ts";

export interface SalvagedChange {
  readonly sequence: number;
  /** ISO 8601: when it was sealed, and when the state was fetched. */
  readonly sealedAt: string;
  readonly fetchedAt: string;
  readonly change: "upsert" | "tombstone";
  readonly kind: string;
  readonly id: string;
  /** upsert: the family, root first. tombstone: the last known state. What was erased or is damaged is left out. */
  readonly records: readonly SourceRecord[];
}

/** Answers how many changes were handed over. */
export async function salvageJournal(
  o: { readonly store: ObjectStore; readonly description: VaultDescription; readonly indexKey: Uint8Array; readonly keys: ContentKeys; readonly findings: Findings; readonly signal?: AbortSignal | undefined },
  sink: (change: SalvagedChange) => Promise<void>,
): Promise<number> {
  const { store, description, indexKey, keys, findings, signal } = o;
  const needs = new JournalNeeds(store, description);
  const opened = new EntryRecords(store, Buffer.from(description.vaultId, "hex"), indexKey, keys, await readRedactions(store, description));
  let changes = 0;
  for await (const segment of needs.fresh()) {
    signal?.throwIfAborted();
    let entries;
    try {
      entries = entriesOf(segment, description.vaultId, indexKey);
    } catch (error) {
      findings.fault(error, segment.objectKey);
      continue;
    }
    for (const { change, kind, id, fetchedAt, records } of entries) {
      const found: SourceRecord[] = [];
      for (const record of records) {
        try {
          const one = await opened.open(record);
          if (one !== null) found.push(one);
        } catch (error) {
          findings.fault(error, segment.objectKey);
        }
      }
      await sink({ sequence: segment.sequence, sealedAt: segment.at, fetchedAt: fetchedAt.toISOString(), change, kind, id, records: found });
      changes++;
    }
  }
  for (const object of needs.damaged) findings.add("journal.damaged", object, "it is not what the vault's key signed");
  return changes;
}
