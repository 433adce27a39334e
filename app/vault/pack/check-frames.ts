/**
 * A thread's share of reading a vault: opens some frames of a pack, holds every record against what the index says of it, and gives back
 * the bytes of those that are live, and what all of them are found by. One task is a few megabytes of records.
 */
import { RangeDigest } from "../crypto/range-digest.ts";
import { VaultError } from "../errors.ts";
import { KeyHash } from "../format/key-hash.ts";
import { release } from "../format/release.ts";
import { fromByteString } from "../format/sort-key.ts";
import { FoundTerms } from "../search/found-terms.ts";
import type { TermColumns } from "../search/found-terms.ts";
import type { TermSource } from "../search/terms.ts";
import { FrameColumns } from "./decode-columns.ts";
import { isBareDictionary, openFrame } from "./open-frame.ts";
import type { FrameKeys, FrameSize } from "./open-frame.ts";

/** What the index says of records that lie one after another in a pack, whatever their frames. */
export interface Expected {
  /** Per record; 1: the index points at it. */
  readonly live: Uint8Array;
  /** Four numbers per record: the first 16 bytes of its digest, little-endian. */
  readonly digests: Uint32Array;
  /** Two numbers per record: KeyHash of its sort key. */
  readonly keys: Uint32Array;
}

export interface CheckTask {
  readonly keys: FrameKeys;
  /** Number of the first frame, and the sizes of all. */
  readonly from: number;
  readonly sizes: readonly (FrameSize & { readonly sealed: number })[];
  /** The frames back to back. */
  readonly sealed: Uint8Array;
  readonly dictionary: Uint8Array | null;
  readonly digestKey: Uint8Array;
  readonly seed: Uint32Array;
  readonly expected: Expected;
  /** What to give back of the live records: nothing; their bytes, each followed by 0A; or also who they are. */
  readonly wanted: "nothing" | "lines" | "records";
  /** Give back what the records are found by, live or not, where there is something that finds it. */
  readonly terms: boolean;
}

export interface CheckFault {
  /** "pack": a frame does not open, nothing after it was looked at. */
  readonly what: "pack" | "missing" | "damaged";
  readonly frame: number;
  readonly ordinal: number;
  readonly message: string;
}

export interface CheckResult {
  /** Live records that are what the index says. */
  readonly records: number;
  /** The first. */
  readonly fault: CheckFault | null;
  /** In order of the pack; empty unless wanted. */
  readonly bytes: Uint8Array;
  /** Who they are, as byte strings, and where they lie in `bytes`; empty unless wanted. */
  readonly found: readonly FoundRecord[];
  /** In order of the pack; null unless wanted, or when a frame did not open. */
  readonly terms: TermColumns | null;
}

export interface FoundRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly start: number;
  readonly end: number;
}

const NOTHING = new Uint8Array(0);
const columns = new FrameColumns();
/** This thread's. Empty between tasks. */
const terms = new FoundTerms();

/** `source`: finds what records are found by, in tasks that want it. */
export function checkFrames(task: CheckTask, source: TermSource | null): CheckResult {
  try {
    return new FrameCheck(task, task.terms ? source : null).run();
  } finally {
    terms.reset();
  }
}

class FrameCheck {
  private readonly task: CheckTask;
  private readonly digest: RangeDigest;
  private readonly hash: KeyHash;
  private records = 0;
  private fault: CheckFault | null = null;
  private readonly out: Buffer | null;
  private filled = 0;
  private readonly found: FoundRecord[] = [];
  private readonly source: TermSource | null;
  constructor(task: CheckTask, source: TermSource | null) {
    this.task = task;
    this.source = source;
    this.digest = digestFor(task.digestKey);
    this.hash = new KeyHash(task.seed);
    this.out = task.wanted !== "nothing" ? Buffer.allocUnsafeSlow(task.sizes.reduce((sum, size) => sum + size.raw, 0)) : null;
  }

