/**
 * Back-pressure: a process takes no further run while it has no room for it. What waits stays in the database, in its order, for this process later
 * or for another now.
 */
import { statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** A run may take up to this much (docs/performance.md: peaks of a snapshot, a check and an export of 10 GiB are below it). */
export const RUN_BYTES = 256 * 1024 * 1024;
/** Sealed spill files of a large snapshot, with room to spare for the database and the log. */
const DISK_BYTES = 1024 * 1024 * 1024;
const LOOK_AGAIN_MS = 1000;

export interface Host {
  /** Bytes this process uses. */
  used(): number;
  /** Bytes it may use: the container's limit, else the machine's memory. */
  limit(): number;
  /** Bytes free where scratch files go. */
  disk(): number;
}

export function thisHost(scratch: string): Host {
  return {
    used: () => process.memoryUsage.rss(),
    limit: () => {
      // 0 or a number beyond the machine's memory: no limit is set.
      const constrained = process.constrainedMemory();
      return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
    },
    disk: () => {
      const { bavail, bsize } = statfsSync(scratch);
      return bavail * bsize;
    },
  };
}

export type Shortage = "memory" | "disk";

/** What one more run would lack; null: nothing. A process with no run under way may always take one, whatever its limit: it is better tried than never. */
export function shortage(host: Host, busy: number): Shortage | null {
  if (host.disk() < DISK_BYTES) return "disk";
  if (busy > 0 && host.used() + RUN_BYTES > host.limit()) return "memory";
  return null;
}

/** Waits for room. `told` is called once when there is none. */
export function roomOn(host: Host, busy: () => number, told: (what: Shortage) => void): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    let said = false;
    for (;;) {
      const lacks = shortage(host, busy());
      if (lacks === null || signal.aborted) return;
      if (!said) told(lacks);
      said = true;
      await pause(LOOK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
}
