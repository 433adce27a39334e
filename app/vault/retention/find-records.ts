/**
 * Every stored version of some records: those with the given ids, what belongs to them, and what refers to them. Looks where an erasure looks: in every
 * pack, whoever wrote it (snapshots, the journal, runs that died), so that what is told and what is erased are the same. Opens records: takes content keys.
 */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { packSecretKey } from "../format/names.ts";
import { childKey, nameBytes, partsOf, recordKeyOf, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf } from "../pack/secret.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";
import { readManifests } from "./needed.ts";
import { readRedactions } from "./redactions.ts";
import { Targets } from "./targets.ts";

export interface FindRecords {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly contentKeys: ContentKeys;
  readonly ids: readonly string[];
  /** As in RedactInput. */
  readonly references?: { readonly ids: readonly string[]; readonly kinds: readonly string[] };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface FoundVersion {
  readonly record: SourceRecord;
  /** Snapshots that hold exactly this version, oldest first. Empty: it was captured between snapshots, or its snapshots have expired. */
  readonly snapshots: readonly { readonly snapshotId: string; readonly takenAt: string }[];
}

export interface FoundRecords {
  readonly versions: readonly FoundVersion[];
  /** Packs that these keys do not open. */
  readonly unopened: number;
}

/** In memory: what one person has, not what the vault has. Throws VaultError and StoreError. */
export async function findRecords(o: FindRecords): Promise<FoundRecords> {
  const { store, description, indexKey } = o;
  const vaultId = Buffer.from(description.vaultId, "hex");
  const redactions = await readRedactions(store, description);
  const { valid: manifests } = await readManifests(store, description);
  const targets = new Targets(
    o.ids.map((id) => nameBytes(id, "id")),
    null,
    true,
    o.references === undefined ? null : { ids: o.references.ids.map((id) => nameBytes(id, "id")), kinds: new Set(o.references.kinds.map((kind) => nameBytes(kind, "kind"))) },
  );
  const names = new Set<string>();
  for await (const { key } of store.list("packs/")) names.add(key);
  const packs = [...names].map((name) => name.slice("packs/ab/".length)).filter((id) => /^[0-9a-f]{64}$/.test(id) && names.has(packSecretKey(id)) && redactions.packFor(id) === id);
  const digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1"));
  const found = new Map<string, { sortKey: string; bytes: Uint8Array; snapshots: { snapshotId: string; takenAt: string }[] }>();
  const unopened = new Set<string>();
  let before: number;
  do {
    before = targets.size;
    for (const [i, id] of packs.entries()) {
      o.signal?.throwIfAborted();
      o.onProgress?.({ done: i, total: packs.length });
      const wrapped = await store.get(packSecretKey(id));
      if (wrapped === null) continue;
      if ((await o.contentKeys.get(contentKeyOf(wrapped, packSecretKey(id)))) === null) {
        unopened.add(id);
        continue;
      }
      for await (const { records } of new PackReader(store, vaultId, o.contentKeys).frames(id)) {
        for (const { kind, id: own, parentId, bytes } of records) {
          if (kind === "") continue;
          const sortKey = parentId === null ? topKey(own, kind) : childKey(parentId, kind, own);
          if (!targets.meetsRecord(kind, own, parentId, sortKey, bytes)) continue;
          const version = `${sortKey}\0${digest.short(bytes)}`;
          if (!found.has(version)) found.set(version, { sortKey, bytes: Uint8Array.from(bytes), snapshots: [] });
        }
      }
    }
    // What came to light late may have versions in packs that were passed already.
  } while (targets.size > before);
  await tellSnapshots(o, vaultId, manifests, targets, found);
  const versions = [...found.values()].sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : (a.snapshots[0]?.takenAt ?? "~") < (b.snapshots[0]?.takenAt ?? "~") ? -1 : 1));
  return { versions: versions.map(({ sortKey, bytes, snapshots }) => ({ record: { ...recordKeyOf(sortKey), bytes }, snapshots })), unopened: unopened.size };
}

/** Which snapshots hold which version, from the index alone. */
async function tellSnapshots({ store, indexKey, signal }: FindRecords, vaultId: Uint8Array, manifests: readonly SnapshotManifest[], targets: Targets, found: Map<string, { snapshots: { snapshotId: string; takenAt: string }[] }>): Promise<void> {
  const anchors = new Set<string>();
  for (const sortKey of targets.sortKeys) {
    const parts = partsOf(sortKey);
    if (parts !== null) anchors.add(parts.parentId ?? parts.id);
  }
  for (const { snapshotId, takenAt, runs } of [...manifests].reverse()) {
    const index = new IndexReader(store, { vaultId, indexKey }, runs);
    for (const anchor of anchors) {
      signal?.throwIfAborted();
      for await (const { key, located } of index.range(`${anchor}\0`)) found.get(`${key}\0${located.digest}`)?.snapshots.push({ snapshotId, takenAt });
    }
  }
}
