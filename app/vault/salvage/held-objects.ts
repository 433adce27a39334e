/** The store, with some objects' bytes as they are held, and mended, in memory. */
import { VaultError } from "../errors.ts";
import type { ByteRange, ObjectStore } from "../object-store.ts";

export class HeldObjects implements ObjectStore {
  readonly traits;
  private readonly store: ObjectStore;
  private readonly held: ReadonlyMap<string, Buffer>;
  constructor(store: ObjectStore, held: ReadonlyMap<string, Buffer>) {
    this.store = store;
    this.traits = store.traits;
    this.held = held;
  }
  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = this.held.get(key);
    if (bytes === undefined) return this.store.get(key, range);
    return Promise.resolve(range === undefined ? bytes : bytes.subarray(range.offset, range.offset + range.length));
  }
  list(prefix: string): ReturnType<ObjectStore["list"]> {
    return this.store.list(prefix);
  }
  putIfAbsent(): never {
    throw new VaultError("vault.read_only", "a recovery writes nothing to the store");
  }
  remove(): never {
    throw new VaultError("vault.read_only", "a recovery removes nothing from the store");
  }
}
