/** Every version of given records that the journal holds, oldest first: for whoever asks what is kept about a person. */
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import type { Redactions } from "../retention/redactions.ts";
import type { VaultDescription } from "../types.ts";
import { JournalLog } from "./log.ts";
import { journalSegments } from "./needs.ts";
import { EntryRecords } from "./records.ts";

export interface JournalVersion {
  readonly record: SourceRecord;
  /** ISO 8601: when it was sealed. */
  readonly at: string;
  /** "delete": the record is the last known state of something that is gone. */
  readonly action: "upsert" | "delete";
}

/** Records whose own id or whose root's id is among `ids`. What was erased is left out. */
export async function* journalVersions(store: ObjectStore, description: VaultDescription, indexKey: Uint8Array, keys: ContentKeys, ids: ReadonlySet<string>, redactions: Redactions): AsyncGenerator<JournalVersion> {
  const log = new JournalLog(store, description);
  const records = new EntryRecords(store, Buffer.from(description.vaultId, "hex"), indexKey, keys, redactions);
  for await (const segment of journalSegments(store, description)) {
    for (const entry of log.entries(segment, indexKey)) {
      const all = ids.has(entry.id);
      for (const found of entry.records) {
        if (!all && !ids.has(found.key.id)) continue;
        const record = await records.open(found);
        if (record !== null) yield { record, at: segment.at, action: entry.change === "upsert" ? "upsert" : "delete" };
      }
    }
  }
}
