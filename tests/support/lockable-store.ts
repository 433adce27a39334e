/** A store in memory whose objects can be locked, by a clock that is handed in; a name's bytes can be hidden, as a delete marker does in a bucket with versions. */
import { StoreError } from "#app/vault/index.ts";
import type { ObjectLocks, PutOptions, PutOutcome, StoreTraits } from "#app/vault/index.ts";
import { MemoryStore } from "./memory-store.ts";

export class LockableStore extends MemoryStore {
  override readonly traits: StoreTraits = { name: "memory with locks", objectLock: true, versioned: false, strongListing: true };
  /** When each lock ends, ms. */
  readonly until = new Map<string, number>();
  readonly beneath = new Map<string, Uint8Array>();
  /** Requests about locks since it was set to 0. */
  asked = 0;
  extended: string[] = [];
  private readonly now: () => number;
  private readonly days: number;
  constructor(now: () => number, days: number) {
    super();
    this.now = now;
    this.days = days;
  }

  get locks(): ObjectLocks {
    return {
      days: this.days,
      until: (key) => {
        this.asked++;
        const ends = this.until.get(key);
        return Promise.resolve(ends === undefined ? null : new Date(ends));
      },
      extend: (key, until) => {
        this.asked++;
        if (!this.objects.has(key)) return Promise.resolve();
        this.extended.push(key);
        this.until.set(key, Math.max(until.getTime(), this.until.get(key) ?? 0));
        return Promise.resolve();
      },
      hidden: (prefix) => this.hiddenNames(prefix),
      bringBack: async (key, good) => {
        const bytes = this.beneath.get(key);
        if (bytes === undefined || !(await good(bytes))) return false;
        this.beneath.delete(key);
        this.objects.set(key, bytes);
        return true;
      },
    };
  }

  private async *hiddenNames(prefix: string): AsyncGenerator<string> {
    for (const key of this.beneath.keys()) if (key.startsWith(prefix)) yield key;
  }

  isLocked(key: string): boolean {
    return (this.until.get(key) ?? 0) > this.now();
  }

  /** What a plain DELETE, or PUT, does to a locked object: its bytes stay, its name does not show them. */
  hide(key: string, over?: Uint8Array): void {
    this.beneath.set(key, this.objects.get(key) as Uint8Array);
    this.objects.delete(key);
    if (over !== undefined) this.objects.set(key, over);
  }

  override async putIfAbsent(key: string, body: Uint8Array, { lockUntil }: PutOptions = {}): Promise<PutOutcome> {
    const outcome = await super.putIfAbsent(key, body);
    if (outcome === "stored" && lockUntil !== undefined) this.until.set(key, lockUntil.getTime());
    return outcome;
  }

  override remove(key: string): Promise<void> {
    if (this.isLocked(key)) return Promise.reject(new StoreError("store.locked", `${key} is locked`));
    this.objects.delete(key);
    this.until.delete(key);
    return Promise.resolve();
  }
}
