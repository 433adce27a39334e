/**
 * A memory store for prune and redact: objects can be removed and locked, and the n-th call that changes something (a write or a removal)
 * goes wrong in a chosen way. After it every further one fails too, as for a process that is gone.
 */
import { StoreError } from "#app/vault/index.ts";
import type { ByteRange, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import type { Fault } from "./faulty-store.ts";

export class RetentionStore extends MemoryStore {
  /** Locks are set by the test, not asked for by writers. */
  override readonly traits: StoreTraits = { name: "memory with locks", objectLock: false, versioned: false, strongListing: true };
  changes = 0;
  /** 1-based; 0: none. */
  failAt = 0;
  fault: Fault = "before";
  failed: string | null = null;
  /** Names that the store refuses to remove. */
  readonly locked = new Set<string>();
  /** Every change in order: "+key", "-key". */
  readonly log: string[] = [];
  /** Called before each change; may be anything another program does in between. */
  between: ((change: string) => Promise<void> | void) | null = null;
  hanging!: Promise<void>;
  private hung: () => void = () => undefined;
  constructor() {
    super();
    this.rearm();
  }

  rearm(failAt = 0, fault: Fault = "before"): void {
    this.changes = 0;
    this.failAt = failAt;
    this.fault = fault;
    this.failed = null;
    this.hanging = new Promise((resolve) => {
      this.hung = resolve;
    });
  }

  override async putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome> {
    await this.pass(`+${key}`);
    return this.change(key, () => super.putIfAbsent(key, body, options), () => super.putIfAbsent(key, body.subarray(0, body.length >> 1), options));
  }

  override async remove(key: string): Promise<void> {
    await this.pass(`-${key}`);
    if (this.locked.has(key)) throw new StoreError("store.locked", `${key} is locked`);
    const removal = (): Promise<void> => Promise.resolve(void this.objects.delete(key));
    // A removal has no half.
    return this.change(key, removal, () => Promise.resolve());
  }

  override get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    return super.get(key, range);
  }

  private async pass(change: string): Promise<void> {
    this.log.push(change);
    await this.between?.(change);
  }

  private async change<T>(key: string, whole: () => Promise<T>, half: () => Promise<unknown>): Promise<T> {
    this.changes++;
    if (this.failAt === 0 || this.changes < this.failAt) return whole();
    if (this.changes === this.failAt) {
      this.failed = key;
      if (this.fault === "after, answer lost") await whole();
      if (this.fault === "short body") await half();
    }
    if (this.fault === "hang") {
      this.hung();
      return new Promise(() => undefined);
    }
    throw new StoreError("store.unreachable", "the connection broke", { retry: "later" });
  }

  /** The same objects in a store that works. */
  copy(): RetentionStore {
    const copy = new RetentionStore();
    for (const [key, body] of this.objects) copy.objects.set(key, Uint8Array.from(body));
    return copy;
  }
}
