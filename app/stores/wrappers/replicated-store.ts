/**
 * Two stores that hold the same objects: written to both, read from either.
 *
 * The first decides who wins a write; only the winner writes to the second, so two racing writers cannot win one store each. A write is answered when both
 * have it. A crash in between leaves an object in the first alone, which the next writer of that name, or `heal`, copies. An object that
 * differs between the two is `store.diverged`, never a choice made in silence. Removal goes to the second first: what is
 * gone from the first, where writes are decided, is gone from both.
 */
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";

export class ReplicatedStore implements ObjectStore {
  readonly first: ObjectStore;
  readonly second: ObjectStore;

  constructor(first: ObjectStore, second: ObjectStore) {
    this.first = first;
    this.second = second;
  }

  /** What both can promise. */
  get traits(): StoreTraits {
    const [a, b] = [this.first.traits, this.second.traits];
    return {
      name: `${a.name} and ${b.name}`,
      objectLock: a.objectLock && b.objectLock,
      versioned: a.versioned || b.versioned,
      strongListing: a.strongListing && b.strongListing,
      durable: a.durable !== false || b.durable !== false,
    };
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    if (options?.lockUntil !== undefined && !this.traits.objectLock) throw new StoreError("store.lock_unsupported", "Not both of the two stores can lock objects.");
    const bytes = Buffer.from(body);
    const outcome = await this.first.putIfAbsent(key, bytes, options);
    if (outcome === "already-there") {
      await this.#complete(key, options);
      return outcome;
    }
    if ((await this.second.putIfAbsent(key, bytes, options)) === "stored") return outcome;
    const there = await this.second.get(key);
    if (there !== null && Buffer.compare(there, bytes) === 0) return outcome;
    // The first had lost the object and now holds ours, which nobody has been told of: taken back, so that the older one stays the only one.
    await this.first.remove(key).catch(() => undefined);
    throw diverged(key);
  }

  /** Somebody else's object: is it in the second too? Its writer may be half-way, or may have crashed there. */
  async #complete(key: string, options?: PutOptions): Promise<void> {
    if ((await this.second.get(key, { offset: 0, length: 1 })) !== null) return;
    const there = await this.first.get(key);
    if (there === null) return;
    if ((await this.second.putIfAbsent(key, there, options)) === "stored") return;
    const other = await this.second.get(key);
    if (other !== null && Buffer.compare(other, there) !== 0) throw diverged(key);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    let bytes: Uint8Array | null;
    try {
      bytes = await this.first.get(key, range);
    } catch (error) {
      if (error instanceof StoreError && error.code === "store.bad_key") throw error;
      // An object that the second has is an answer. That it has none says nothing while the first is silent.
      const other = await this.second.get(key, range).catch(() => null);
      if (other === null) throw error;
      return other;
    }
    return bytes ?? this.second.get(key, range);
  }

  /** What either has. */
  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const [a, b] = [this.first.list(prefix)[Symbol.asyncIterator](), this.second.list(prefix)[Symbol.asyncIterator]()];
    let [left, right] = await Promise.all([a.next(), b.next()]);
    while (left.done !== true || right.done !== true) {
      const order = left.done === true ? 1 : right.done === true ? -1 : left.value.key < right.value.key ? -1 : left.value.key > right.value.key ? 1 : 0;
      yield (order <= 0 ? left : right).value as ObjectInfo;
      [left, right] = await Promise.all([order <= 0 ? a.next() : left, order >= 0 ? b.next() : right]);
    }
  }

  async remove(key: string): Promise<void> {
    await this.second.remove(key);
    await this.first.remove(key);
  }
}

export function diverged(key: string): StoreError {
  return new StoreError("store.diverged", `The two stores hold different objects under the name ${key}.`);
}
