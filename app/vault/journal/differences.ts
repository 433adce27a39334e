/** What a snapshot has otherwise than the snapshot before it, and whether the journal had it: the index key is all it takes. */
import { nameBytes, partsOf, recordKeyOf } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { RecordKey } from "../record.ts";
import { IndexReader, type MergedCursor } from "../tree/index-reader.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";
import { sortKeyOfRecord } from "./entries.ts";
import { journalOverlay, type Overlay } from "./state.ts";

export interface JournalDifference {
  readonly key: RecordKey;
  /** confirmed: the journal has it as the snapshot has it, or newer. missed: the journal never heard of it, or has it otherwise. */
  readonly verdict: "confirmed" | "missed";
}

export interface JournalDifferences {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly previous: SnapshotManifest;
  readonly current: SnapshotManifest;
  /** Entries sealed until then count: a message may come a little after the snapshot that saw its change. */
  readonly until: Date;
  readonly onFault?: (object: string, fault: "damaged" | "missing") => void;
}

const READ_AHEAD = 512 * 1024;

/** Every record that differs between two snapshots, in key order. Memory grows with what the journal has between them, not with the shop. */
export async function* journalDifferences(o: JournalDifferences): AsyncGenerator<JournalDifference> {
  const { store, description, indexKey, previous, current, until } = o;
  const overlay = await journalOverlay({ store, description, indexKey, at: until, base: previous, ...(o.onFault === undefined ? {} : { onFault: o.onFault }) });
  const heard = new Heard(overlay, new Date(current.startedAt));
  const keys = { vaultId: Buffer.from(description.vaultId, "hex"), indexKey };
  const old = await live(new IndexReader(store, keys, previous.runs, { readAhead: READ_AHEAD }).cursor());
  const now = await live(new IndexReader(store, keys, current.runs, { readAhead: READ_AHEAD }).cursor());
  while (old.more || now.more) {
    const before = old.more && (!now.more || old.key <= now.key) ? old.digest : null;
    const after = now.more && (!old.more || now.key <= old.key) ? now.digest : null;
    const key = before === null ? now.key : old.key;
    if (before !== after) yield { key: recordKeyOf(key), verdict: heard.confirms(key, after) ? "confirmed" : "missed" };
    if (before !== null) await old.next();
    if (after !== null) await now.next();
  }
}

/** A cursor that passes over removals. */
async function live(cursor: MergedCursor): Promise<{ readonly more: boolean; readonly key: string; readonly digest: string; next(): Promise<void> }> {
  let more = await cursor.seek();
  const step = async (): Promise<boolean> => {
    const next = cursor.next();
    return typeof next === "boolean" ? next : await next;
  };
  while (more && cursor.removed) more = await step();
  return {
    get more() {
      return more;
    },
    get key() {
      return cursor.key;
    },
    get digest() {
      return cursor.digest;
    },
    next: async () => {
      do more = await step();
      while (more && cursor.removed);
    },
  };
}

class Heard {
  /** Digest by sort key, of what the journal has. */
  private readonly digests = new Map<string, string>();
  /** Whose family an id belongs to, by the id's byte string: true when its entry is as new as the snapshot, or newer. */
  private readonly families = new Map<string, boolean>();
  constructor(overlay: Overlay, snapshotBegan: Date) {
    for (const entry of overlay.roots.values()) {
      const newer = entry.fetchedAt >= snapshotBegan;
      this.families.set(nameBytes(entry.id, "id"), newer);
      for (const record of entry.records) {
        this.families.set(nameBytes(record.key.id, "id"), newer);
        if (entry.change === "upsert") this.digests.set(sortKeyOfRecord(record.key), Buffer.from(record.digest).toString("latin1"));
      }
    }
  }

  /** `digest`: what the snapshot has now; null: it has it no more. */
  confirms(sortKey: string, digest: string | null): boolean {
    const parts = partsOf(sortKey);
    if (parts === null) return false;
    const family = this.families.get(parts.parentId ?? parts.id);
    if (family === true) return true;
    const known = this.digests.get(sortKey);
    // Its family is in the journal and it is not: the journal has it as gone.
    return digest === null ? family !== undefined && known === undefined : known === digest;
  }
}
