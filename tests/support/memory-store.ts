/**
 * A store in memory, stricter than any cloud: it fails on what a careful caller never does (an empty object, a bad key, removing
 * what a manifest may still name), and it hands out copies, so that nobody can change what is stored by holding on to it.
 */
import { OBJECT_KEY, StoreError } from "#app/vault/object-store.ts";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/object-store.ts";

export class MemoryStore implements ObjectStore {
  readonly traits: StoreTraits = { name: "memory", objectLock: false, versioned: false, strongListing: true };
  readonly objects = new Map<string, Uint8Array>();
  /** Keys in the order of their first write. */
  readonly written: string[] = [];
  gets = 0;
  bytesGot = 0;

  putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    if (!OBJECT_KEY.test(key)) return Promise.reject(new StoreError("store.bad_key", `bad key ${key}`));
    if (options.lockUntil !== undefined) return Promise.reject(new StoreError("store.lock_unsupported", "memory cannot lock objects"));
    if (body.length === 0) return Promise.reject(new StoreError("store.refused", `an empty object at ${key}`));
    if (this.objects.has(key)) return Promise.resolve("already-there");
    this.objects.set(key, new Uint8Array(body));
    this.written.push(key);
    return Promise.resolve("stored");
  }
  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    if (!OBJECT_KEY.test(key)) return Promise.reject(new StoreError("store.bad_key", `bad key ${key}`));
    const body = this.objects.get(key);
    this.gets++;
    if (body === undefined) return Promise.resolve(null);
    const part = range === undefined ? body : body.subarray(range.offset, range.offset + range.length);
    this.bytesGot += part.length;
    return Promise.resolve(new Uint8Array(part));
  }
  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    if (prefix !== "" && !OBJECT_KEY.test(`${prefix}x`)) throw new StoreError("store.bad_key", `bad prefix ${prefix}`);
    for (const key of [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort()) yield { key, size: (this.objects.get(key) as Uint8Array).length };
  }
  remove(key: string): Promise<void> {
    if (!OBJECT_KEY.test(key)) return Promise.reject(new StoreError("store.bad_key", `bad key ${key}`));
    if (/^(packs|tree|snapshots)\//.test(key) && !key.endsWith(".key")) return Promise.reject(new StoreError("store.refused", `${key} may still be named by a manifest`));
    this.objects.delete(key);
    return Promise.resolve();
  }

  /** The same objects in another store, for tests that damage things. */
  clone(): MemoryStore {
    const copy = new MemoryStore();
    for (const [key, body] of this.objects) copy.objects.set(key, Uint8Array.from(body));
    return copy;
  }
}

/** Removes what it is told to, as a bucket does. */
export class BucketStore extends MemoryStore {
  override remove(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }
}
