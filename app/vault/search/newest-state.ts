/** The newest state as far as a search needs it: is a record in it, in which version, and which root does it belong to. Takes the index key only. */
import { VaultError } from "../errors.ts";
import { MANIFEST_NAME } from "../format/names.ts";
import { journalOverlay } from "../journal/state.ts";
import type { Overlay } from "../journal/state.ts";
import { sortKeyOfRecord } from "../journal/entries.ts";
import { childKey, partsOf, topKey } from "../format/sort-key.ts";
import { readRedactions } from "../retention/redactions.ts";
import type { Redactions } from "../retention/redactions.ts";
import { readPackList } from "../snapshot/pack-list.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import type { ObjectStore } from "../object-store.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import type { FindPlace } from "./find.ts";
import type { NamedRecord } from "./part.ts";

export interface RootState {
  /** Byte strings. */
  readonly kind: string;
  readonly id: string;
  readonly state: "current" | "earlier" | "gone";
}

/** A family is never this deep. */
const MOST_GENERATIONS = 16;

export class NewestState {
  private readonly overlay: Overlay;
  private readonly index: IndexReader | null;
  private readonly redactions: Redactions;
  private readonly packs: readonly PackInfo[];
  /** Children that the journal's newest entries have, by their own id: the root's sort key. */
  private readonly captured = new Map<string, string>();
  /** Sort keys of the roots that the journal says something of, by their id. */
  private readonly roots = new Map<string, string>();
  private own: Set<string> | null = null;
  private constructor(overlay: Overlay, index: IndexReader | null, redactions: Redactions, packs: readonly PackInfo[]) {
    this.overlay = overlay;
    this.index = index;
    this.redactions = redactions;
    this.packs = packs;
    for (const root of overlay.roots.keys()) this.roots.set((partsOf(root) as { id: string }).id, root);
    for (const [root, entry] of overlay.roots) if (entry.change === "upsert") for (const { key } of entry.records) if (key.parentId !== null) this.captured.set((partsOf(sortKeyOfRecord(key)) as { id: string }).id, root);
  }

  /** Faults of the journal hide what they hide: a search goes on without. Throws when the newest snapshot's own list cannot be read. */
  static async read({ store, description, indexKey, at }: FindPlace): Promise<NewestState> {
    const base = await newestManifest(store, description, at);
    const [overlay, redactions, packs] = await Promise.all([
      journalOverlay({ store, description, indexKey, at, onFault: () => undefined, ...(base === null ? {} : { base }) }),
      readRedactions(store, description),
      base === null ? [] : readPackList(store, base),
    ]);
    const index = base === null ? null : new IndexReader(store, { vaultId: Buffer.from(description.vaultId, "hex"), indexKey }, base.runs);
    return new NewestState(overlay, index, redactions, packs);
  }

  /** Whether the newest state has a record in this pack. */
  needs(pack: string): boolean {
    return (this.own ??= this.ownPacks()).has(pack);
  }

  private ownPacks(): Set<string> {
    const own = new Set(this.packs.map(({ id }) => this.redactions.packFor(id)));
    for (const { records } of this.overlay.roots.values()) for (const of of records) own.add(this.redactions.packFor(of.pack));
    return own;
  }

  /** How many packs of the newest snapshot could not be asked. One that is known to have no terms needs no asking. */
  packsWithout(asked: ReadonlySet<string>): number {
    return this.packs.filter(({ id, search }) => {
      const stands = this.redactions.packFor(id);
      const has = stands === id ? search : this.redactions.replacement(id)?.search;
      return has?.length !== 0 && !asked.has(stands);
    }).length;
  }

  /** The root of a record, and whether `packs` hold the version of the record that counts. */
  async rootOf(record: NamedRecord, packs: ReadonlySet<string>): Promise<RootState> {
    const key = record.parentId === null ? topKey(record.id, record.kind) : childKey(record.parentId, record.kind, record.id);
    const root = await this.climb(record);
    if (root === null) return { ...partsAbove(record), state: "gone" };
    const { kind, id } = partsOf(root) as { kind: string; id: string };
    const entry = this.overlay.roots.get(root);
    if (entry !== undefined) {
      if (entry.change === "tombstone") return { kind, id, state: "gone" };
      const now = entry.records.find((of) => sortKeyOfRecord(of.key) === key);
      return { kind, id, state: now !== undefined && packs.has(this.redactions.packFor(now.pack)) ? "current" : "earlier" };
    }
    const now = (await this.index?.findAtOnce(key)) ?? null;
    if (now !== null && packs.has(this.redactions.packFor(now.pack)) && !this.redactions.isErased(now.pack, now.frame, now.ordinal)) return { kind, id, state: "current" };
    const there = root === key ? now : await this.index?.findAtOnce(root);
    return { kind, id, state: there === null || there === undefined ? "gone" : "earlier" };
  }

  /** The record with this id, and the sort key of its root; null: the newest state has none. */
  async byId(id: string): Promise<{ readonly kind: string; readonly root: string } | null> {
    const root = this.roots.get(id);
    if (root !== undefined) return this.overlay.roots.get(root)?.change === "tombstone" ? null : { kind: (partsOf(root) as { kind: string }).kind, root };
    const above = this.captured.get(id);
    if (above !== undefined) {
      const entry = this.overlay.roots.get(above);
      const key = entry?.records.map((of) => sortKeyOfRecord(of.key)).find((of) => partsOf(of)?.id === id);
      if (key !== undefined) return { kind: (partsOf(key) as { kind: string }).kind, root: above };
    }
    const found = (await this.index?.findById(id)) ?? null;
    if (found === null || this.redactions.isErased(found.located.pack, found.located.frame, found.located.ordinal)) return null;
    const parts = partsOf(found.key) as NamedRecord;
    const top = await this.climb(parts);
    // The journal has the family anew, and without this record: it is gone.
    return top === null || this.overlay.roots.has(top) ? null : { kind: parts.kind, root: top };
  }

  /** Sort key of the root; null when nothing says which it is. */
  private async climb(record: NamedRecord): Promise<string | null> {
    if (record.parentId === null) return topKey(record.id, record.kind);
    const captured = this.captured.get(record.id);
    if (captured !== undefined) return captured;
    let id = record.parentId;
    for (let i = 0; i < MOST_GENERATIONS; i++) {
      const root = this.roots.get(id);
      if (root !== undefined) return root;
      const above = (await this.index?.findById(id)) ?? null;
      if (above === null) return null;
      const parts = partsOf(above.key);
      if (parts === null || parts.parentId === null) return above.key;
      id = parts.parentId;
    }
    return null;
  }
}

/** Only as many manifests are read as it takes: with hundreds of snapshots all of them would be the better part of a search. */
async function newestManifest(store: ObjectStore, description: VaultDescription, at: Date): Promise<SnapshotManifest | null> {
  const names: string[] = [];
  for await (const { key } of store.list("snapshots/")) if (MANIFEST_NAME.test(key)) names.push(key);
  for (const name of names.sort().reverse()) {
    const bytes = await store.get(name);
    if (bytes === null) continue;
    try {
      const manifest = await parseManifest(bytes, name, description);
      if (manifest.takenAt <= at.toISOString()) return manifest;
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
    }
  }
  return null;
}

/** A child whose parent is gone: the best that is known of its root is the child itself. */
function partsAbove({ kind, id }: NamedRecord): { kind: string; id: string } {
  return { kind, id };
}
