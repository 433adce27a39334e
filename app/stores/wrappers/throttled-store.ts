/** Holds a store to so many bytes and requests a second: a backup must not take the whole line, nor run into the provider's own limits. */
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";

export interface Limits {
  /** Bodies in both directions. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  readonly requestsPerSecond?: number | undefined;
}

export interface Time {
  /** Milliseconds that only grow. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** A bucket that holds one second's worth. It may go into debt: whoever comes next waits until it is paid, in order of arrival. */
class Bucket {
  readonly #perSecond: number;
  readonly #time: Time;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, time: Time) {
    if (!(perSecond > 0)) throw new RangeError("a limit is a number above 0");
    this.#perSecond = perSecond;
    this.#time = time;
    this.#tokens = perSecond;
    this.#at = time.now();
  }

  async take(amount: number): Promise<void> {
    const debt = this.#spend(amount);
    if (debt > 0) await this.#time.sleep((debt / this.#perSecond) * 1000);
  }

  /** What was only known afterwards. */
  charge(amount: number): void {
    this.#spend(amount);
  }

  #spend(amount: number): number {
    const now = this.#time.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    const before = this.#tokens;
    this.#tokens -= amount;
    // What is left pays for the beginning of this one; only an empty bucket makes it wait.
    return Math.max(0, amount - before);
  }
}

export class ThrottledStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #bytes: Bucket | null;
  readonly #requests: Bucket | null;

  constructor(inner: ObjectStore, { bytesPerSecond, requestsPerSecond }: Limits, time: Time) {
    this.#inner = inner;
    this.#bytes = bytesPerSecond === undefined ? null : new Bucket(bytesPerSecond, time);
    this.#requests = requestsPerSecond === undefined ? null : new Bucket(requestsPerSecond, time);
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#inner;
    const one = async <T>(work: () => Promise<T>): Promise<T> => {
      await this.#requests?.take(1);
      return work();
    };
    return (
      locks && {
        days: locks.days,
        until: (key) => one(() => locks.until(key)),
        extend: (key, until) => one(() => locks.extend(key, until)),
        hidden: (prefix) => locks.hidden(prefix),
        bringBack: (key, good) => one(() => locks.bringBack(key, good)),
      }
    );
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    const size = body.byteLength;
    await this.#requests?.take(1);
    await this.#bytes?.take(size);
    return this.#inner.putIfAbsent(key, body, options);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    await this.#requests?.take(1);
    // Waits out what earlier reads have cost.
    await this.#bytes?.take(0);
    const bytes = await this.#inner.get(key, range);
    this.#bytes?.charge(bytes?.byteLength ?? 0);
    return bytes;
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    await this.#requests?.take(1);
    yield* this.#inner.list(prefix);
  }

  async remove(key: string): Promise<void> {
    await this.#requests?.take(1);
    return this.#inner.remove(key);
  }
}
