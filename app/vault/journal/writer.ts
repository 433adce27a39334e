/**
 * Writes the journal: each call seals one segment, durable when it returns. Records go into a pack of their own under a content key that is wrapped to
 * the recipients, used for a few minutes at most, and forgotten: the host cannot read back what it sealed (docs/design.md 9.4).
 */
import { KeyedDigest, sha256 } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject } from "../format/names.ts";
import { nameBytes } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackWriter } from "../pack/pack-writer.ts";
import type { Clock, HostKeys, Random } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import { requireList, withCurrentRecipients } from "../recipients/current.ts";
import { protectedStore } from "../repair/parity-store.ts";
import type { TermSource } from "../search/terms.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { PackInfo, VaultDescription } from "../types.ts";
import { encodeEntries, MAX_ENTRIES, sealEntries, sortKeyOfRecord } from "./entries.ts";
import { JournalLog } from "./log.ts";
import { journalObject } from "./names.ts";
import { parseSegment, signSegment, type SegmentPayload } from "./segment.ts";
import type { EntryRecord, JournalChange, JournalEntry, JournalHead, JournalSegment } from "./types.ts";

export interface OpenJournalWriter {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly hostKeys: HostKeys;
  readonly clock: Clock;
  readonly random: Random;
  /** What this host wrote or saw last. Absent: the store is asked, which lists the whole journal. */
  readonly known?: JournalHead | null;
  /** Kinds whose records keep the order of arrival among their siblings. */
  readonly orderedKinds?: ReadonlySet<string>;
  /** How long one content key may serve. Default ten minutes. */
  readonly keyLifeMs?: number;
  /** What captured records shall be found by. */
  readonly terms?: TermSource;
}

const KEY_LIFE_MS = 10 * 60_000;
/** Far below the bound of 2^32 wrappings under one key; so that a rotation has few keys to wrap and a stolen process few segments to read. */
const KEY_SEGMENTS = 128;

interface ContentKey {
  readonly id: string;
  readonly key: Buffer;
  readonly digest: string;
  readonly madeAt: number;
  readonly recipients: { readonly sequence: number; readonly digest: string } | undefined;
  segments: number;
}

/** Throws vault.journal_rolled_back, vault.wrong_keys. */
export async function openJournalWriter(options: OpenJournalWriter): Promise<JournalWriter> {
  if (options.hostKeys.vaultId !== options.description.vaultId) throw new VaultError("vault.wrong_keys", `the host's keys are for vault ${options.hostKeys.vaultId}; this is vault ${options.description.vaultId}`);
  const head = await new JournalLog(options.store, options.description).head(options.known);
  return new JournalWriter(options, head);
}

export class JournalWriter {
  private readonly options: OpenJournalWriter;
  private readonly store: ObjectStore;
  private readonly digest: KeyedDigest;
  private content: ContentKey | null = null;
  private newest: JournalSegment | null;
  private busy = false;
  constructor(options: OpenJournalWriter, head: JournalSegment | null) {
    this.options = options;
    this.store = protectedStore(options.store, options.description);
    this.digest = new KeyedDigest(deriveKey(options.hostKeys.indexKey, null, "holdfast digest v1"));
    this.newest = head;
  }

  get head(): JournalSegment | null {
    return this.newest;
  }

  /** Answers the segment once it is durable. Throws vault.journal_contended: open the writer anew. Nothing is there then but garbage that prune removes. */
  async append(changes: readonly JournalChange[]): Promise<{ readonly segment: JournalSegment; readonly entries: readonly JournalEntry[] }> {
    if (changes.length === 0 || changes.length > MAX_ENTRIES) throw new RangeError(`a segment takes 1 to ${MAX_ENTRIES} changes`);
    if (this.busy) throw new VaultError("vault.writer_closed", "the journal's writer was called while another call was under way");
    this.busy = true;
    try {
      return await this.seal(changes);
    } finally {
      this.busy = false;
    }
  }

  /** Forgets the content key. */
  close(): void {
    this.content?.key.fill(0);
    this.content = null;
  }

