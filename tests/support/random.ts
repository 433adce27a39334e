/** Random bytes that are the same in every run. For tests only: SHA-256 of seed and counter. */
import { createHash } from "node:crypto";
import type { Ids, Random } from "#app/workflows/ports.ts";

export function seededRandom(seed: string): Random {
  let block = 0;
  return (bytes) => {
    const out = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 32) out.set(createHash("sha256").update(`${seed} ${block++}`).digest().subarray(0, bytes - at), at);
    return out;
  };
}

export function countingIds(prefix: string): Ids {
  let count = 0;
  return { next: () => `${prefix}-${++count}` };
}
