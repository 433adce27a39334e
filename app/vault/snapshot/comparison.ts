/** Each record against the parent's index: unchanged records are ticked off, all others go into packs and become rows of the new index. */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { ByteWriter } from "../format/bytes.ts";
import { fromByteString, nameBytes } from "../format/sort-key.ts";
import { VaultError } from "../errors.ts";
import { MAX_RECORD_BYTES } from "../pack/frame.ts";
import type { FrameInput } from "../pack/frame-record.ts";
import type { PackWriter } from "../pack/pack-writer.ts";
import type { Gap } from "../record.ts";
import { ROW, ROW_WIDTH } from "../record-batch.ts";
import type { Redactions } from "../retention/redactions.ts";
import type { IndexReader } from "../tree/index-reader.ts";
import type { FoundEntry, KeyLookup } from "../tree/key-lookup.ts";
import { BAD_NAME, HOLDS_NEWLINE } from "./digest-batch.ts";
import { Gathering, orderOf } from "./gathering.ts";
import type { Keys } from "./gathering.ts";
import type { Digested } from "./intake.ts";
import { KeyRoom } from "./key-room.ts";
import type { NewEntries } from "./new-entries.ts";
import type { RunGaps } from "./run-gaps.ts";
import type { Seen } from "./seen.ts";

export interface ComparisonParts {
  readonly index: IndexReader;
  readonly seen: Seen;
  readonly entries: NewEntries;
  readonly packs: PackWriter;
  /** Byte strings. */
  readonly orderedKinds: ReadonlySet<string>;
  readonly redactions: Redactions;
  readonly gaps: RunGaps;
  /** Bytes of records that are held back where they come in no order. */
  readonly gatherBytes?: number | undefined;
}

interface Kind {
  readonly name: string;
  readonly bytes: Buffer;
  readonly number: number;
  readonly ordered: boolean;
}

/** A run can tell so many kinds apart: rows hold the number in two bytes. */
const MAX_KINDS = 65_535;
/** Where more than one look-up in so many opens a part of the index, records come in no order. One in some hundred does where they come in order. */
const FEW_FETCHES = 8;
const ENOUGH_TO_JUDGE = 64;
/** Fewer steps down than one in so many: they come in order again. */
const FEW_DESCENTS = 8;

export class Comparison {
  readonly counters = { records: 0, added: 0, changed: 0, unchanged: 0, bytesRead: 0 };
  readonly kindNames: string[] = [];
  private readonly parts: ComparisonParts;
  private readonly lookup: KeyLookup | null;
  private readonly kinds = new Map<string, Kind | null>();
  private readonly all: Kind[] = [];
  /** Which stream each arrival number belongs to. */
  private readonly streams: { from: number; stream: string }[] = [];
  private arrivals = 0;
  /** Arrival number of the first record of the batch at hand. */
  private first = 0;
  /** Records come in no order: they are held back until they can be sorted. */
  private gathers = false;
  private readonly gathering: Gathering;
  private readonly key = new KeyRoom();
  private readonly input: FrameInput = { kind: 0, bytes: EMPTY, start: 0, end: 0, idBytes: EMPTY, idStart: 0, idEnd: 0, parentBytes: null, parentStart: 0, parentEnd: 0, newline: false };
  constructor(parts: ComparisonParts) {
    this.parts = parts;
    this.gathering = new Gathering(parts.gatherBytes);
    this.lookup = parts.index.readers.length === 0 ? null : parts.index.lookup();
  }

  kindName(number: number): string {
    return this.kindNames[number] as string;
  }

