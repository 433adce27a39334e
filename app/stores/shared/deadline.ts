/** No call waits for ever: a connection that nobody closed and nobody answers on ("half open") looks like patience. */
import { StoreError } from "#app/vault/index.ts";

export interface Patience {
  /** A whole request without its body, milliseconds. */
  readonly answerMs: number;
  /** The slowest body worth waiting for, bytes a second. */
  readonly bytesPerSecond: number;
}

/** 30 s is longer than any provider takes to answer; 64 KiB/s is half a megabit. */
export const PATIENCE: Patience = { answerMs: 30_000, bytesPerSecond: 64 * 1024 };

export function timeFor(patience: Patience, bodyBytes: number): number {
  return patience.answerMs + Math.ceil((bodyBytes / patience.bytesPerSecond) * 1000);
}

/** `work` is told by the signal that nobody waits any more. Throws StoreError store.unreachable (retry "later") after `ms`. */
export async function withDeadline<T>(ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreError("store.unreachable", `${what}: no complete answer within ${Math.ceil(ms / 1000)} s.`, { retry: "later" }));
      stop.abort();
    }, ms);
  });
  const done = work(stop.signal);
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
    // Whoever lost the race has nobody to tell.
    done.catch(() => undefined);
  }
}
