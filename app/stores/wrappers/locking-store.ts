/**
 * Writes what the vault wants locked under a lock (docs/design.md 8.8). Which names that are is the vault's rule; here it reaches every writer, because a
 * writer that had to remember it would one day forget.
 */
import { lockDaysOf } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";

const DAY = 24 * 3_600_000;

export class LockingStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #days: number;
  readonly #now: () => Date;

  /** `days`: the period, more than 0. `inner` must be able to lock. */
  constructor(inner: ObjectStore, days: number, now: () => Date) {
    if (!(days > 0)) throw new RangeError("a lock lasts longer than 0 days");
    this.#inner = inner;
    this.#days = days;
    this.#now = now;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#inner;
    return (
      locks && {
        days: this.#days,
        until: (key) => locks.until(key),
        extend: (key, until) => locks.extend(key, until),
        hidden: (prefix) => locks.hidden(prefix),
        bringBack: (key, good) => locks.bringBack(key, good),
      }
    );
  }

  putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const days = lockDaysOf(key, this.#days);
    const until = days === null ? undefined : new Date(this.#now().getTime() + days * DAY);
    // Who asks for more gets more: the ledger's checkpoints are locked for longer than all else.
    const lockUntil = options.lockUntil === undefined || (until !== undefined && until > options.lockUntil) ? until : options.lockUntil;
    return this.#inner.putIfAbsent(key, body, lockUntil === undefined ? options : { ...options, lockUntil });
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.#inner.get(key, range);
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.#inner.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.#inner.remove(key);
  }
}
