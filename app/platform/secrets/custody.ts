/** Content keys that a browser unwrapped for one run: in this process's memory only, given out once, zeroed when they expire. */
import type { Clock, KeyCustody } from "#app/workflows/ports.ts";

interface Deposit {
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly expiresAt: Date;
}

export interface Custody extends KeyCustody {
  /** Whether keys for this run lie here. */
  holds(runId: string): boolean;
  /** Zeroes what has expired. */
  sweep(): void;
  /** Zeroes everything, for the end of the process. */
  clear(): void;
}

export function keyCustody(clock: Clock): Custody {
  const deposits = new Map<string, Deposit>();
  const sweep = (all = false): void => {
    for (const [runId, { keys, expiresAt }] of deposits) {
      if (!all && expiresAt > clock.now()) continue;
      for (const key of keys.values()) key.fill(0);
      deposits.delete(runId);
    }
  };
  return {
    deposit: (runId, keys, expiresAt) => {
      sweep();
      // Copies: whoever brought them zeroes their own.
      deposits.set(runId, { keys: new Map([...keys].map(([id, key]) => [id, key.slice()])), expiresAt });
      return Promise.resolve();
    },
    take: (runId) => {
      sweep();
      const deposit = deposits.get(runId);
      deposits.delete(runId);
      return Promise.resolve(deposit?.keys ?? null);
    },
    holds: (runId) => deposits.has(runId),
    sweep: () => {
      sweep();
    },
    clear: () => {
      sweep(true);
    },
  };
}