  private async seal(changes: readonly JournalChange[]): Promise<{ segment: JournalSegment; entries: JournalEntry[] }> {
    const { description, hostKeys, clock, random } = this.options;
    const { pack, entries } = await this.packRecords(changes);
    const kept = keptOf(changes);
    const sequence = (this.newest?.sequence ?? 0) + 1;
    const objectKey = journalObject(sequence);
    const at = new Date(Math.max(clock.now().getTime(), this.newest === null ? 0 : Date.parse(this.newest.at) + 1)).toISOString();
    const salt = Buffer.from(random(32));
    const packs = [...(pack === null ? [] : [pack.id]), ...kept.packs.map(({ id }) => id)];
    const sealed = sealEntries(encodeEntries(entries, packs), hostKeys.indexKey, { vaultId: description.vaultId, sequence, salt, packs, object: objectKey });
    const own = pack === null || this.content === null ? null : this.content;
    const payload: SegmentPayload = {
      format: 1,
      vaultId: description.vaultId,
      sequence,
      at,
      previous: this.newest === null ? null : { sequence: this.newest.sequence, digest: this.newest.digest },
      upserts: entries.filter(({ change }) => change === "upsert").length,
      tombstones: entries.filter(({ change }) => change === "tombstone").length,
      pack: pack === null ? null : packPayload(pack),
      kept: kept.packs.map(packPayload),
      keys: [...(own === null ? [] : [{ id: own.id, digest: own.digest }]), ...kept.keys.filter(({ id }) => id !== own?.id)],
      ...(own?.recipients === undefined ? {} : { recipients: own.recipients }),
      salt: salt.toString("hex"),
      entries: sealed.toString("base64url"),
    };
    const bytes = await signSegment(payload, hostKeys.signingKey);
    await this.claim(objectKey, bytes);
    const segment = await parseSegment(bytes, sequence, description);
    this.newest = segment;
    if (own !== null) own.segments++;
    return { segment, entries };
  }

  /** The segment's number is free, or our own write with its answer lost; else somebody else has written. */
  private async claim(object: string, bytes: Buffer): Promise<void> {
    if ((await this.store.putIfAbsent(object, bytes)) === "stored") return;
    const there = await this.store.get(object);
    if (there !== null && Buffer.compare(there, bytes) === 0) return;
    throw new VaultError("vault.journal_contended", `${object} was written by another program`, { object, retry: "later" });
  }

  /** One pack of all records; null: there is none. */
  private async packRecords(changes: readonly JournalChange[]): Promise<{ pack: PackInfo | null; entries: JournalEntry[] }> {
    const { description, random } = this.options;
    const kinds = new Map<string, number>();
    const names: string[] = [];
    const upserts = changes.flatMap((change) => (change.change === "upsert" ? change.records : []));
    const bytes = upserts.reduce((sum, record) => sum + record.bytes.length + record.id.length * 4 + 256, 0);
    const packs = new PackWriter({
      version: description.format,
      vaultId: Buffer.from(description.vaultId, "hex"),
      nameOf: (kind) => names[kind] as string,
      contentKey: () => this.contentKey(),
      random,
      put: (key, body) => putExact(this.store, key, body),
      terms: this.options.terms,
      // All of it in one pack, whatever zstd makes of it (its worst case is 1/256 and a little more).
      packBytes: bytes + Math.ceil(bytes / 128) + 64 * 1024,
    });
    const placed: { frame: number; ordinal: number; place: number | null; digest: Buffer; record: SourceRecord }[][] = [];
    try {
      for (const change of changes) {
        const family: (typeof placed)[number] = [];
        placed.push(family);
        if (change.change === "tombstone") continue;
        checkFamily(change.kind, change.id, change.records);
        const places = new Map<string, number>();
        const seen = new Set<string>();
        for (const record of change.records) {
          const sortKey = sortKeyOfRecord(record);
          // As in a snapshot, the first of two equal keys is the one that counts.
          if (seen.has(sortKey)) continue;
          seen.add(sortKey);
          if (packs.full(record.bytes.length)) await packs.relieve();
          const kind = nameBytes(record.kind, "kind");
          let number = kinds.get(kind);
          if (number === undefined) kinds.set(kind, (number = names.push(kind) - 1));
          const frame = packs.frame;
          const ordinal = packs.add(frameInput(record, number));
          family.push({ frame, ordinal, place: this.placeOf(record, places), digest: this.digestOf(record.bytes), record });
        }
      }
      await packs.finish();
    } finally {
      packs.close();
    }
    const pack = packs.packs[0] ?? null;
    if (packs.packs.length > 1) throw new Error("a segment's records did not fit into one pack");
    const entries = changes.map((change, i): JournalEntry => {
      const { kind, id, occurredAt, receivedAt, fetchedAt } = change;
      const records: EntryRecord[] =
        change.change === "tombstone"
          ? change.last.map(({ key, digest, place, pack: { id: packId }, frame, ordinal }) => ({ key, digest, place, pack: packId, frame, ordinal }))
          : (placed[i] as (typeof placed)[number]).map(({ frame, ordinal, place, digest, record }) => {
              const lies = packs.place(frame);
              return { key: { kind: record.kind, id: record.id, parentId: record.parentId }, digest, place, pack: lies.pack, frame: lies.frame, ordinal };
            });
      return { change: change.change, kind, id, occurredAt, receivedAt, fetchedAt, records };
    });
    return { pack: pack === null ? null : { ...pack, live: pack.records }, entries };
  }

