/**
 * Tries again where the error says that this may help: exponential waits with full jitter, so that many clients do not come back as one.
 *
 * A write whose answer was lost is the reason this lies here and not in a provider's library: tried again it finds its own object and
 * hears "already-there". Then the stored bytes are read and compared: equal bytes are this write's, "stored". (They may also be those of another writer
 * of the very same bytes, and then both hear "stored", which harms nobody.)
 */
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";

export interface RetryPolicy {
  /** Calls altogether, the first included. */
  readonly attempts: number;
  /** Before attempt n + 1: a random part of baseMs * 2^(n-1), at most mostMs. */
  readonly baseMs: number;
  readonly mostMs: number;
}

/** Six calls within about half a minute: longer than a provider's hiccup, shorter than a lease. */
export const RETRY_POLICY: RetryPolicy = { attempts: 6, baseMs: 500, mostMs: 15_000 };

export interface Waiting {
  sleep(ms: number): Promise<void>;
  /** [0, 1) */
  random(): number;
}

export class RetryingStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #policy: RetryPolicy;
  readonly #waiting: Waiting;
  #retries = 0;

  constructor(inner: ObjectStore, policy: RetryPolicy, waiting: Waiting) {
    this.#inner = inner;
    this.#policy = policy;
    this.#waiting = waiting;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#inner;
    return (
      locks && {
        days: locks.days,
        until: (key) => this.#again(() => locks.until(key)),
        extend: (key, until) => this.#again(() => locks.extend(key, until)),
        hidden: (prefix) => this.#hidden(locks, prefix),
        bringBack: (key, good) => this.#again(() => locks.bringBack(key, good)),
      }
    );
  }

  /** Calls made again since the wrapper was made. */
  get retries(): number {
    return this.#retries;
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    let answerLost = false;
    return this.#again(async () => {
      const outcome = await this.#inner.putIfAbsent(key, body, options).catch((error: unknown) => {
        answerLost = true;
        throw error;
      });
      if (outcome === "stored" || !answerLost) return outcome;
      const there = await this.#inner.get(key);
      return there !== null && Buffer.compare(there, body) === 0 ? "stored" : "already-there";
    });
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return this.#again(() => this.#inner.get(key, range));
  }

  /** A listing that breaks goes on after the last key it gave. */
  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    let last = "";
    for (let failures = 0; ; ) {
      try {
        for await (const info of this.#inner.list(prefix)) {
          if (info.key <= last) continue;
          last = info.key;
          failures = 0;
          yield info;
        }
        return;
      } catch (error) {
        failures++;
        await this.#waitOrThrow(error, failures);
      }
    }
  }

  remove(key: string): Promise<void> {
    return this.#again(() => this.#inner.remove(key));
  }

  /** Few, if any: read to the end before the first is given. */
  async *#hidden(locks: ObjectLocks, prefix: string): AsyncGenerator<string> {
    yield* await this.#again(async () => {
      const names: string[] = [];
      for await (const name of locks.hidden(prefix)) names.push(name);
      return names;
    });
  }

  async #again<T>(call: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; ) {
      try {
        return await call();
      } catch (error) {
        failures++;
        await this.#waitOrThrow(error, failures);
      }
    }
  }

  async #waitOrThrow(error: unknown, failures: number): Promise<void> {
    if (!(error instanceof StoreError) || error.retry === "never" || failures >= this.#policy.attempts) throw error;
    this.#retries++;
    const most = Math.min(this.#policy.mostMs, this.#policy.baseMs * 2 ** (failures - 1));
    await this.#waiting.sleep(most * this.#waiting.random());
  }
}
