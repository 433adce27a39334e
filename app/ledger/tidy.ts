/**
 * Removes what nobody needs any more, as C2SP tlog-tiles allows: partial tiles whose full tile is there, and entries that were staged for
 * tiles that are there. Until its tile is full, the partial tile of every published checkpoint stays.
 */
import { fullTile, parseTileKey, STAGED, stagedFrom, TILE_WIDTH, tileKey, TILES, type TileName } from "./layout.ts";
import type { LedgerStore } from "./ports.ts";
import { holds, putProven } from "./put.ts";
import { isProven } from "./sound-tiles.ts";
import type { TileReader } from "./tile-reader.ts";

/**
 * What became superfluous by the tiles just written, all of them right, from a ledger of `from` entries to one of `size`. A full tile is read back before what it
 * replaces goes. Answers how many objects were removed.
 */
export async function tidyAfter(store: LedgerStore, written: ReadonlyMap<string, Uint8Array>, from: number, size: number): Promise<number> {
  const filled = [...written].filter(([key]) => parseTileKey(key)?.width === TILE_WIDTH);
  if (store.remove === undefined || filled.length === 0) return 0;
  for (const [key, tile] of filled) if (!(await holds(store, key, tile))) await putProven(store, key, tile);
  let removed = 0;
  for (const [key] of filled) removed += await removeAll(store, `${key}.p/`, isPartial);
  // Those of this append are still what the new partial tiles could be made from.
  return removed + (await removeStaged(store, size % TILE_WIDTH === 0 ? size : from));
}

/** The same for the whole ledger, for what an interruption or a refusal left behind. `head`: the newest checkpoint's tree, whose tiles are there. */
export async function tidyAll(store: LedgerStore, head: TileReader): Promise<number> {
  if (store.remove === undefined) return 0;
  const partial: TileName[] = [];
  for await (const { key } of store.list(TILES)) {
    const name = parseTileKey(key);
    if (name !== null && name.width < TILE_WIDTH) partial.push(name);
  }
  const proven = new Map<string, boolean>();
  let removed = 0;
  for (const name of partial) {
    const full = tileKey(fullTile(name));
    if (!proven.has(full)) proven.set(full, (await store.get(full)) !== null && (await isProven(head, fullTile(name))));
    if (proven.get(full) !== true) continue;
    await store.remove(tileKey(name));
    removed++;
  }
  return removed + (await removeStaged(store, head.size - (head.size % TILE_WIDTH)));
}

/** What was staged at `size` or later may still be needed; everybody before has lost or is done. */
function removeStaged(store: LedgerStore, size: number): Promise<number> {
  return removeAll(store, STAGED, (key) => (stagedFrom(key) ?? Infinity) < size);
}

async function removeAll(store: LedgerStore, prefix: string, which: (key: string) => boolean): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) if (which(key)) keys.push(key);
  for (const key of keys) await store.remove?.(key);
  return keys.length;
}

function isPartial(key: string): boolean {
  const name = parseTileKey(key);
  return name !== null && name.width < TILE_WIDTH;
}
