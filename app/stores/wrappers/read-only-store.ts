/** Lets nothing be written or removed: for verification and for reading somebody else's vault. */
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, Copies, ObjectInfo, ObjectLocks, ObjectStore, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { eachWrapped } from "./copies.ts";

export class ReadOnlyStore implements ObjectStore {
  readonly #inner: ObjectStore;
  constructor(inner: ObjectStore) {
    this.#inner = inner;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get copies(): Copies | undefined {
    return eachWrapped(this.#inner.copies, (store) => new ReadOnlyStore(store));
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#inner;
    const refuse = (): Promise<never> => Promise.reject(new StoreError("store.read_only", "The store was opened for reading only."));
    return locks && { days: locks.days, until: (key) => locks.until(key), hidden: (prefix) => locks.hidden(prefix), extend: refuse, bringBack: refuse };
  }

  async putIfAbsent(): Promise<PutOutcome> {
    throw new StoreError("store.read_only", "The store was opened for reading only.");
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.#inner.get(key, range);
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.#inner.list(prefix);
  }

  async remove(): Promise<void> {
    throw new StoreError("store.read_only", "The store was opened for reading only.");
  }
}
