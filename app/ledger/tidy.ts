/**
 * Removes what nobody needs any more, as C2SP tlog-tiles allows: partial tiles whose full tile is there, and entries that were staged for
 * tiles that are there. Until its tile is full, the partial tile of every published checkpoint stays.
 */
import { fullTile, parseTileKey, STAGED, stagedFrom, TILE_WIDTH, tileKey, TILES, type TileName } from "./layout.ts";
import type { LedgerStore } from "./ports.ts";

/** What became superfluous by the tiles just written, all of them safe, for a ledger of `size`. Answers how many objects were removed. */
export async function tidyAfter(store: LedgerStore, written: readonly TileName[], size: number): Promise<number> {
  const filled = written.filter(({ width }) => width === TILE_WIDTH);
  if (store.remove === undefined || filled.length === 0) return 0;
  let removed = 0;
  for (const name of filled) removed += await removeAll(store, `${tileKey(name)}.p/`, isPartial);
  return removed + (await removeStaged(store, size));
}

/** The same for the whole ledger, for what an interruption or a refusal left behind. `size`: of the newest checkpoint, whose tiles are there. */
export async function tidyAll(store: LedgerStore, size: number): Promise<number> {
  if (store.remove === undefined) return 0;
  const partial: TileName[] = [];
  for await (const { key } of store.list(TILES)) {
    const name = parseTileKey(key);
    if (name !== null && name.width < TILE_WIDTH) partial.push(name);
  }
  let removed = 0;
  for (const name of partial) {
    if ((await store.get(tileKey(fullTile(name)))) === null) continue;
    await store.remove(tileKey(name));
    removed++;
  }
  return removed + (await removeStaged(store, size));
}

/** A writer who stages at `size` itself is about to append; everybody before has lost or is done. */
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
