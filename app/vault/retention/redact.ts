/**
 * Redact (docs/design.md 8): erases records from every snapshot. The index says which records are meant; then every pack of the vault is
 * opened and looked through, because a version that no index points at any more must go as well. Each pack that holds one is written anew
 * without it, a signed redaction says which pack stands for which, and only then the old keys and packs are destroyed.
 * Nothing that exists changes before the redaction is written; after it, running again finishes what was broken off.
 */
import { sha256 } from "../crypto/digest.ts";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject, packKey, packSecretKey } from "../format/names.ts";
import { childKey, nameBytes, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf } from "../pack/secret.ts";
import type { Clock, ContentKeys, Jwk, Random } from "../ports.ts";
import { currentRecipients } from "../recipients/current.ts";
import { protectedStore } from "../repair/parity-store.ts";
import { putExact } from "../snapshot/put-exact.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { TermSource } from "../search/terms.ts";
import type { RunDescription, SnapshotManifest, VaultDescription } from "../types.ts";
import { barredBy } from "./barred.ts";
import { completeRedactions } from "./certificate.ts";
import type { IssuedCertificate } from "./certificate.ts";
import { guardNames } from "./commit-guard.ts";
import { JournalLog } from "../journal/log.ts";
import { journalPacks, journalSegments } from "../journal/needs.ts";
import { sortKeyOfRecord } from "../journal/entries.ts";
import { Needed, readManifests } from "./needed.ts";
import { readRedactionRecords, REDACTIONS, redactionsOf, signRedaction } from "./redactions.ts";
import type { Redaction, Redactions } from "./redactions.ts";
import { rewritePack } from "./rewrite-pack.ts";
import { claim, numbered } from "./sequence.ts";
import { Targets } from "./targets.ts";
import { Tombstones } from "./tombstones.ts";

export interface RedactInput {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly signingKey: Jwk;
  /** Of an identity: the host alone opens no pack. */
  readonly contentKeys: ContentKeys;
  readonly clock: Clock;
  readonly random: Random;
  /** As the source writes them. */
  readonly ids: readonly string[];
  /** Only records of this kind; needed when an id stands for records of several. */
  readonly kind?: string;
  /** And everything that belongs to them. */
  readonly tree: boolean;
  /** And every record without a parent, of one of these kinds, that names one of these ids as a whole JSON string. Kinds as the source writes them. */
  /** What the records that stay shall be found by; absent: packs that are written anew cannot be searched. */
  readonly terms?: TermSource;
  readonly references?: { readonly ids: readonly string[]; readonly kinds: readonly string[] };
  readonly actor: string;
  /** Stored in clear and signed: no names. */
  readonly reason: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly step: "search" | "rewrite" | "destroy"; readonly done: number; readonly total: number }) => void;
}

export interface RedactReport {
  /** Number of the redaction; null: nothing was left to erase. */
  readonly sequence: number | null;
  /** Records by key, and stored versions of them. */
  readonly records: number;
  readonly versions: number;
  readonly packs: number;
  /** How many of the given ids no snapshot and no pack knows. */
  readonly unknown: number;
  /** Packs that this identity does not open; the index points at none of the records in them. */
  readonly unopened: number;
  /** Of this redaction, and of earlier ones that were broken off or met a lock. */
  readonly certificates: readonly IssuedCertificate[];
}

export type RedactOutcome =
  | { readonly kind: "done"; readonly report: RedactReport }
  | {
      readonly kind: "refused";
      readonly code:
        | "redaction.not_found"
        /** An id stands for records of several kinds. */
        | "redaction.ambiguous"
        /** Another redaction took the number: start anew. */
        | "redaction.contended"
        /** An earlier redaction cannot be read, so which pack stands for which is not known. */
        | "redaction.damaged_redaction"
        /** A legal hold in force bars it. */
        | "redaction.held"
        /** A hold cannot be read: it may be a legal one. */
        | "redaction.damaged_hold";
      /** redaction.ambiguous: the kinds. redaction.held: ids of the holds. redaction.damaged_redaction, redaction.damaged_hold: the objects. */
      readonly details: readonly string[];
      readonly certificates: readonly IssuedCertificate[];
    };

/** Throws VaultError (vault.no_key when the identity does not open a pack that holds one of the records) and StoreError; then nothing is erased. */
export async function redact(input: RedactInput): Promise<RedactOutcome> {
  return new Redact(input).run();
}

/** Versions found in one pack: ordinals by frame. */
type Found = Map<number, Set<number>>;

class Redact {
  private readonly input: RedactInput;
  private readonly vaultId: Buffer;
  private readonly targets: Targets;
  private readonly found = new Map<string, Found>();
  /** Sort keys of the records that are still stored somewhere. */
  private readonly stored = new Set<string>();
  private readonly searched = new Set<string>();
  private readonly unopened = new Set<string>();
  private readonly discarded = new Set<string>();
  private redactions!: Redactions;
  private needed!: Needed;
  constructor(input: RedactInput) {
    this.input = input;
    this.vaultId = Buffer.from(input.description.vaultId, "hex");
    this.targets = new Targets(
      input.ids.map((id) => nameBytes(id, "id")),
      input.kind === undefined ? null : nameBytes(input.kind, "kind"),
      input.tree,
      input.references === undefined ? null : { ids: input.references.ids.map((id) => nameBytes(id, "id")), kinds: new Set(input.references.kinds.map((kind) => nameBytes(kind, "kind"))) },
    );
  }

