/**
 * Two stores that hold the same objects: written to both, read from either.
 *
 * The first decides who wins a write; only the winner writes to the second, so two racing writers cannot win one store each. A write is answered when both
 * have it. A crash in between leaves an object in the first alone, which the next writer of that name, or a repair, copies. A write that meets different objects
 * in the two is `store.diverged`, never a choice made in silence; a read takes the first's, and the second's where whoever reads says that the first's are not
 * what they must be (`copies.doubt`): only the vault can tell. Removal goes to the second first: what is gone from the first, where writes are decided, is gone
 * from both.
 */
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, Copies, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { isSound } from "./named-digest.ts";

export class ReplicatedStore implements ObjectStore {
  readonly first: ObjectStore;
  readonly second: ObjectStore;
  /** Names whose bytes in the first are rotten: read from the second. */
  readonly #rotten = new Set<string>();
  /** Names whose bytes in the first were read as a whole and are what their name says. */
  readonly #sound = new Set<string>();
  #careful = false;

  constructor(first: ObjectStore, second: ObjectStore) {
    this.first = first;
    this.second = second;
  }

  /** What both can promise. */
  get traits(): StoreTraits {
    const [a, b] = [this.first.traits, this.second.traits];
    return {
      name: `${a.name}-and-${b.name}`,
      objectLock: a.objectLock && b.objectLock,
      versioned: a.versioned || b.versioned,
      strongListing: a.strongListing && b.strongListing,
      durable: a.durable !== false && b.durable !== false,
    };
  }

  get copies(): Copies {
    return {
      each: [
        { name: "first", store: this.first },
        { name: "second", store: this.second },
      ],
      doubt: (key) => this.#doubt(key),
    };
  }

  /** Those of whichever has them; each locks by its own period. */
  get locks(): ObjectLocks | undefined {
    const able = [this.first.locks, this.second.locks].filter((locks) => locks !== undefined);
    if (able.length === 0) return undefined;
    return {
      days: Math.min(...able.map(({ days }) => days)),
      until: async (key) => {
        const ends = await Promise.all(able.map((locks) => locks.until(key)));
        return ends.reduce((sooner, end) => (sooner === null || end === null ? null : sooner < end ? sooner : end));
      },
      extend: async (key, until) => {
        for (const locks of able) await locks.extend(key, until);
      },
      hidden: async function* (prefix) {
        const told = new Set<string>();
        for (const locks of able) {
          for await (const key of locks.hidden(prefix)) {
            if (!told.has(key)) yield key;
            told.add(key);
          }
        }
      },
      bringBack: async (key, good) => {
        const brought = await Promise.all(able.map((locks) => locks.bringBack(key, good)));
        return brought.includes(true);
      },
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

  /** Somebody else's object: is it in the second, too, and the same? Its writer may be half-way, or may have crashed there. */
  async #complete(key: string, options?: PutOptions): Promise<void> {
    const there = await this.first.get(key);
    if (there === null) return;
    if ((await this.second.putIfAbsent(key, there, options)) === "stored") return;
    const other = await this.second.get(key);
    if (other !== null && Buffer.compare(other, there) !== 0) throw diverged(key);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    if (this.#careful) await this.#lookAt(key);
    const [one, other] = this.#rotten.has(key) ? [this.second, this.first] : [this.first, this.second];
    let bytes: Uint8Array | null;
    try {
      bytes = await one.get(key, range);
    } catch (error) {
      if (error instanceof StoreError && error.code === "store.bad_key") throw error;
      // An object that the other has is an answer. That it has none says nothing while the one is silent.
      const instead = await other.get(key, range).catch(() => null);
      if (instead === null) throw error;
      return instead;
    }
    return bytes ?? other.get(key, range);
  }

  /** From the first doubt on, objects that are named by their digest are looked at as a whole before a part of them is given. */
  async #lookAt(key: string): Promise<void> {
    if (this.#sound.has(key) || this.#rotten.has(key)) return;
    const bytes = await this.first.get(key).catch(() => null);
    if (bytes === null || isSound(key, bytes) !== false) this.#sound.add(key);
    else await this.#doubt(key);
  }

  async #doubt(key: string): Promise<boolean> {
    this.#careful = true;
    if (this.#rotten.has(key)) return false;
    const [one, other] = await Promise.all([this.first.get(key).catch(() => null), this.second.get(key).catch(() => null)]);
    if (other === null || (one !== null && Buffer.compare(one, other) === 0) || isSound(key, other) === false) return false;
    this.#rotten.add(key);
    return true;
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
