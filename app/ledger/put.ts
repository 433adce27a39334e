/** Writes objects whose bytes are known to be right: by a checkpoint that is signed, or because their name says what they are. */
import { LedgerError } from "./errors.ts";
import { parseTileKey, TILE_WIDTH } from "./layout.ts";
import type { LedgerStore } from "./ports.ts";

/** What else lies under the name was cut off in the writing, or has rotted: it makes way. Throws ledger.damaged where the store does not let it. */
export async function putProven(store: LedgerStore, key: string, body: Uint8Array): Promise<void> {
  if ((await store.putIfAbsent(key, body)) === "stored" || (await holds(store, key, body))) return;
  let cause: unknown;
  try {
    await store.remove?.(key);
    if (store.remove !== undefined && ((await store.putIfAbsent(key, body)) === "stored" || (await holds(store, key, body)))) return;
  } catch (error) {
    cause = error;
  }
  // The next append's partial tile has another name, and nothing is built on this one: it is told by verify.
  const name = parseTileKey(key);
  if (name !== null && name.width < TILE_WIDTH) return;
  throw new LedgerError("ledger.damaged", `${key} does not hold what was signed, and the storage does not let it make way. What belongs there is known: let the object be removed, and write again.`, { cause });
}

/** All at once, but for the rightmost bundle: its presence says that all were written. */
export async function putTiles(store: LedgerStore, tiles: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const all = [...tiles];
  const last = all.pop();
  if (last === undefined) return;
  const written = await Promise.allSettled(all.map(([key, tile]) => putProven(store, key, tile)));
  for (const one of written) if (one.status === "rejected") throw one.reason;
  await putProven(store, ...last);
}

export async function holds(store: LedgerStore, key: string, body: Uint8Array): Promise<boolean> {
  const there = await store.get(key);
  return there !== null && Buffer.compare(there, body) === 0;
}
