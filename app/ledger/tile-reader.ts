/** Reads the tiles of a tree of one size from a store, and makes those that it takes to grow. */
import { decodeBundle, encodeBundle } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { fullTile, TILE_WIDTH, tileKey, tilesToWrite, widthOf, type TileName } from "./layout.ts";
import { leafHash, nodeHash, type Hash, type Nodes } from "./merkle.ts";
import type { LedgerStore } from "./ports.ts";

/** Throws ledger.damaged for what is missing or has a wrong length. `overlay`: tiles that are known, and count before those in the store. */
export class TileReader {
  readonly #store: LedgerStore;
  readonly #overlay: ReadonlyMap<string, Uint8Array>;
  readonly #read = new Map<string, Promise<Uint8Array>>();
  readonly size: number;

  constructor(store: LedgerStore, size: number, overlay: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#store = store;
    this.#overlay = overlay;
    this.size = size;
  }

  tile(name: TileName): Promise<Uint8Array> {
    const key = tileKey(name);
    let read = this.#read.get(key);
    if (read === undefined) {
      read = this.#load(key, name);
      // Hash tiles are small and asked for again and again; bundles are read once.
      if (name.level !== "entries") this.#read.set(key, read);
    }
    return read;
  }

  async bundle(index: number): Promise<Uint8Array[]> {
    const width = widthOf("entries", index, this.size);
    const name: TileName = { level: "entries", index, width };
    const entries = decodeBundle(await this.tile(name));
    if (entries?.length !== width) throw new LedgerError("ledger.damaged", `${tileKey(name)} does not hold ${width} entries.`);
    return entries;
  }

  readonly nodes: Nodes = async (level, index) => {
    const tileLevel = Math.floor(level / 8);
    const span = 2 ** (level - tileLevel * 8);
    const first = index * span;
    const tileIndex = Math.floor(first / TILE_WIDTH);
    const tile = await this.tile({ level: tileLevel, index: tileIndex, width: widthOf(tileLevel, tileIndex, this.size) });
    const offset = first - tileIndex * TILE_WIDTH;
    return tileRoot(tile.subarray(offset * 32, (offset + span) * 32));
  };

  async #load(key: string, name: TileName): Promise<Uint8Array> {
    const tile = this.#overlay.get(key) ?? (await this.#store.get(key)) ?? (await this.#fromFull(name));
    if (tile === null) throw new LedgerError("ledger.damaged", `${key} is missing.`);
    if (name.level !== "entries" && tile.length !== name.width * 32) throw new LedgerError("ledger.damaged", `${key} has ${tile.length} bytes.`);
    return tile;
  }

  /** A partial tile may be gone once its full tile is there, and is the beginning of it. */
  async #fromFull(name: TileName): Promise<Uint8Array | null> {
    if (name.width === TILE_WIDTH) return null;
    const full = await this.#store.get(tileKey(fullTile(name)));
    if (full === null) return null;
    if (name.level !== "entries") return full.subarray(0, name.width * 32);
    const entries = decodeBundle(full);
    return entries === null ? null : encodeBundle(entries.slice(0, name.width));
  }
}

/** Makes the tiles that lead from one size to another. `before` answers for what was there. */
export async function buildTiles(from: number, entries: readonly Uint8Array[], before: TileReader): Promise<Map<string, Uint8Array>> {
  const to = from + entries.length;
  const made = new Map<string, Uint8Array>();
  const leaves = entries.map(leafHash);
  const read = async (name: TileName): Promise<Uint8Array> => made.get(tileKey(name)) ?? (await before.tile(name));
  for (const name of tilesToWrite(from, to)) {
    const first = name.index * TILE_WIDTH;
    const width = widthOf(name.level, name.index, from);
    const old = width === 0 ? new Uint8Array(0) : await before.tile({ ...name, width });
    if (name.level === "entries") {
      made.set(tileKey(name), Buffer.concat([old, encodeBundle(entries.slice(first + width - from, first + name.width - from))]));
      continue;
    }
    const hashes: Hash[] = [];
    for (let at = first + width; at < first + name.width; at++) {
      hashes.push(name.level === 0 ? leaves[at - from]! : tileRoot(await read({ level: name.level - 1, index: at, width: TILE_WIDTH })));
    }
    made.set(tileKey(name), Buffer.concat([old, ...hashes]));
  }
  return made;
}

/** The root over the hashes of a whole tile, or of any 2^n of them. */
export function tileRoot(hashes: Uint8Array): Hash {
  let row = hashesOf(hashes);
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at]!, row[at + 1]!));
    row = above;
  }
  return row[0]!;
}

/** The hashes in a tile. */
export function hashesOf(tile: Uint8Array): Hash[] {
  return Array.from({ length: Math.ceil(tile.length / 32) }, (_, n) => tile.subarray(n * 32, n * 32 + 32));
}
