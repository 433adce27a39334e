/**
 * The tiles of one checkpoint, each proven by the root that was signed. Those at the right edge, which an append builds on, are looked at here; where one is
 * missing, cut off or changed it is made again: from the staged entries of its append, hash tiles also from the bundles beneath them, a bundle also from any place
 * that still has its entries, since the proven hash of each entry says which bytes are its own. Nothing is believed for lying under the right name.
 */
import { decodeBundle, encodeBundle } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, edgeTiles, fullTile, lastBundle, parseTileKey, STAGED, stagedFrom, stagedKey, TILE_WIDTH, tileKey, type TileName } from "./layout.ts";
import { equalHash, leafHash, rootHash } from "./merkle.ts";
import type { Checkpoint } from "./note.ts";
import type { LedgerStore, Recall } from "./ports.ts";
import { buildTiles, hashesOf, TileReader, tileRoot } from "./tile-reader.ts";

type Tiles = ReadonlyMap<string, Uint8Array>;
const NONE: Tiles = new Map();

/** Throws ledger.damaged, saying which object, when something at the edge can be made again from nowhere. */
export async function soundTiles(store: LedgerStore, sequence: number, checkpoint: Checkpoint, recall?: Recall): Promise<{ readonly pending: Tiles; readonly reader: TileReader }> {
  const { size } = checkpoint;
  const asStored = new TileReader(store, size);
  if (size === 0) return { pending: NONE, reader: asStored };
  const last = lastBundle(size);
  if ((await leadsTo(asStored, checkpoint)) && (await bundleIsRight(asStored, last))) return { pending: NONE, reader: asStored };

  const made = new Map(await provenHashes(store, sequence, checkpoint));
  const proven = new TileReader(store, size, made);
  const bundles = new Map([...made.keys(), tileKey(last)].flatMap((key) => parseTileKey(key) ?? []).flatMap((name) => (name.level === "entries" ? [[name.index, name]] : [])));
  for (const name of bundles.values()) {
    if (await bundleIsRight(proven, name)) continue;
    made.set(tileKey(name), await gathered(store, name, await leavesOf(proven, name), recall));
  }
  return { pending: await notStored(store, made), reader: new TileReader(store, size, made) };
}

/**
 * Tiles of the newest append that are missing because its writer stopped before the last one, made from its staged entries; none when it did not stop.
 * What is there is left as it is, wrong or not.
 */
export async function unwritten(store: LedgerStore, checkpoint: Checkpoint): Promise<Tiles> {
  if (checkpoint.size === 0) return NONE;
  const last = lastBundle(checkpoint.size);
  const written = async (): Promise<boolean> => (await store.get(tileKey(last))) !== null || (last.width < TILE_WIDTH && (await store.get(tileKey(fullTile(last)))) !== null);
  if (await written()) return NONE;
  const made = await fromStaged(store, checkpoint);
  if (typeof made === "string") {
    // Its writer may have come to the end in this very moment, and tidied up.
    if (await written()) return NONE;
    throw new LedgerError("ledger.damaged", `${tileKey(last)} is missing and cannot be made again: ${made}.`);
  }
  const missing = new Map<string, Uint8Array>();
  for (const [key, tile] of made) if ((await store.get(key)) === null) missing.set(key, tile);
  return missing;
}

/** Whether a full tile is what the tree of the head says, by the tile above it, which a head's writer or the next tile's has proven. */
export async function isProven(reader: TileReader, name: TileName): Promise<boolean> {
  if (name.level === "entries") return bundleIsRight(reader, name);
  const [tile, above] = [await reader.tile(name).catch(nullIfDamaged), await Promise.resolve(reader.nodes((name.level + 1) * 8, name.index)).catch(nullIfDamaged)];
  return tile !== null && above !== null && equalHash(tileRoot(tile), above);
}

/** Hash tiles that, over those in the store, lead to the signed root and to the last bundle's entries; with them what else was made on the way. */
async function provenHashes(store: LedgerStore, sequence: number, checkpoint: Checkpoint): Promise<Tiles> {
  const right = async (made: Tiles): Promise<boolean> => {
    const reader = new TileReader(store, checkpoint.size, made);
    return (await leadsTo(reader, checkpoint)) && (await leavesOf(reader, lastBundle(checkpoint.size)).catch(nullIfDamaged)) !== null;
  };
  // First what its writer would have written: it may have stopped anywhere.
  const staged = await fromStaged(store, checkpoint);
  if (typeof staged !== "string" && (await right(staged))) return staged;
  if (await right(NONE)) return NONE;
  const hashed = await fromBundles(store, checkpoint).catch(nullIfDamaged);
  if (hashed !== null && (await right(hashed))) return hashed;
  throw new LedgerError("ledger.damaged", `The tiles beneath ${checkpointKey(sequence)} do not lead to its root, and cannot be made again${typeof staged === "string" ? `: ${staged}` : ""}. 'vault repair --from COPY' brings them back from a copy of the storage.`);
}

async function leadsTo(reader: TileReader, { size, root }: Checkpoint): Promise<boolean> {
  const found = await rootHash(size, reader.nodes).catch(nullIfDamaged);
  return found !== null && equalHash(found, Buffer.from(root, "hex"));
}

