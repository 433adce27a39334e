/** Reads packs whole, on threads, in order: fetching, opening and handing out overlap, and no more than a few tasks are in memory. */
import { availableParallelism } from "node:os";
import { checkFrames } from "../pack/check-frames.ts";
import type { CheckResult, CheckTask, Expected } from "../pack/check-frames.ts";
import { hasDictionary, openFrame } from "../pack/open-frame.ts";
import type { FrameSize } from "../pack/open-frame.ts";
import type { OpenedPack, PackReader } from "../pack/pack-reader.ts";
import { namedTerms } from "../search/import-terms.ts";
import type { TermSource } from "../search/terms.ts";
import { ThreadPool } from "../threads/pool.ts";

/** Sealed bytes of one task: about five times as many when opened. */
const TASK_BYTES = 256 * 1024;
/** Opened bytes of one task, a single larger frame excepted. */
const TASK_RAW = 2 * 1024 * 1024;
/** Packs of fewer bytes in all are opened in this thread: starting others would take longer. */
const SMALL_BYTES = 8 * 1024 * 1024;
/**
 * Beside this one, which takes its share. Each thread takes sixty megabytes and a tenth of a second of its own: two of them brought an export of
 * 256 MiB to 253 MiB of memory, where 256 are promised.
 */
const MOST_THREADS = 1;

export interface ScanOptions {
  readonly packs: PackReader;
  readonly digestKey: Uint8Array;
  readonly seed: Uint32Array;
  readonly wanted: CheckTask["wanted"];
  /** What records are found by, for whoever asks for it of a pack. One that threads cannot import is looked for in this thread alone. */
  readonly terms?: TermSource | undefined;
  readonly threads: number;
}

/** How many threads are worth starting for this many stored bytes. */
export function threadsFor(bytes: number): number {
  return bytes < SMALL_BYTES ? 0 : Math.min(MOST_THREADS, availableParallelism() - 1);
}

export class PackScan {
  private readonly options: ScanOptions;
  private readonly threads: number;
  private readonly inline: (task: CheckTask) => CheckResult;
  private readonly pool: ThreadPool<CheckTask, CheckResult>;
  constructor(options: ScanOptions) {
    const { terms } = options;
    const named = terms === undefined ? null : namedTerms(terms);
    this.options = options;
    this.threads = terms !== undefined && named === null ? 0 : options.threads;
    this.inline = (task) => checkFrames(task, terms ?? null);
    this.pool = new ThreadPool<CheckTask, CheckResult>({ worker: new URL("../pack/check-frames-worker.ts", import.meta.url), inline: this.inline, threads: this.threads, workerData: named });
  }

  /** Results of one pack in order, `terms` with what all its records are found by. Ends early, after a result with a fault of the whole pack; throws what reading throws. */
  async *pack(id: string, pack: OpenedPack, expected: Expected, terms = false): AsyncGenerator<CheckResult> {
    const { threads } = this;
    /** In order of the pack. Results of threads come later, those of this thread are there at once. */
    const pending: Promise<CheckResult>[] = [];
    let away = 0;
    for await (const task of this.tasks(id, pack, expected, terms)) {
      // While every thread has one to do and one to go on with, this one takes its share: it would only wait.
      if (away < threads * 2) {
        const { expected: part } = task;
        const moved = [task.sealed.buffer, part.live.buffer, part.digests.buffer, part.keys.buffer] as ArrayBuffer[];
        away++;
        const result = this.pool.run(task, moved).finally(() => away--);
        // Heard when its turn comes.
        result.catch(() => undefined);
        pending.push(result);
      } else pending.push(Promise.resolve(this.inline(task)));
      if (pending.length <= threads * 2) continue;
      const next = await (pending.shift() as Promise<CheckResult>);
      yield next;
      if (next.fault?.what === "pack") return;
    }
    for (const result of pending) {
      const next = await result;
      yield next;
      if (next.fault?.what === "pack") return;
    }
  }

  private async *tasks(id: string, pack: OpenedPack, expected: Expected, terms: boolean): AsyncGenerator<CheckTask> {
    const { packs, digestKey, seed, wanted } = this.options;
    const { lines, keys, header } = pack;
    let dictionary: Uint8Array | null = null;
    let slot = 0;
    for await (const { from, to, sealed } of packs.windows(id, pack)) {
      let at = 0;
      if (from === 0 && hasDictionary(header.flags)) {
        const line = lines[0] as (typeof lines)[number];
        dictionary = openFrame(keys, 0, line, sealed.subarray(0, line.sealed), null);
      }
      for (let first = from; first < to; ) {
        const sizes: { sealed: number; raw: number; records: number }[] = [];
        let bytes = 0;
        let raw = 0;
        let records = 0;
        for (let frame = first; frame < to; frame++) {
          const line = lines[frame] as (typeof lines)[number];
          if (sizes.length > 0 && (bytes + line.sealed > TASK_BYTES || raw + line.raw > TASK_RAW)) break;
          raw += line.raw;
          sizes.push({ sealed: line.sealed, raw: line.raw, records: line.records });
          bytes += line.sealed;
          records += line.records;
        }
        yield {
          keys,
          from: first,
          sizes,
          sealed: Uint8Array.prototype.slice.call(sealed, at, at + bytes),
          dictionary,
          digestKey,
          seed,
          wanted,
          terms,
          expected: { live: expected.live.slice(slot, slot + records), digests: expected.digests.slice(slot * 4, (slot + records) * 4), keys: expected.keys.slice(slot * 2, (slot + records) * 2) },
        };
        first += sizes.length;
        at += bytes;
        slot += records;
      }
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** The sizes of a pack's frames, as rows are filed by. */
export function sizesOf(pack: OpenedPack): readonly FrameSize[] {
  return pack.lines;
}
