/**
 * Where things stand: C2SP tlog-tiles (https://c2sp.org/tlog-tiles) beneath "ledger/", plus two folders of our own because a store can
 * only create, never replace:
 *
 *   ledger/tile/<L>/<N>[.p/<W>]        hash tiles: up to 256 hashes of level 8L, 32 bytes each
 *   ledger/tile/entries/<N>[.p/<W>]    entry bundles: each entry after its length, two bytes, big-endian
 *   ledger/checkpoints/<sequence>      signed notes; each has exactly one successor, which is what makes appending exclusive
 *   ledger/staged/<size>-<root, hex>   the entries of one append to a ledger of that size, under the root they lead to; written before the
 *                                      checkpoint, so that its tiles can be made again
 */
export const TILE_WIDTH = 256;

export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  /** 256 for a full tile, less for a partial one. */
  readonly width: number;
}

export function tileKey({ level, index, width }: TileName): string {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.{3}/g)!;
  const path = groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join("/");
  return `ledger/tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

const TILE_KEY = /^ledger\/tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Null when the key is not exactly how some tile is called. */
export function parseTileKey(key: string): TileName | null {
  const match = TILE_KEY.exec(key);
  if (match === null) return null;
  const level = match[1] === "entries" ? "entries" : Number(match[1]);
  const name = { level, index: Number(match[2]!.replace(/[x/]/g, "")), width: match[3] === undefined ? TILE_WIDTH : Number(match[3]) } as const;
  return tileKey(name) === key ? name : null;
}

/** The tiles that a tree of `size` consists of at one level: full ones, then the partial one if there is one. */
export function widthOf(level: number | "entries", index: number, size: number): number {
  const hashes = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/**
 * What growing from one size to another takes, in the order to write it: hash tiles from the lowest level up, then entry bundles. The last one is
 * the rightmost bundle, so its presence says that all were written.
 */
export function tilesToWrite(from: number, to: number): TileName[] {
  const names: TileName[] = [];
  const add = (level: number | "entries", had: number, has: number) => {
    for (let index = Math.floor(had / TILE_WIDTH); index * TILE_WIDTH < has; index++) {
      names.push({ level, index, width: Math.min(TILE_WIDTH, has - index * TILE_WIDTH) });
    }
  };
  for (let level = 0, unit = 1; to >= unit; level++, unit *= TILE_WIDTH) {
    const had = Math.floor(from / unit);
    const has = Math.floor(to / unit);
    if (has > had) add(level, had, has);
  }
  if (to > from) add("entries", from, to);
  return names;
}

/** The tile that a partial one becomes. */
export function fullTile(name: TileName): TileName {
  return { ...name, width: TILE_WIDTH };
}

/** The rightmost bundle of a ledger of `size` (> 0). */
export function lastBundle(size: number): TileName {
  const index = Math.floor((size - 1) / TILE_WIDTH);
  return { level: "entries", index, width: size - index * TILE_WIDTH };
}

export const CHECKPOINTS = "ledger/checkpoints/";
export const TILES = "ledger/tile/";

/** `sequence` counts checkpoints from 1. */
export function checkpointKey(sequence: number): string {
  return `${CHECKPOINTS}${String(sequence).padStart(20, "0")}`;
}

/** What the keys of the thousand checkpoints that hold `sequence` begin with. */
export function checkpointBlock(block: number): string {
  return `${CHECKPOINTS}${String(block).padStart(17, "0")}`;
}

/** The sequence number in a checkpoint's key; null when the key is not exactly how some checkpoint is called. */
export function parseCheckpointKey(key: string): number | null {
  const sequence = Number(key.slice(CHECKPOINTS.length));
  return Number.isSafeInteger(sequence) && sequence > 0 && checkpointKey(sequence) === key ? sequence : null;
}

export const STAGED = "ledger/staged/";

export function stagedKey(from: number, rootHex: string): string {
  return `${STAGED}${from}-${rootHex}`;
}

/** The size that the ledger had when these entries were staged; null for another key. */
export function stagedFrom(key: string): number | null {
  const match = /^ledger\/staged\/(0|[1-9]\d{0,15})-[0-9a-f]{64}$/.exec(key);
  return match === null ? null : Number(match[1]);
}

/** The tile at the right edge of one level of a tree, when it is a partial one. */
export function edgeTile(level: number | "entries", size: number): TileName | null {
  const hashes = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  const width = hashes % TILE_WIDTH;
  return width === 0 ? null : { level, index: Math.floor(hashes / TILE_WIDTH), width };
}

/** Every partial tile of a tree: together with new entries they are all that growing it takes. */
export function edgeTiles(size: number): TileName[] {
  const names: TileName[] = [];
  for (let level = 0, unit = 1; size >= unit; level++, unit *= TILE_WIDTH) {
    const name = edgeTile(level, size);
    if (name !== null) names.push(name);
  }
  const bundle = edgeTile("entries", size);
  return bundle === null ? names : [...names, bundle];
}