  async run(): Promise<RedactOutcome> {
    const { store, description } = this.input;
    const earlier = await readRedactionRecords(store, description);
    this.redactions = redactionsOf(earlier);
    const { valid: manifests } = await readManifests(store, description);
    this.needed = new Needed(store, this.redactions);
    for (const manifest of manifests) await this.needed.add(manifest);
    for await (const pack of journalPacks(store, description)) this.needed.addPacks([pack]);
    const lost = [...earlier.damaged, ...earlier.missing];
    // One that cannot be read matters only if some pack is gone that it may have replaced; else it never took effect.
    if (lost.length > 0 && this.needed.absent(await namesIn(store, "packs/")).length > 0) return { kind: "refused", code: "redaction.damaged_redaction", details: lost, certificates: [] };
    const certificates = await completeRedactions(this.input, earlier.records);

    const barred = await barredBy(this.input, this.input.ids);
    if (barred !== null) return { kind: "refused", ...barred, certificates };
    const refuse = (code: "redaction.not_found" | "redaction.ambiguous" | "redaction.contended", details: readonly string[] = []): RedactOutcome => ({ kind: "refused", code, details, certificates });

    await this.search(manifests);
    const { ambiguous, unmet } = this.targets;
    if (ambiguous.length > 0) return refuse("redaction.ambiguous", [...new Set(ambiguous.flatMap((id) => [...(this.targets.kinds.get(id) ?? [])]))].sort());
    if (this.targets.sortKeys.size === 0) return refuse("redaction.not_found");
    await this.refuseUnopened(manifests);

    const versions = [...this.found.values()].reduce((sum, frames) => sum + versionsOf(frames), 0);
    const report = { records: this.stored.size, versions, packs: this.found.size, unknown: unmet.length, unopened: this.unopened.size };
    // Erased before, and no version came back since.
    if (versions === 0 && this.discarded.size === 0) return { kind: "done", report: { ...report, sequence: null, certificates } };
    const record = await this.rewrite(earlier.next, versions);
    const object = numbered(REDACTIONS, record.sequence);
    if (!(await claim(store, object, await signRedaction(record, this.input.signingKey)))) return refuse("redaction.contended");
    this.input.onProgress?.({ step: "destroy", done: 0, total: record.packs.length });
    certificates.push(...(await completeRedactions(this.input, [{ sequence: record.sequence, object, record }])));
    return { kind: "done", report: { ...report, sequence: record.sequence, certificates } };
  }

  /** The index, then all packs, until no more descendants come to light. */
  private async search(manifests: readonly SnapshotManifest[]): Promise<void> {
    const runs = new Map<string, RunDescription>();
    for (const manifest of manifests) for (const run of manifest.runs) runs.set(run.id, run);
    let before: number;
    do {
      before = this.targets.size;
      for (const run of runs.values()) await this.searchRun(run);
    } while (this.targets.size > before);
    do {
      before = this.targets.size;
      this.searched.clear();
      await this.searchPacks();
    } while (this.targets.size > before);
  }

