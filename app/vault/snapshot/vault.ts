import type { ObjectStore } from "../object-store.ts";
import type { Clock, ContentKeys, HostKeys, KeyOpener, Random, Recipient } from "../ports.ts";
import type { BeginSnapshot, EntryBatch, SnapshotDiff, SnapshotManifest, SnapshotReader, SnapshotWriter, VaultDescription } from "../types.ts";
/* eslint-disable */
export async function createVault(o: { store: ObjectStore; recipients: readonly Recipient[]; clock: Clock; random: Random; indexKey?: Uint8Array }): Promise<{ vaultId: string; hostKeys: HostKeys }> { throw new Error("not yet"); }
export async function readVaultDescription(store: ObjectStore): Promise<VaultDescription> { throw new Error("not yet"); }
export async function openVault(o: { store: ObjectStore; hostKeys: HostKeys; clock: Clock; random: Random; scratchDirectory: string }): Promise<Vault> { throw new Error("not yet"); }
export async function openVaultWithIdentity(o: { store: ObjectStore; opener: KeyOpener; clock: Clock; random: Random; scratchDirectory: string }): Promise<Vault> { throw new Error("not yet"); }
export class Vault {
  declare readonly description: VaultDescription;
  declare readonly store: ObjectStore;
  beginSnapshot(o: BeginSnapshot): Promise<SnapshotWriter> { throw new Error("not yet"); }
  snapshots(): Promise<SnapshotManifest[]> { throw new Error("not yet"); }
  resolve(reference: string): Promise<SnapshotManifest> { throw new Error("not yet"); }
  diff(a: SnapshotManifest, b: SnapshotManifest, o?: { idLimit?: number }): Promise<SnapshotDiff> { throw new Error("not yet"); }
  read(manifest: SnapshotManifest, keys: ContentKeys): SnapshotReader { throw new Error("not yet"); }
  entries(manifest: SnapshotManifest): AsyncIterable<EntryBatch> { throw new Error("not yet"); }
  digest(bytes: Uint8Array): Uint8Array { throw new Error("not yet"); }
}
