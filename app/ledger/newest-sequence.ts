/**
 * Finds the newest checkpoint in a number of requests that grows with the logarithm of how many there are: by doubling, then halving, over
 * blocks of a thousand names, then by listing one block. A hole of fewer than a thousand missing checkpoints does not hide what comes after it.
 */
import { checkpointBlock, parseCheckpointKey } from "./layout.ts";
import type { LedgerStore } from "./ports.ts";

/** 0: there is none. */
export async function newestSequence(store: LedgerStore): Promise<number> {
  let low = 0;
  let high = 1;
  while (await holdsAny(store, high)) {
    low = high;
    high *= 2;
  }
  // Block `low` holds some (or is the first); block `high` holds none.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await holdsAny(store, middle)) low = middle;
    else high = middle;
  }
  let newest = 0;
  for await (const { key } of store.list(checkpointBlock(low))) newest = parseCheckpointKey(key) ?? newest;
  return newest;
}

async function holdsAny(store: LedgerStore, block: number): Promise<boolean> {
  for await (const { key } of store.list(checkpointBlock(block))) if (parseCheckpointKey(key) !== null) return true;
  return false;
}
