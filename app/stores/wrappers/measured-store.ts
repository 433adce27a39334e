/** Counts what passes through: what a command fetched and stored, for its report. */
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";

export interface StoreUsage {
  /** Objects asked for, present or not. */
  readonly gets: number;
  /** Bytes of objects received. */
  readonly bytesFetched: number;
  /** Objects newly stored, and their bytes; objects already there cost nothing. */
  readonly objectsStored: number;
  readonly bytesStored: number;
}

export class MeasuredStore implements ObjectStore {
  readonly #inner: ObjectStore;
  #gets = 0;
  #bytesFetched = 0;
  #objectsStored = 0;
  #bytesStored = 0;

  constructor(inner: ObjectStore) {
    this.#inner = inner;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get locks(): ObjectLocks | undefined {
    return this.#inner.locks;
  }

  /** Totals since the wrapper was made; subtract two to measure what lies between. */
  get usage(): StoreUsage {
    return { gets: this.#gets, bytesFetched: this.#bytesFetched, objectsStored: this.#objectsStored, bytesStored: this.#bytesStored };
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    const size = body.byteLength;
    const outcome = await this.#inner.putIfAbsent(key, body, options);
    if (outcome === "stored") {
      this.#objectsStored++;
      this.#bytesStored += size;
    }
    return outcome;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = await this.#inner.get(key, range);
    this.#gets++;
    this.#bytesFetched += bytes?.byteLength ?? 0;
    return bytes;
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.#inner.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.#inner.remove(key);
  }
}
