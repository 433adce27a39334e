/** Whether a record belongs to a snapshot, as its index says; tolerant of blocks that do not open. Remembers, in one bit per entry, what was found. */
import type { KeyedDigest } from "../crypto/digest.ts";
import { recordKeyOf } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { FrameRecord } from "../pack/frame.ts";
import type { RecordKey } from "../record.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { FoundEntry, KeyLookup } from "../tree/key-lookup.ts";
import { RootBuilder } from "../tree/root.ts";
import { sortKeyOfFrameRecord } from "../snapshot/reader.ts";
import type { SnapshotManifest } from "../types.ts";
import type { Findings } from "./findings.ts";

/** "unknown": the part of the index that would tell does not open. "altered": it belongs here by its name, and its bytes are not the ones vouched for. */
export type Belongs = "member" | "no" | "unknown" | "altered";

export interface Address {
  readonly pack: string;
  readonly frame: number;
  readonly ordinal: number;
}

/** Lost entries told at once. */
const BATCH = 1000;
const READ_AHEAD = 512 * 1024;

export class Membership {
  private readonly manifest: SnapshotManifest;
  private readonly digest: KeyedDigest;
  private readonly findings: Findings;
  private readonly index: IndexReader;
  private readonly lookup: KeyLookup;
  private readonly seen: readonly Uint8Array[];
  constructor(store: ObjectStore, keys: IndexKeys, digest: KeyedDigest, manifest: SnapshotManifest, findings: Findings) {
    this.manifest = manifest;
    this.digest = digest;
    this.findings = findings;
    this.index = new IndexReader(store, keys, manifest.runs, { readAhead: READ_AHEAD });
    this.lookup = this.index.lookup();
    this.seen = manifest.runs.map((run) => new Uint8Array(Math.ceil(run.entries / 8)));
  }

  /** A promise only when a part of the index has to be fetched: most answers come from the leaf that gave the one before. */
  of(record: FrameRecord, address: Address): Belongs | Promise<Belongs> {
    const key = Buffer.from(sortKeyOfFrameRecord(record), "latin1");
    try {
      const found = this.lookup.find(key, key.length);
      if (!(found instanceof Promise)) return this.compare(found, record, address);
      return found.then(
        (late) => this.compare(late, record, address),
        (error: unknown) => this.unknown(error),
      );
    } catch (error) {
      return this.unknown(error);
    }
  }

  private unknown(error: unknown): Belongs {
    this.findings.fault(error, "the index");
    return "unknown";
  }

  private compare(found: FoundEntry | null, record: FrameRecord, { pack, frame, ordinal }: Address): Belongs {
    if (found === null || found.leaf.isRemoval(found.at)) return "no";
    const { leaf, at, run } = found;
    if (leaf.ordinal[at] !== ordinal || leaf.frame[at] !== frame || leaf.packId(at) !== pack) return "no";
    if (this.digest.short(record.bytes) !== leaf.digest(at)) return "altered";
    const position = leaf.first + at;
    const bits = this.seen[run] as Uint8Array;
    bits[position >>> 3] = (bits[position >>> 3] as number) | (1 << (position & 7));
    return "member";
  }

  /**
   * Walks the whole index: recomputes the root, and tells what was not found, but for what `isErased` says was erased. Null when the index cannot be
   * walked to its end; then what was lost cannot be told by name either.
   */
  async settle(isErased: (address: Address) => boolean, lost: (keys: readonly RecordKey[]) => Promise<void>): Promise<{ root: string; records: number; lost: number; erased: number } | null> {
    const root = new RootBuilder();
    let batch: RecordKey[] = [];
    let erased = 0;
    let missing = 0;
    try {
      const cursor = this.index.cursor();
      let more = this.manifest.runs.length > 0 && (await cursor.seek());
      while (more) {
        if (!cursor.removed) {
          root.add(cursor.key, cursor.digest, cursor.place);
          const { position } = cursor;
          if ((((this.seen[cursor.run] as Uint8Array)[position >>> 3] as number) & (1 << (position & 7))) === 0) {
            if (isErased(cursor.located)) erased++;
            else {
              missing++;
              batch.push(recordKeyOf(cursor.key));
            }
          }
          if (batch.length >= BATCH) {
            await lost(batch);
            batch = [];
          }
        }
        const next = cursor.next();
        more = typeof next === "boolean" ? next : await next;
      }
    } catch (error) {
      this.findings.fault(error, "the index");
      return null;
    }
    if (batch.length > 0) await lost(batch);
    return { root: root.finish(), records: root.count, lost: missing, erased };
  }
}

