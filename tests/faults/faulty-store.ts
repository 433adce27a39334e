/** A memory store whose n-th write goes wrong in a chosen way. */
import { StoreError } from "#app/vault/index.ts";
import type { PutOutcome } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

export type Fault =
  /** Nothing is written. */
  | "before"
  /** The object is written, the answer lost. */
  | "after, answer lost"
  /** The call never returns. */
  | "hang"
  /** A store that breaks its promise: half of the object stays. */
  | "short body";

export const FAULTS: readonly Fault[] = ["before", "after, answer lost", "hang", "short body"];

export class FaultyStore extends MemoryStore {
  writes = 0;
  /** 1-based; 0: none. Every write after it fails too, as for a process that is gone. */
  failAt = 0;
  fault: Fault = "before";
  failed: string | null = null;
  /** Resolves when a write hangs. */
  readonly hanging: Promise<void>;
  private hung: () => void = () => undefined;
  constructor() {
    super();
    this.hanging = new Promise((resolve) => {
      this.hung = resolve;
    });
  }

  override async putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome> {
    this.writes++;
    if (this.failAt === 0 || this.writes < this.failAt) return super.putIfAbsent(key, body);
    if (this.writes === this.failAt) {
      this.failed = key;
      if (this.fault === "after, answer lost") await super.putIfAbsent(key, body);
      if (this.fault === "short body") await super.putIfAbsent(key, body.subarray(0, body.length >> 1));
    }
    if (this.fault === "hang") {
      this.hung();
      return new Promise(() => undefined);
    }
    throw new StoreError("store.unreachable", "the connection broke", { retry: "later" });
  }
}
