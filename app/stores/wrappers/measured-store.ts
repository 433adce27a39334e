/** Counts what passes through: what a command fetched and stored, for its report. */
import type { ByteRange, Copies, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { eachWrapped } from "./copies.ts";

export interface StoreUsage {
  /** Objects asked for, present or not. */
  readonly gets: number;
  /** Bytes of objects received. */
  readonly bytesFetched: number;
  /** Objects newly stored, and their bytes; objects already there cost nothing. */
  readonly objectsStored: number;
  readonly bytesStored: number;
}

type Used = { -readonly [Name in keyof StoreUsage]: StoreUsage[Name] };

export class MeasuredStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #used: Used;

  /** `used`: what is counted on. Default: from nothing. */
  constructor(inner: ObjectStore, used: Used = { gets: 0, bytesFetched: 0, objectsStored: 0, bytesStored: 0 }) {
    this.#inner = inner;
    this.#used = used;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get copies(): Copies | undefined {
    return eachWrapped(this.#inner.copies, (store) => new MeasuredStore(store, this.#used));
  }

  get locks(): ObjectLocks | undefined {
    return this.#inner.locks;
  }

  /** Totals since the wrapper was made; subtract two to measure what lies between. */
  get usage(): StoreUsage {
    return { ...this.#used };
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    const size = body.byteLength;
    const outcome = await this.#inner.putIfAbsent(key, body, options);
    if (outcome === "stored") {
      this.#used.objectsStored++;
      this.#used.bytesStored += size;
    }
    return outcome;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = await this.#inner.get(key, range);
    this.#used.gets++;
    this.#used.bytesFetched += bytes?.byteLength ?? 0;
    return bytes;
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.#inner.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.#inner.remove(key);
  }
}
