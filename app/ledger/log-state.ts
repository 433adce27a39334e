/**
 * The newest checkpoint and the tiles beneath it, as they stand or as they would stand had no writer been interrupted and nothing been cut off.
 *
 * A checkpoint is what makes an append exist. Its tiles are written after it, and are a function of it: whichever of them are missing or wrong are made
 * again (sound-tiles.ts), here in memory, and by the next writer in the store. A checkpoint that is itself no checkpoint made nothing exist.
 */
import { createHash } from "node:crypto";
import { cosignedCopyOf } from "./cosigned.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, parseTileKey, TILE_WIDTH, tileKey } from "./layout.ts";
import { newestSequence } from "./newest-sequence.ts";
import { parseCheckpoint, type Checkpoint } from "./note.ts";
import type { LedgerStore, Recall } from "./ports.ts";
import { soundTiles } from "./sound-tiles.ts";
import { TileReader } from "./tile-reader.ts";

/** A place in the row of checkpoints where something lies that is none. */
export interface LostCheckpoint {
  readonly sequence: number;
  /** SHA-256 of what lies there, hex. */
  readonly digest: string;
}

export interface NewestCheckpoint {
  /** The highest number that is taken, whatever lies there. 0: there is none. */
  readonly sequence: number;
  /** The newest that is one. */
  readonly checkpoint: Checkpoint | null;
  /** What lies in its place or after it and is none; newest first. */
  readonly lost: readonly LostCheckpoint[];
}

export interface LogState extends NewestCheckpoint {
  /** Tiles of the checkpoint that are not in the store as they should be, in the order to write them. */
  readonly pending: ReadonlyMap<string, Uint8Array>;
  /** Over those and the store. */
  readonly reader: TileReader;
}

export async function loadState(store: LedgerStore, recall?: Recall): Promise<LogState> {
  const newest = await newestCheckpoint(store);
  return { ...newest, ...(await tilesBeneath(store, newest, recall)) };
}

export async function newestCheckpoint(store: LedgerStore): Promise<NewestCheckpoint> {
  const sequence = await newestSequence(store);
  const lost: LostCheckpoint[] = [];
  for (let at = sequence; at > 0; at--) {
    const bytes = await store.get(checkpointKey(at));
    if (bytes === null) throw new LedgerError("ledger.damaged", `${checkpointKey(at)} is missing.`);
    const checkpoint = parseCheckpoint(Buffer.from(bytes).toString("utf8"));
    if (checkpoint !== null) return { sequence, checkpoint, lost };
    lost.push({ sequence: at, digest: digestOf(bytes) });
    const copy = await cosignedCopyOf(store, at);
    if (copy !== null) return { sequence, checkpoint: copy, lost };
  }
  return { sequence, checkpoint: null, lost };
}

export async function tilesBeneath(store: LedgerStore, { sequence, checkpoint }: NewestCheckpoint, recall?: Recall): Promise<Pick<LogState, "pending" | "reader">> {
  if (checkpoint === null) return { pending: new Map(), reader: new TileReader(store, 0) };
  return soundTiles(store, sequence, checkpoint, recall);
}

/** A bundle in the store that holds more entries than a ledger of `size` has. */
export async function tileBeyond(store: LedgerStore, size: number): Promise<string | null> {
  const edge = tileKey({ level: "entries", index: Math.floor(size / TILE_WIDTH), width: TILE_WIDTH });
  for await (const { key } of store.list(edge)) {
    const name = parseTileKey(key);
    if (name !== null && name.index * TILE_WIDTH + name.width > size) return key;
  }
  return null;
}

/** For a ledger whose newest checkpoint is none and beneath which entries stand all the same. */
export function lostWithEntries({ sequence }: LostCheckpoint, bundle: string): LedgerError {
  return new LedgerError("ledger.damaged", `${checkpointKey(sequence)} is not a checkpoint, and ${bundle} holds entries that were signed under it. 'vault repair --from COPY' brings it back from a copy of the storage.`);
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
