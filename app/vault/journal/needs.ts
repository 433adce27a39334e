/** What the journal needs of the vault's other folders: packs and content keys. For prune, erasure, verify and repair. */
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { PackInfo, VaultDescription } from "../types.ts";
import { JournalLog } from "./log.ts";
import type { JournalSegment } from "./types.ts";

/** Every sound segment, oldest first. */
export async function* journalSegments(store: ObjectStore, description: VaultDescription): AsyncGenerator<JournalSegment> {
  const log = new JournalLog(store, description);
  for (const sequence of await log.sequences()) {
    try {
      const segment = await log.segment(sequence);
      if (segment !== null) yield segment;
    } catch (error) {
      // What it needs is not known, as long as it is not mended: `verify` names it, and its pack's name is nowhere else.
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
    }
  }
}

/** Packs that kept segments need: their own, and those in which a tombstone's last state lies. A pack may come several times. */
export async function* journalPacks(store: ObjectStore, description: VaultDescription): AsyncGenerator<PackInfo> {
  for await (const { pack, kept } of journalSegments(store, description)) {
    if (pack !== null) yield pack;
    yield* kept;
  }
}

/** Content keys by id, with the digest of the first generation of each. */
export async function journalKeys(store: ObjectStore, description: VaultDescription): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { keys } of journalSegments(store, description)) for (const { id, digest } of keys) found.set(id, digest);
  return found;
}