  run(): CheckResult {
    const { keys, from, sizes, sealed, dictionary } = this.task;
    let at = 0;
    let slot = 0;
    for (const [i, size] of sizes.entries()) {
      const frame = from + i;
      try {
        const raw = openFrame(keys, frame, size, sealed.subarray(at, at + size.sealed), frame === 0 ? null : dictionary);
        if (!isBareDictionary(keys.flags, frame, size)) {
          columns.load(raw, size.records, keys.version, keys.object);
          this.compare(frame, slot);
          if (this.source !== null) lookThrough(this.source);
        }
        release(raw);
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        this.fault ??= { what: "pack", frame, ordinal: 0, message: error.message };
        break;
      }
      at += size.sealed;
      slot += size.records;
    }
    const bytes = this.out === null ? NOTHING : this.out.subarray(0, this.filled);
    return { records: this.records, fault: this.fault, bytes, found: this.found, terms: this.source === null || this.fault?.what === "pack" ? null : terms.copy() };
  }

  private compare(frame: number, slot: number): void {
    const { live, digests } = this.task.expected;
    const { count, kind, start, end, raw } = columns;
    for (let i = 0; i < count; i++) {
      if (live[slot + i] === 0) continue;
      if (kind[i] === 0) this.fault ??= { what: "missing", frame, ordinal: i, message: "it was erased" };
      else if (!this.isMeant(i, slot + i) || !this.digest.matches(raw, start[i] as number, end[i] as number, digests, (slot + i) * 4)) this.fault ??= { what: "damaged", frame, ordinal: i, message: "a record does not match its digest" };
      else {
        this.records++;
        if (this.task.wanted === "records") {
          const { kind: name, id, parentId, bytes } = columns.record(i);
          this.found.push({ kind: name, id, parentId, start: this.filled, end: this.filled + bytes.length });
        }
        if (this.out !== null) this.filled += raw.copy(this.out, this.filled, start[i], (end[i] as number) + 1);
      }
    }
  }

  /** Whether kind, id and parent are those of the index entry. */
  private isMeant(i: number, slot: number): boolean {
    const { hash } = this;
    const { raw, kind, kindStart, kindEnd, idStart, idEnd, parentStart, parentEnd } = columns;
    const parent = parentStart[i] as number;
    const number = kind[i] as number;
    hash.begin(parent >= 0);
    if (parent >= 0) hash.add(raw, parent, parentEnd[i] as number);
    else hash.add(raw, idStart[i] as number, idEnd[i] as number);
    hash.add(raw, kindStart[number] as number, kindEnd[number] as number);
    if (parent >= 0) hash.add(raw, idStart[i] as number, idEnd[i] as number);
    hash.end();
    const { keys } = this.task.expected;
    return hash.low === keys[slot * 2] && hash.high === keys[slot * 2 + 1];
  }
}

/** All records of the frame at hand. */
function lookThrough(source: TermSource): void {
  const { count, kind, kinds, raw, start, end, idStart, idEnd, parentStart, parentEnd } = columns;
  const names = kinds.map((bytes) => fromByteString(bytes));
  const looked = names.map((name, number) => number > 0 && source.kinds.has(name));
  for (let i = 0; i < count; i++) {
    const number = kind[i] as number;
    if (looked[number] !== true) continue;
    const parent = parentStart[i] as number;
    const ranges = { idBytes: raw, idStart: idStart[i] as number, idEnd: idEnd[i] as number, parentBytes: parent < 0 ? null : raw, parentStart: parent, parentEnd: parentEnd[i] as number };
    terms.lookAt(source, names[number] as string, kinds[number] as string, ranges, raw, start[i] as number, end[i] as number);
  }
}

/** A digest's room is worth keeping from task to task of one vault. */
let kept: { key: Buffer; digest: RangeDigest } | null = null;
function digestFor(key: Uint8Array): RangeDigest {
  if (kept === null || !kept.key.equals(key)) kept = { key: Buffer.from(key), digest: new RangeDigest(key) };
  return kept.digest;
}
