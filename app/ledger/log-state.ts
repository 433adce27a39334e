/**
 * The newest checkpoint and the tiles beneath it, as they stand or as they would stand had the last writer not been interrupted.
 *
 * A checkpoint is what makes an append exist. Its tiles are written after it, and are a function of it: if the last writer stopped in
 * between, they are made again from the staged entries, here in memory, and by the next writer in the store.
 */
import { decodeBundle, encodeBundle } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, fullTile, lastBundle, stagedKey, TILE_WIDTH, tileKey, tilesToWrite, widthOf, type TileName } from "./layout.ts";
import { equalHash, leafHash, nodeHash, rootHash, type Hash, type Nodes } from "./merkle.ts";
import { newestSequence } from "./newest-sequence.ts";
import { parseCheckpoint, type Checkpoint } from "./note.ts";
import type { LedgerStore } from "./ports.ts";

export interface LogState {
  /** 0: there is no checkpoint yet. */
  readonly sequence: number;
  readonly checkpoint: Checkpoint | null;
  /** Tiles of the newest checkpoint that are not in the store yet, in the order to write them. */
  readonly pending: ReadonlyMap<string, Uint8Array>;
}

export async function loadState(store: LedgerStore): Promise<LogState> {
  const sequence = await newestSequence(store);
  if (sequence === 0) return { sequence, checkpoint: null, pending: new Map() };
  const checkpoint = await readCheckpoint(store, sequence);
  return { sequence, checkpoint, pending: await pendingTiles(store, sequence, checkpoint) };
}

export async function readCheckpoint(store: LedgerStore, sequence: number): Promise<Checkpoint> {
  const key = checkpointKey(sequence);
  const bytes = await store.get(key);
  const checkpoint = bytes === null ? null : parseCheckpoint(Buffer.from(bytes).toString("utf8"));
  if (checkpoint === null) throw new LedgerError("ledger.damaged", `${key} is ${bytes === null ? "missing" : "not a checkpoint"}.`);
  return checkpoint;
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

/** Reads the tiles of a tree of one size; throws ledger.damaged for what is missing or has a wrong length. */
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

/** The root over the hashes of a whole tile, or of any 2^n of them. */
export function tileRoot(hashes: Uint8Array): Hash {
  let row: Hash[] = [];
  for (let at = 0; at < hashes.length; at += 32) row.push(hashes.subarray(at, at + 32));
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at]!, row[at + 1]!));
    row = above;
  }
  return row[0]!;
}

async function pendingTiles(store: LedgerStore, sequence: number, checkpoint: Checkpoint): Promise<Map<string, Uint8Array>> {
  const none = new Map<string, Uint8Array>();
  const last = lastBundle(checkpoint.size);
  const written = async (): Promise<boolean> => (await store.get(tileKey(last))) !== null || (last.width < TILE_WIDTH && (await store.get(tileKey(fullTile(last)))) !== null);
  if (checkpoint.size === 0 || (await written())) return none;
  const before = sequence === 1 ? 0 : (await readCheckpoint(store, sequence - 1)).size;
  const key = stagedKey(before, checkpoint.root);
  const staged = await store.get(key);
  const entries = staged === null ? null : decodeBundle(staged);
  if (entries === null) {
    // Its writer may have come to the end in this very moment, and tidied up.
    if (staged === null && (await written())) return none;
    throw new LedgerError("ledger.damaged", `${tileKey(last)} is missing and cannot be made again: ${key} is missing or damaged.`);
  }
  const damaged = () => new LedgerError("ledger.damaged", `${key} does not lead to the root it is named by.`);
  if (before + entries.length !== checkpoint.size) throw damaged();
  const tiles = await buildTiles(before, entries, new TileReader(store, before));
  const root = await rootHash(checkpoint.size, new TileReader(store, checkpoint.size, tiles).nodes);
  if (!equalHash(root, Buffer.from(checkpoint.root, "hex"))) throw damaged();
  return tiles;
}
