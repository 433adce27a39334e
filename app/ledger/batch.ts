/**
 * Turns many callers into few appends: while one append is under way, the entries of everybody who calls wait together and go in with the
 * next one, in the order of their calls, under one checkpoint. A caller's own entries stay together and go in all or not at all.
 */
import type { Appended } from "./append.ts";

/** What one append takes at most, so that a staged object stays of a size that any store takes in one request. */
const MAX_ENTRIES = 4096;
const MAX_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly entries: readonly Uint8Array[];
  readonly done: (appended: Appended) => void;
  readonly failed: (error: unknown) => void;
}

export class Batches {
  readonly #append: (entries: readonly Uint8Array[]) => Promise<Appended>;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(append: (entries: readonly Uint8Array[]) => Promise<Appended>) {
    this.#append = append;
  }

  add(entries: readonly Uint8Array[]): Promise<Appended> {
    const appended = new Promise<Appended>((done, failed) => this.#waiting.push({ entries, done, failed }));
    if (!this.#running) void this.#run();
    return appended;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // One turn: those who have just been answered, and those who call together, go in together.
      await new Promise((turn) => setImmediate(turn));
      const batch = this.#next();
      try {
        const { checkpoint, first } = await this.#append(batch.flatMap(({ entries }) => entries));
        let place = first;
        for (const { entries, done } of batch) {
          done({ checkpoint, first: place });
          place += entries.length;
        }
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#running = false;
  }

  /** The first of those who wait, and as many after it as fit. */
  #next(): Waiting[] {
    let entries = 0;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      entries += waiting.entries.length;
      bytes += waiting.entries.reduce((sum, entry) => sum + entry.length, 0);
      if (count > 0 && (entries > MAX_ENTRIES || bytes > MAX_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