  private async searchRun(run: RunDescription): Promise<void> {
    const { store, indexKey, signal } = this.input;
    const cursor = new IndexReader(store, { vaultId: this.vaultId, indexKey }, [run], { readAhead: READ_AHEAD }).cursor();
    let more = await cursor.seek();
    while (more) {
      this.targets.meetsKey(cursor.key);
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    signal?.throwIfAborted();
  }

  /** Packs that were not looked through yet: those of snapshots, of runs under way, of runs that were broken off. */
  private async searchPacks(): Promise<void> {
    const { store, signal, onProgress } = this.input;
    const names = await namesIn(store, "packs/");
    const ids = [...names].map((name) => name.slice("packs/ab/".length)).filter((id) => /^[0-9a-f]{64}$/.test(id) && names.has(packSecretKey(id)));
    for (const [i, id] of ids.entries()) {
      signal?.throwIfAborted();
      onProgress?.({ step: "search", done: i, total: ids.length });
      // One that was replaced and could not be removed: its key is all that is left to destroy, and is tried again each time.
      if (this.searched.has(id) || this.redactions.packFor(id) !== id) continue;
      this.searched.add(id);
      await this.searchPack(id);
    }
  }

  private async searchPack(id: string): Promise<void> {
    const { store, contentKeys } = this.input;
    const frames: Found = new Map();
    try {
      const wrapped = await store.get(packSecretKey(id));
      if (wrapped === null) return;
      if ((await contentKeys.get(contentKeyOf(wrapped, packSecretKey(id)))) === null) {
        this.unopened.add(id);
        return;
      }
      for await (const { frame, records } of new PackReader(store, this.vaultId, contentKeys).frames(id)) {
        for (const [ordinal, { kind, id: own, parentId, bytes }] of records.entries()) {
          if (kind === "") continue;
          const key = parentId === null ? topKey(own, kind) : childKey(parentId, kind, own);
          if (!this.targets.meetsRecord(kind, own, parentId, key, bytes)) continue;
          this.stored.add(key);
          let ordinals = frames.get(frame);
          if (ordinals === undefined) frames.set(frame, (ordinals = new Set()));
          ordinals.add(ordinal);
        }
      }
    } catch (error) {
      // What a snapshot needs must be mended first. Half an object of a run that died is nobody's: it goes as a whole.
      if (this.needed.has(packKey(id)) || !(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object"].includes(error.code)) throw error;
      this.discarded.add(id);
      return;
    }
    if (frames.size > 0) this.found.set(id, frames);
  }

  /** A pack that stays closed must hold none of the records, as far as any index says. */
  private async refuseUnopened(manifests: readonly SnapshotManifest[]): Promise<void> {
    if (this.unopened.size === 0) return;
    const { store, indexKey } = this.input;
    const runs = new Map<string, RunDescription>();
    for (const manifest of manifests) for (const run of manifest.runs) runs.set(run.id, run);
    for (const run of runs.values()) {
      const cursor = new IndexReader(store, { vaultId: this.vaultId, indexKey }, [run], { readAhead: READ_AHEAD }).cursor();
      let more = await cursor.seek();
      while (more) {
        if (!cursor.removed && this.targets.sortKeys.has(cursor.key)) {
          const { pack, frame, ordinal } = cursor.located;
          if (this.unopened.has(this.redactions.packFor(pack)) && !this.redactions.isErased(pack, frame, ordinal)) throw new VaultError("vault.no_key", "a pack that holds one of these records is not opened by this identity", { object: packKey(pack) });
        }
        const next = cursor.next();
        more = typeof next === "boolean" ? next : await next;
      }
    }
    await this.refuseUnopenedInJournal();
  }

  private async refuseUnopenedInJournal(): Promise<void> {
    const { store, description, indexKey } = this.input;
    const log = new JournalLog(store, description);
    for await (const segment of journalSegments(store, description)) {
      for (const { records } of log.entries(segment, indexKey)) {
        for (const { key, pack, frame, ordinal } of records) {
          if (!this.targets.sortKeys.has(sortKeyOfRecord(key)) || !this.unopened.has(this.redactions.packFor(pack)) || this.redactions.isErased(pack, frame, ordinal)) continue;
          throw new VaultError("vault.no_key", "a pack that holds one of these records is not opened by this identity", { object: packKey(pack) });
        }
      }
    }
  }

  private async rewrite(sequence: number, versions: number): Promise<Redaction> {
    const { store, description, contentKeys, clock, random, signal, onProgress, actor, reason, indexKey } = this.input;
    const safe = protectedStore(store, description);
    const put = (key: string, bytes: Uint8Array): Promise<void> => putExact(safe, key, bytes);
    const content = { id: Buffer.from(random(16)).toString("hex"), key: Buffer.from(random(32)) };
    const keys: Redaction["keys"] = [];
    const packs: Redaction["packs"] = [];
    try {
      if (this.found.size > 0) {
        const recipients = await currentRecipients(store, description);
        const wrapped = await wrapKey(content.key, { vault: description.vaultId, key: content.id, use: "content" }, recipients);
        await put(contentKeyObject(content.id), wrapped);
        keys.push({ id: content.id, digest: sha256(wrapped) });
      }
      for (const [from, erase] of this.found) {
        signal?.throwIfAborted();
        onProgress?.({ step: "rewrite", done: packs.length, total: this.found.size });
        const frames = new PackReader(store, this.vaultId, contentKeys).frames(from);
        const to = await rewritePack(frames, erase, { vaultId: this.vaultId, content, random, put, terms: this.input.terms });
        packs.push({ from, to, erased: [...erase].sort(([a], [b]) => a - b).map(([frame, ordinals]) => [frame, ...[...ordinals].sort((a, b) => a - b)]) });
      }
    } finally {
      content.key.fill(0);
    }
    const tombstones = new Tombstones(indexKey);
    await guardNames(store, description, clock, async () => [...keys.map(({ id }) => contentKeyObject(id)), ...packs.flatMap(({ to }) => [packKey(to.id), packSecretKey(to.id)])]);
    return {
      format: 1,
      vaultId: description.vaultId,
      sequence,
      at: clock.now().toISOString(),
      actor,
      reason,
      records: this.stored.size,
      versions,
      unopened: this.unopened.size,
      tombstones: [...this.targets.sortKeys].map((key) => tombstones.ofSortKey(key)).sort(),
      packs,
      discarded: [...this.discarded],
      keys,
    };
  }
}

/** Fetched at once while an index is read from end to end. */
const READ_AHEAD = 512 * 1024;

async function namesIn(store: ObjectStore, prefix: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { key } of store.list(prefix)) names.add(key);
  return names;
}

function versionsOf(frames: Found): number {
  return [...frames.values()].reduce((sum, ordinals) => sum + ordinals.size, 0);
}