/** The proven hashes of a bundle's entries. A full tile is proven by the one above it, a partial one is part of the root itself. */
async function leavesOf(reader: TileReader, { index, width }: TileName): Promise<Uint8Array[]> {
  const name: TileName = { level: 0, index, width };
  const tile = await reader.tile(name);
  if (width === TILE_WIDTH && !equalHash(tileRoot(tile), await reader.nodes(8, index))) throw new LedgerError("ledger.damaged", `${tileKey(name)} is not what the tile above it says.`);
  return hashesOf(tile);
}

async function bundleIsRight(reader: TileReader, name: TileName): Promise<boolean> {
  const leaves = await leavesOf(reader, name).catch(nullIfDamaged);
  const bundle = await reader.tile(name).catch(nullIfDamaged);
  const entries = bundle === null ? null : decodeBundle(bundle);
  return leaves !== null && entries !== null && entries.length === leaves.length && entries.every((entry, n) => equalHash(leafHash(entry), leaves[n]!));
}

/** The tiles of the append that the checkpoint was signed for; or, in words, why its staged entries do not give them. */
async function fromStaged(store: LedgerStore, checkpoint: Checkpoint): Promise<Tiles | string> {
  let from: number | null = null;
  for await (const { key } of store.list(STAGED)) if (key.endsWith(`-${checkpoint.root}`)) from = stagedFrom(key);
  if (from === null) return "the entries staged for it are missing";
  const key = stagedKey(from, checkpoint.root);
  const staged = await store.get(key);
  const entries = staged === null ? null : decodeBundle(staged);
  if (entries === null || from + entries.length !== checkpoint.size) return `${key} is ${staged === null ? "missing" : "damaged"}`;
  const tiles = await buildTiles(from, entries, new TileReader(store, from)).catch(nullIfDamaged);
  return tiles !== null && (await leadsTo(new TileReader(store, checkpoint.size, tiles), checkpoint)) ? tiles : `${key} does not lead to the root it is named by`;
}

/** The right edge's hash tiles, made again from the last bundle and the full tiles below each. Throws ledger.damaged when those are not to be had. */
async function fromBundles(store: LedgerStore, { size }: Checkpoint): Promise<Tiles> {
  const made = new Map<string, Uint8Array>();
  const { index, width } = lastBundle(size);
  made.set(tileKey({ level: 0, index, width }), Buffer.concat((await new TileReader(store, size).bundle(index)).map(leafHash)));
  for (const name of edgeTiles(size)) {
    if (name.level === "entries" || name.level === 0) continue;
    const reader = new TileReader(store, size, made);
    const roots: Uint8Array[] = [];
    for (let n = 0; n < name.width; n++) roots.push(tileRoot(await reader.tile({ level: name.level - 1, index: name.index * TILE_WIDTH + n, width: TILE_WIDTH })));
    made.set(tileKey(name), Buffer.concat(roots));
  }
  return made;
}

/** A bundle put together again from whatever still holds its entries. */
async function gathered(store: LedgerStore, name: TileName, leaves: readonly Uint8Array[], recall: Recall | undefined): Promise<Uint8Array> {
  const wanted = new Set(leaves.map(hex));
  const found = new Map<string, Uint8Array>();
  const take = (entries: Iterable<Uint8Array>): void => {
    for (const entry of entries) {
      const leaf = hex(leafHash(entry));
      if (wanted.has(leaf)) found.set(leaf, entry);
    }
  };
  const full = tileKey(fullTile(name));
  for (const prefix of [full, STAGED]) {
    for await (const { key } of store.list(prefix)) {
      const bytes = await store.get(key);
      if (bytes !== null) take(entriesIn(bytes));
    }
  }
  const first = name.index * TILE_WIDTH;
  if (found.size < wanted.size && recall !== undefined) take((await recall(first, first + name.width)).values());
  const gone = leaves.flatMap((leaf, n) => (found.has(hex(leaf)) ? [] : [first + n]));
  if (gone.length > 0) throw new LedgerError("ledger.damaged", `${tileKey(name)} is not what was signed: ${gone.length === 1 ? "entry" : "entries"} ${gone.slice(0, 10).join(", ")}${gone.length > 10 ? " and more" : ""} cannot be found anywhere else. 'vault repair --from COPY' brings it back from a copy of the storage.`);
  return encodeBundle(leaves.map((leaf) => found.get(hex(leaf))!));
}

/** As many entries as can be told apart. */
function entriesIn(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bundle.length; ) {
    const end = at + 2 + ((bundle[at]! << 8) | bundle[at + 1]!);
    if (end > bundle.length) break;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

async function notStored(store: LedgerStore, made: Tiles): Promise<Tiles> {
  const pending = new Map<string, Uint8Array>();
  for (const [key, tile] of made) {
    const there = await store.get(key);
    if (there === null || Buffer.compare(there, tile) !== 0) pending.set(key, tile);
  }
  return pending;
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString("hex");
}

/** What a store throws is another matter than what it holds. */
function nullIfDamaged(error: unknown): null {
  if (error instanceof LedgerError) return null;
  throw error;
}
