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

/**
 * The bytes of an answer that has begun. The time it may take grows with what arrives, so that a large body is waited for and a trickling one is not.
 * Throws StoreError store.unreachable when it takes longer, ends early, or breaks.
 */
export async function readBody(stream: AsyncIterable<Uint8Array> & { destroy(): unknown }, patience: Patience, announced: number | undefined, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const began = performance.now();
  let late = false;
  const timer = setInterval(() => {
    if (performance.now() - began < timeFor(patience, length)) return;
    late = true;
    stream.destroy();
  }, Math.min(1000, patience.answerMs / 4));
  const broken = (why: string, cause?: unknown) => new StoreError("store.unreachable", `${what}: ${why} after ${length} bytes.`, { retry: "later", cause });
  try {
    for await (const part of stream) {
      parts.push(part);
      length += part.byteLength;
    }
  } catch (error) {
    throw broken(late ? "the answer came too slowly and was given up" : "the answer broke off", error);
  } finally {
    clearInterval(timer);
  }
  if (late) throw broken("the answer came too slowly and was given up");
  if (announced !== undefined && announced !== length) throw broken(`the answer of ${announced} bytes broke off`);
  return Buffer.concat(parts, length);
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
