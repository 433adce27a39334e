/** One opened vault: list, resolve, compare, write, read. */
import { timingSafeEqual } from "node:crypto";
import { tmpdir } from "node:os";
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { VaultError } from "../errors.ts";
import { MANIFEST_NAME } from "../format/names.ts";
import { recordKeyOf } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, ContentKeys, HostKeys, Jwk, KeyOpener, Random } from "../ports.ts";
import type { RecordKey } from "../record.ts";
import { requireList, withCurrentRecipients } from "../recipients/current.ts";
import { readRedactions } from "../retention/redactions.ts";
import type { Redactions } from "../retention/redactions.ts";
import { Tombstones } from "../retention/tombstones.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { BeginSnapshot, EntryBatch, IndexEntry, SnapshotDiff, SnapshotManifest, SnapshotReader, SnapshotWriter, VaultDescription } from "../types.ts";
import { soundly, SoundReader } from "../copies/sound.ts";
import { protectedStore } from "../repair/parity-store.ts";
import { openIndexKey } from "./content-keys.ts";
import { readVaultDescription } from "./description.ts";
import { diffSnapshots } from "./diff.ts";
import { parseManifest } from "./manifest.ts";
import { Reader } from "./reader.ts";
import { beginSnapshot } from "./writer.ts";

export interface OpenVault {
  readonly store: ObjectStore;
  readonly hostKeys: HostKeys;
  readonly clock: Clock;
  readonly random: Random;
  /** A directory of this machine for what does not fit in memory; only sealed bytes go there. Made when needed. */
  readonly scratchDirectory: string;
  readonly tuning?: Tuning;
}

/** The writer's own choices; no reader needs to know them. */
export interface Tuning {
  /** Bytes of records per frame. Default 96 KiB. */
  readonly frameBytes?: number;
  /** Sealed bytes per pack. Default 8 MiB. */
  readonly packBytes?: number;
  /** Bytes of records held back to be sorted, where they come in no order. Default 24 MiB. */
  readonly gatherBytes?: number;
  /** Threads that digest records. Default 1; 0 does all in the calling thread. */
  readonly threads?: number;
}

/** Throws vault.not_found, vault.wrong_keys, vault.unsupported_format, vault.damaged_object. */
export async function openVault(options: OpenVault): Promise<Vault> {
  const description = await readVaultDescription(options.store);
  const { hostKeys } = options;
  if (hostKeys.vaultId !== description.vaultId || hostKeys.signingKey.x !== description.signingPublicKey.x) {
    throw new VaultError("vault.wrong_keys", `the host's keys are for vault ${hostKeys.vaultId}; this is vault ${description.vaultId}`);
  }
  return new Vault(options.store, description, hostKeys.indexKey, { ...options, signingKey: hostKeys.signingKey });
}

/** For a recipient without host state: everything but writing. Throws vault.no_key when the identity is no recipient. */
export async function openVaultWithIdentity(options: { readonly store: ObjectStore; readonly opener: KeyOpener; readonly vaultId?: string; readonly scratchDirectory?: string }): Promise<Vault> {
  const description = await readVaultDescription(options.store);
  if (options.vaultId !== undefined && options.vaultId !== description.vaultId) throw new VaultError("vault.wrong_keys", `vault ${options.vaultId} was asked for; this is vault ${description.vaultId}`);
  return new Vault(options.store, description, await openIndexKey(options.store, options.opener, description), null, options.scratchDirectory);
}

interface Writing {
  readonly signingKey: Jwk;
  readonly clock: Clock;
  readonly random: Random;
  readonly scratchDirectory: string;
  readonly tuning?: Tuning;
}

/** One keeps up with reading and comparing, which is the other half of the work. */
const DIGEST_THREADS = 1;
const ENTRY_BATCH = 1024;
const READ_AHEAD = 512 * 1024;
/** Manifests fetched at once when all are listed. */
const FETCHES = 8;

export class Vault {
  readonly description: VaultDescription;
  readonly store: ObjectStore;
  private readonly indexKeys: IndexKeys;
  private readonly keyedDigest: KeyedDigest;
  private readonly writing: Writing | null;
  /** Objects never change, so what was read and checked once stays true. Null: not a valid manifest. */
  private readonly known = new Map<string, SnapshotManifest | null>();
  private readonly scratchDirectory: string;
  constructor(store: ObjectStore, description: VaultDescription, indexKey: Uint8Array, writing: Writing | null, scratchDirectory?: string) {
    this.scratchDirectory = scratchDirectory ?? writing?.scratchDirectory ?? tmpdir();
    this.store = store;
    this.description = description;
    this.writing = writing;
    this.indexKeys = { vaultId: Buffer.from(description.vaultId, "hex"), indexKey, format: description.format };
    this.keyedDigest = new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1"));
  }

  /** What lists, compares and hashes; it opens no record. */
  get indexKey(): Uint8Array {
    return this.indexKeys.indexKey;
  }

  /** Throws vault.read_only for a vault opened with an identity. */
  async beginSnapshot(options: BeginSnapshot): Promise<SnapshotWriter> {
    if (this.writing === null) throw new VaultError("vault.read_only", "a vault opened with an identity alone can be read, not written");
    const parent = await this.newest(0);
    // Read anew for each run: this program may have been up since before the last rotation.
    const description = await withCurrentRecipients(this.store, this.description);
    if (parent?.recipients !== undefined) await requireList(this.store, this.description, parent.recipients);
    return beginSnapshot(
      {
        ...this.writing,
        store: protectedStore(this.store, this.description),
        description,
        indexKeys: this.indexKeys,
        redactions: await readRedactions(this.store, this.description),
        threads: this.writing.tuning?.threads ?? DIGEST_THREADS,
        parent,
        onCommitted: (manifest) => this.known.set(manifest.objectKey, manifest),
      },
      options,
    );
  }

