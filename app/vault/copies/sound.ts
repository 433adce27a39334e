/** Reading on where a copy of an object is damaged and there is another. */
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { FoundById, SnapshotReader } from "../types.ts";
import type { SourceRecord } from "../record.ts";

/** Each damaged object is met once; more than this many are not a few rotten bytes. */
const MOST = 1000;

async function hasOther(store: ObjectStore, error: unknown): Promise<boolean> {
  if (!(error instanceof VaultError) || error.code !== "vault.damaged_object" || error.object === undefined || store.copies === undefined) return false;
  return store.copies.doubt(error.object);
}

/** `work` must be good to be done again. */
export async function soundly<T>(store: ObjectStore, work: () => Promise<T>): Promise<T> {
  for (let again = 0; ; again++) {
    try {
      return await work();
    } catch (error) {
      if (again === MOST || !(await hasOther(store, error))) throw error;
    }
  }
}

/** A reader that begins again, from another copy, where one is damaged; of a stream, what was given already is not given twice: its order is always the same. */
export class SoundReader implements SnapshotReader {
  private readonly store: ObjectStore;
  private readonly make: () => SnapshotReader;
  private reader: SnapshotReader;
  constructor(store: ObjectStore, make: () => SnapshotReader) {
    this.store = store;
    this.make = make;
    this.reader = make();
  }

  get(id: string): Promise<FoundById | null> {
    return this.again((reader) => reader.get(id));
  }

  tree(id: string): Promise<SourceRecord[]> {
    return this.again((reader) => reader.tree(id));
  }

  records(options?: { order?: "stored" | "key" }): AsyncIterable<readonly SourceRecord[]> {
    return this.stream((reader) => reader.records(options), (batch) => batch.length, (batch, from) => batch.slice(from));
  }

  lines(): AsyncIterable<{ readonly bytes: Uint8Array; readonly records: number }> {
    return this.stream((reader) => reader.lines(), ({ records }) => records, withoutLines);
  }

  private again<T>(work: (reader: SnapshotReader) => Promise<T>): Promise<T> {
    return soundly(this.store, async () => {
      try {
        return await work(this.reader);
      } catch (error) {
        // What it has read is not to be believed either.
        this.reader = this.make();
        throw error;
      }
    });
  }

  private async *stream<T>(open: (reader: SnapshotReader) => AsyncIterable<T>, countOf: (part: T) => number, without: (part: T, first: number) => T): AsyncGenerator<T> {
    let given = 0;
    for (let again = 0; ; again++) {
      let met = 0;
      try {
        for await (const part of open(this.make())) {
          const count = countOf(part);
          const known = Math.min(count, Math.max(0, given - met));
          met += count;
          if (known === count && count > 0) continue;
          given = Math.max(given, met);
          yield known === 0 ? part : without(part, known);
        }
        return;
      } catch (error) {
        if (again === MOST || !(await hasOther(this.store, error))) throw error;
      }
    }
  }
}

function withoutLines({ bytes, records }: { readonly bytes: Uint8Array; readonly records: number }, first: number): { bytes: Uint8Array; records: number } {
  let at = 0;
  for (let line = 0; line < first; line++) at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(0x0a, at) + 1;
  return { bytes: bytes.subarray(at), records: records - first };
}