  streamOf(arrival: number): string {
    let low = 0;
    let high = this.streams.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.streams[middle] as { from: number }).from <= arrival) low = middle;
      else high = middle - 1;
    }
    return this.streams[low]?.stream ?? "";
  }

  /** Null: a name that the format cannot hold. */
  private kind(text: string): Kind | null {
    let kind = this.kinds.get(text);
    if (kind !== undefined) return kind;
    try {
      const name = nameBytes(text, "kind");
      if (this.all.length >= MAX_KINDS) throw new VaultError("vault.bad_record", "a snapshot has more kinds than can be told apart");
      kind = { name, bytes: Buffer.from(name, "latin1"), number: this.all.length, ordered: this.parts.orderedKinds.has(name) };
      this.all.push(kind);
      this.kindNames.push(name);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.bad_record") throw error;
      kind = null;
    }
    this.kinds.set(text, kind);
    return kind;
  }

  /** `met` gets the gaps that records turned out to be, at the latest when `settle` is called. The batch's memory is free when this returns. */
  async take(batch: Digested, met: Gap[]): Promise<void> {
    if (!this.gathers) return this.each(batch, null, met);
    if (!this.gathering.fits(batch)) await this.settle(met);
    this.gathering.add(batch);
  }

  /** Compares what was held back. */
  async settle(met: Gap[]): Promise<void> {
    const { gathering } = this;
    if (gathering.count === 0) return;
    const batch = gathering.all();
    const { order, descents } = orderOf(this.keysOf(batch));
    // Order has returned: the next ones are looked up as they come.
    if (descents * FEW_DESCENTS < batch.count) this.gathers = false;
    await this.each(batch, order, met);
    gathering.clear();
  }

  /** Records that were taken and not compared yet. */
  get heldBack(): number {
    return this.gathering.count;
  }

  private async each(batch: Digested, order: Uint32Array | null, met: Gap[]): Promise<void> {
    this.first = this.arrivals;
    this.arrivals += batch.count;
    if (this.streams.at(-1)?.stream !== batch.stream) this.streams.push({ from: this.first, stream: batch.stream });
    const kinds = batch.kinds.map((text) => this.kind(text));
    const fetched = this.lookup?.fetched ?? 0;
    for (let at = 0; at < batch.count; at++) {
      const i = order === null ? at : (order[at] as number);
      const done = this.accept(batch, i, kinds[batch.rows[i * ROW_WIDTH + ROW.kind] as number] ?? null);
      const gap = done instanceof Promise ? await done : done;
      if (gap === null) continue;
      this.parts.gaps.note(gap);
      met.push(gap);
    }
    if (order === null && batch.count >= ENOUGH_TO_JUDGE && ((this.lookup?.fetched ?? 0) - fetched) * FEW_FETCHES > batch.count) this.gathers = true;
  }

  /** Sort keys of all records, in order of arrival; empty for one that cannot be held. */
  private keysOf(batch: Digested): Keys {
    const { key } = this;
    const kinds = batch.kinds.map((text) => this.kind(text));
    const starts = new Uint32Array(batch.count + 1);
    const bytes = new ByteWriter(batch.count * 96);
    for (let i = 0; i < batch.count; i++) {
      const kind = kinds[batch.rows[i * ROW_WIDTH + ROW.kind] as number] ?? null;
      if (kind !== null && ((batch.marks[i] as number) & BAD_NAME) === 0) {
        this.makeKey(batch, i, kind);
        bytes.range(key.bytes, 0, key.length);
      }
      starts[i + 1] = bytes.length;
    }
    return { bytes: bytes.view(), starts, count: batch.count };
  }

  /** Into `key`. */
  private makeKey({ rows, data }: Digested, i: number, kind: Kind): void {
    const row = i * ROW_WIDTH;
    const parentStart = rows[row + ROW.parentStart] as number;
    const idStart = rows[row + ROW.idStart] as number;
    const idEnd = rows[row + ROW.idEnd] as number;
    if (parentStart < 0) this.key.top(data, idStart, idEnd, kind.bytes);
    else this.key.child(data, parentStart, rows[row + ROW.parentEnd] as number, kind.bytes, idStart, idEnd);
  }

  /** Null, or the gap this record turned out to be; a promise only where something has to be fetched or written. */
  private accept(batch: Digested, i: number, kind: Kind | null): Gap | null | Promise<Gap | null> {
    const { rows } = batch;
    const row = i * ROW_WIDTH;
    const size = (rows[row + ROW.end] as number) - (rows[row + ROW.start] as number);
    const mark = batch.marks[i] as number;
    this.counters.bytesRead += size;
    // A name the format cannot hold is the source's gap, not a reason to lose the other records.
    if (kind === null || (mark & BAD_NAME) !== 0) return { code: "record.missing_id", stream: batch.stream };
    if (size > MAX_RECORD_BYTES) return { code: "record.too_large", stream: batch.stream, kind: fromByteString(kind.name), id: idText(batch, row) };
    const { key } = this;
    this.makeKey(batch, i, kind);
    if (this.lookup === null) return this.store(batch, i, kind, false);
    const found = this.lookup.find(key.bytes, key.length);
    return found instanceof Promise ? found.then((later) => this.compare(batch, i, kind, later)) : this.compare(batch, i, kind, found);
  }

  private compare(batch: Digested, i: number, kind: Kind, found: FoundEntry | null): Gap | null | Promise<Gap | null> {
    if (found === null || found.leaf.isRemoval(found.at)) return this.store(batch, i, kind, false);
    const { seen, redactions } = this.parts;
    if (!seen.mark(found.run, found.leaf.first + found.at)) return { code: "record.duplicate", stream: batch.stream, kind: fromByteString(kind.name), id: idText(batch, i * ROW_WIDTH) };
    if (!sameDigest(found, batch.digests, i * DIGEST_BYTES)) return this.store(batch, i, kind, true);
    // What was erased from the vault and is still in the shop has to be stored anew: its old place is empty.
    if (redactions.size > 0 && isErased(redactions, found)) return this.store(batch, i, kind, true);
    this.counters.records++;
    this.counters.unchanged++;
    if (!kind.ordered || (batch.rows[i * ROW_WIDTH + ROW.parentStart] as number) < 0) return null;
    return this.enter(batch, i, kind, 0, 0, true);
  }

  /** Into a pack. */
  private store(batch: Digested, i: number, kind: Kind, known: boolean): null | Promise<null> {
    this.counters.records++;
    if (known) this.counters.changed++;
    else this.counters.added++;
    const row = i * ROW_WIDTH;
    const { packs } = this.parts;
    if (packs.full((batch.rows[row + ROW.end] as number) - (batch.rows[row + ROW.start] as number))) return packs.relieve().then(() => this.pack(batch, i, kind));
    return this.pack(batch, i, kind);
  }

  private pack(batch: Digested, i: number, kind: Kind): null | Promise<null> {
    const { input } = this;
    const { rows, data } = batch;
    const { packs } = this.parts;
    const row = i * ROW_WIDTH;
    const parentStart = rows[row + ROW.parentStart] as number;
    input.kind = kind.number;
    input.bytes = input.idBytes = data;
    input.start = rows[row + ROW.start] as number;
    input.end = rows[row + ROW.end] as number;
    input.idStart = rows[row + ROW.idStart] as number;
    input.idEnd = rows[row + ROW.idEnd] as number;
    input.parentBytes = parentStart < 0 ? null : data;
    input.parentStart = parentStart;
    input.parentEnd = rows[row + ROW.parentEnd] as number;
    input.newline = ((batch.marks[i] as number) & HOLDS_NEWLINE) !== 0;
    const frame = packs.frame;
    const ordinal = packs.add(input);
    return this.enter(batch, i, kind, frame, ordinal, false);
  }

  private enter(batch: Digested, i: number, kind: Kind, frame: number, ordinal: number, same: boolean): null | Promise<null> {
    const { entries } = this.parts;
    const add = (): null => {
      entries.add(this.key.bytes, this.key.length, this.key.anchor, kind.number, batch.digests, i * DIGEST_BYTES, frame, ordinal, this.first + i, same);
      return null;
    };
    return entries.sorter.full(this.key.length) ? entries.sorter.spill().then(add) : add();
  }
}

const EMPTY = new Uint8Array(0);

function sameDigest({ leaf, at }: FoundEntry, digests: Uint8Array, digestAt: number): boolean {
  const known = leaf.digests;
  const knownAt = leaf.digestAt[at] as number;
  for (let i = 0; i < DIGEST_BYTES; i++) if (known[knownAt + i] !== digests[digestAt + i]) return false;
  return true;
}

function isErased(redactions: Redactions, { leaf, at }: FoundEntry): boolean {
  return redactions.isErased(leaf.packId(at), leaf.frame[at] as number, leaf.ordinal[at] as number);
}

function idText({ data, rows }: Digested, row: number): string {
  return Buffer.from(data.buffer, data.byteOffset).toString("utf8", rows[row + ROW.idStart], rows[row + ROW.idEnd]);
}