  /** Names of manifests, newest first. */
  private async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const { key } of this.store.list("snapshots/")) if (MANIFEST_NAME.test(key)) names.push(key);
    return names.sort().reverse();
  }

  private async load(name: string): Promise<SnapshotManifest | null> {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    let manifest: SnapshotManifest | null;
    try {
      manifest = await soundly(this.store, async () => {
        const bytes = await this.store.get(name);
        return bytes === null ? null : parseManifest(bytes, name, this.description);
      });
      // Not there now; it may be later.
      if (manifest === null) return null;
    } catch (error) {
      // Not a snapshot of this vault: `verify` names it; here it does not exist.
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      manifest = null;
    }
    this.known.set(name, manifest);
    return manifest;
  }

  private async newest(skip: number): Promise<SnapshotManifest | null> {
    let left = skip;
    for (const name of await this.names()) {
      const manifest = await this.load(name);
      if (manifest !== null && left-- === 0) return manifest;
    }
    return null;
  }

  /** Newest first; only signed, valid manifests of this vault. */
  async snapshots(): Promise<SnapshotManifest[]> {
    const names = await this.names();
    const found: SnapshotManifest[] = [];
    for (let i = 0; i < names.length; i += FETCHES) {
      for (const manifest of await Promise.all(names.slice(i, i + FETCHES).map((name) => this.load(name)))) if (manifest !== null) found.push(manifest);
    }
    return found;
  }

  /** "latest", "latest~2", an id, or the start of one. Throws vault.no_such_snapshot, vault.ambiguous_snapshot. */
  async resolve(reference: string): Promise<SnapshotManifest> {
    const relative = /^latest(?:~(\d{1,6}))?$/.exec(reference);
    if (relative !== null) {
      const manifest = await this.newest(Number(relative[1] ?? 0));
      if (manifest === null) throw new VaultError("vault.no_such_snapshot", `there is no snapshot ${reference}`);
      return manifest;
    }
    const start = reference.startsWith("snapshots/") ? (MANIFEST_NAME.exec(reference)?.[1] ?? reference) : reference;
    if (!/^[0-9a-f]{1,16}$/.test(start)) throw new VaultError("vault.no_such_snapshot", "a snapshot is named by latest, latest~N, or its id");
    const matches: SnapshotManifest[] = [];
    for (const name of await this.names()) {
      if (!MANIFEST_NAME.exec(name)?.[1]?.startsWith(start)) continue;
      const manifest = await this.load(name);
      if (manifest !== null) matches.push(manifest);
    }
    if (matches.length > 1) throw new VaultError("vault.ambiguous_snapshot", `${matches.length} snapshots have ids that start with ${start}`);
    if (matches[0] === undefined) throw new VaultError("vault.no_such_snapshot", `there is no snapshot ${start}`);
    return matches[0];
  }

  /** What one has to do to `a` to get `b`. Ids are listed up to `idLimit` (default 1000) per class. */
  diff(a: SnapshotManifest, b: SnapshotManifest, options: { readonly idLimit?: number } = {}): Promise<SnapshotDiff> {
    return soundly(this.store, () => diffSnapshots(this.store, this.indexKeys, a, b, options.idLimit));
  }

  /** `threads`: for reading all of it; default: as many as pay for themselves, 0: none. */
  read(manifest: SnapshotManifest, keys: ContentKeys, options: { readonly threads?: number } = {}): SnapshotReader {
    let redactions: Promise<Redactions> | null = null;
    const make = (): SnapshotReader =>
      new Reader(this.store, this.indexKeys, this.keyedDigest, manifest, keys, {
        ...options,
        // Read anew for each reader: an erasure may have happened since the vault was opened.
        redactions: () => (redactions ??= readRedactions(this.store, this.description)),
        scratchDirectory: this.scratchDirectory,
      });
    return this.store.copies === undefined ? make() : new SoundReader(this.store, make);
  }

  /** Keys, places and digests in key order; takes the index key only. */
  async *entries(manifest: SnapshotManifest): AsyncGenerator<EntryBatch> {
    const cursor = new IndexReader(this.store, this.indexKeys, manifest.runs, { readAhead: READ_AHEAD }).cursor();
    let more = await cursor.seek();
    let batch: IndexEntry[] = [];
    while (more) {
      if (!cursor.removed) batch.push({ ...recordKeyOf(cursor.key), digest: Buffer.from(cursor.digest, "latin1"), place: cursor.place < 0 ? null : cursor.place });
      if (batch.length >= ENTRY_BATCH) {
        yield batch;
        batch = [];
      }
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    if (batch.length > 0) yield batch;
  }

  /** What a restore asks of every record before it brings it back: was it erased on purpose? Takes the index key only. */
  async tombstones(): Promise<(key: RecordKey) => boolean> {
    return new Tombstones(this.indexKeys.indexKey).test(await readRedactions(this.store, this.description));
  }

  /** The 16-byte keyed digest the index holds for these bytes. */
  digest(bytes: Uint8Array): Uint8Array {
    return Buffer.from(this.keyedDigest.short(bytes), "latin1");
  }

  /** Whether two digests are equal, in constant time. */
  static sameDigest(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && timingSafeEqual(a, b);
  }
}