  private placeOf(record: SourceRecord, places: Map<string, number>): number | null {
    if (record.parentId === null || this.options.orderedKinds?.has(record.kind) !== true) return null;
    const siblings = `${record.parentId}\0${record.kind}`;
    const place = places.get(siblings) ?? 0;
    places.set(siblings, place + 1);
    return place;
  }

  private digestOf(bytes: Uint8Array): Buffer {
    return Buffer.from(this.digest.short(bytes), "latin1");
  }

  /** Recipients are read anew for each key: somebody may have been removed since the last one. */
  private async contentKey(): Promise<ContentKey> {
    const { description, clock, random, keyLifeMs = KEY_LIFE_MS } = this.options;
    const now = clock.now().getTime();
    if (this.content !== null && (now - this.content.madeAt >= keyLifeMs || this.content.segments >= KEY_SEGMENTS)) this.close();
    if (this.content === null) {
      const current = await withCurrentRecipients(this.options.store, description);
      if (this.newest?.recipients !== undefined) await requireList(this.options.store, description, this.newest.recipients);
      const id = Buffer.from(random(16)).toString("hex");
      const key = Buffer.from(random(32));
      const wrapped = await wrapKey(key, { vault: description.vaultId, key: id, use: "content" }, current.recipients);
      await putExact(this.store, contentKeyObject(id), wrapped);
      this.content = { id, key, digest: sha256(wrapped), madeAt: now, recipients: current.recipientsAt, segments: 0 };
    }
    return this.content;
  }
}

function packPayload({ id, size, keyId, keyDigest, records, search }: PackInfo): NonNullable<SegmentPayload["pack"]> {
  return { id, size, keyId, keyDigest, records, ...(search === undefined ? {} : { search: [...search] }) };
}

function keptOf(changes: readonly JournalChange[]): { packs: PackInfo[]; keys: { id: string; digest: string }[] } {
  const packs = new Map<string, PackInfo>();
  const keys = new Map<string, string>();
  for (const change of changes) {
    if (change.change !== "tombstone") continue;
    for (const { pack, keyDigest } of change.last) {
      packs.set(pack.id, pack);
      keys.set(pack.keyId, keyDigest);
    }
  }
  return { packs: [...packs.values()], keys: [...keys].map(([id, digest]) => ({ id, digest })) };
}

/** A family is its root, then records whose parent came before them. */
function checkFamily(kind: string, id: string, records: readonly SourceRecord[]): void {
  const [root] = records;
  if (root?.kind !== kind || root.id !== id || root.parentId !== null) throw new VaultError("vault.bad_record", "a change does not begin with its root record");
  const ids = new Set<string>();
  for (const [i, record] of records.entries()) {
    if (i > 0 && (record.parentId === null || !ids.has(record.parentId))) throw new VaultError("vault.bad_record", "a change holds a record of another family");
    ids.add(record.id);
  }
}

function frameInput(record: SourceRecord, kind: number): Parameters<PackWriter["add"]>[0] {
  const { bytes } = record;
  const id = nameBytes(record.id, "id");
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(id, 0, "latin1");
  const idBytes = at >= 0 ? bytes : Buffer.from(id, "latin1");
  const parentBytes = record.parentId === null ? null : Buffer.from(nameBytes(record.parentId, "parent id"), "latin1");
  const start = at >= 0 ? at : 0;
  return { kind, bytes, start: 0, end: bytes.length, idBytes, idStart: start, idEnd: start + id.length, parentBytes, parentStart: 0, parentEnd: parentBytes?.length ?? 0, newline: bytes.includes(0x0a) };
}
