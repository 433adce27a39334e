/** What the snapshots that stay need, object by object. Everything else in the vault's own folders may go. */
import { MANIFEST_NAME, packKey, packSecretKey, searchPartOf, treeKey } from "../format/names.ts";
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { readPackList } from "../snapshot/pack-list.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import type { Redactions } from "./redactions.ts";

export interface Manifests {
  /** Newest first. */
  readonly valid: readonly SnapshotManifest[];
  /** Names that look like a manifest's and hold none: their snapshots may still be mended, so what they need is not known to be garbage. */
  readonly damaged: readonly string[];
}

/** `known`: manifests read before, by object key. They never change. */
export async function readManifests(store: ObjectStore, description: VaultDescription, known: Map<string, SnapshotManifest> = new Map()): Promise<Manifests> {
  const names: string[] = [];
  for await (const { key } of store.list("snapshots/")) if (MANIFEST_NAME.test(key)) names.push(key);
  const valid: SnapshotManifest[] = [];
  const damaged: string[] = [];
  for (const name of names.sort().reverse()) {
    let manifest = known.get(name);
    if (manifest === undefined) {
      const bytes = await store.get(name);
      if (bytes === null) continue;
      try {
        manifest = await parseManifest(bytes, name, description);
      } catch (error) {
        if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
        damaged.push(name);
        continue;
      }
      known.set(name, manifest);
    }
    valid.push(manifest);
  }
  return { valid, damaged };
}

export class Needed {
  private readonly names = new Set<string>();
  private readonly keyIds = new Set<string>();
  private readonly counted = new Set<string>();
  /** Packs by the id that the index names, with the most records any snapshot uses. */
  readonly packs = new Map<string, PackInfo>();
  private readonly store: ObjectStore;
  private readonly redactions: Redactions;
  constructor(store: ObjectStore, redactions: Redactions) {
    this.store = store;
    this.redactions = redactions;
  }

  /** Throws vault.missing_object, vault.damaged_object when the snapshot's pack list cannot be read. */
  async add(manifest: SnapshotManifest): Promise<void> {
    if (this.counted.has(manifest.objectKey)) return;
    this.counted.add(manifest.objectKey);
    this.names.add(manifest.objectKey).add(treeKey(manifest.packs.object));
    for (const run of manifest.runs) for (const object of run.objects) this.names.add(treeKey(object.id));
    this.addPacks(await readPackList(this.store, manifest));
  }

  addPacks(packs: readonly PackInfo[]): void {
    for (const pack of packs) {
      const before = this.packs.get(pack.id);
      if (before === undefined || before.live < pack.live) this.packs.set(pack.id, pack);
      const stands = this.redactions.packFor(pack.id);
      this.names.add(packKey(stands)).add(packSecretKey(stands));
      // A content key whose packs were all replaced opens nothing that anybody may still read.
      this.keyIds.add(this.redactions.replacement(pack.id)?.keyId ?? pack.keyId);
    }
  }

  /** Packs and pack keys that are needed and not among `names`. */
  absent(names: { has(key: string): boolean }): string[] {
    return [...this.names].filter((name) => name.startsWith("packs/") && !names.has(name));
  }

  /** Parity is needed by whoever needs what it mends. */
  has(object: string): boolean {
    const key = object.startsWith("parity/") ? object.slice("parity/".length) : object;
    // What a pack is searched by stands and falls with it.
    const searched = searchPartOf(key)?.pack;
    return this.names.has(searched === undefined ? key : packKey(searched)) || this.keyIds.has(/^keys\/([0-9a-f]{32})(?:\.g\d+)?\.jwe$/.exec(key)?.[1] ?? "");
  }
}
