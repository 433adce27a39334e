/**
 * Counts what storage is asked for and how it answers. One place for all adapters: whatever opens a store through the port gets it metered. A call that fails is a line in the
 * log, which carries the trace of the work that asked; object names are digests and times, never anybody's.
 */
import type { ByteRange, Copies, ObjectInfo, ObjectLocks, ObjectStore, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import type { Log, Metrics, Stores } from "#app/workflows/ports.ts";

type Call = "put" | "get" | "list" | "remove";
/** A call that takes longer is worth a line, too. */
const SLOW_S = 10;

export class MeteredStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #metrics: Metrics;
  readonly #log: Log;

  constructor(inner: ObjectStore, metrics: Metrics, log: Log) {
    this.#inner = inner;
    this.#metrics = metrics;
    this.#log = log;
  }

  get traits(): StoreTraits {
    return this.#inner.traits;
  }

  get copies(): Copies | undefined {
    const { copies } = this.#inner;
    return copies && { each: copies.each.map(({ name, store }) => ({ name, store: new MeteredStore(store, this.#metrics, this.#log) })), doubt: (key) => copies.doubt(key) };
  }

  get locks(): ObjectLocks | undefined {
    return this.#inner.locks;
  }

  async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    const size = body.byteLength;
    const outcome = await this.#call("put", key, () => this.#inner.putIfAbsent(key, body, options));
    if (outcome === "stored") this.#metrics.count("holdfast_store_bytes_total", { store: this.traits.name, direction: "sent" }, size);
    return outcome;
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = await this.#call("get", key, () => this.#inner.get(key, range));
    if (bytes !== null) this.#metrics.count("holdfast_store_bytes_total", { store: this.traits.name, direction: "fetched" }, bytes.byteLength);
    return bytes;
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const began = performance.now();
    let outcome = "failed";
    try {
      yield* this.#inner.list(prefix);
      outcome = "ok";
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      // A listing that its reader left early did not fail; how long it was read is the reader's time.
      this.#ended("list", prefix, outcome === "failed" ? "ok" : outcome, (performance.now() - began) / 1000);
    }
  }

  remove(key: string): Promise<void> {
    return this.#call("remove", key, () => this.#inner.remove(key));
  }

  async #call<T>(call: Call, key: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let outcome = "ok";
    try {
      return await work();
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      this.#ended(call, key, outcome, (performance.now() - began) / 1000);
    }
  }

  #ended(call: Call, key: string, outcome: string, seconds: number): void {
    const store = this.traits.name;
    this.#metrics.count("holdfast_store_calls_total", { store, call, outcome });
    if (outcome === "ok" && call !== "list") this.#metrics.observe("holdfast_store_call_seconds", seconds, { store, call });
    if (outcome !== "ok") this.#log.warn("store.call_failed", { store, call, object: key, code: outcome });
    else if (call !== "list" && seconds > SLOW_S) this.#log.warn("store.call_slow", { store, call, object: key, ms: Math.round(seconds * 1000) });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^store\.[a-z_]+$/.test(error.code) ? error.code : "unexpected";
}

/** Every store that is opened through the port, metered. */
export function meteredStores(stores: Stores, metrics: Metrics, log: Log): Stores {
  return { open: async (...args) => new MeteredStore(await stores.open(...args), metrics, log) };
}
