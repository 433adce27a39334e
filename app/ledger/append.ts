/**
 * Appends entries, whoever else does at the same time and wherever a writer is interrupted.
 *
 * 1. Take the newest checkpoint; finish its tiles if its writer did not.   2. Stage the new entries under the root they lead to.
 * 3. Create the next checkpoint, which only one writer can.                4. Write its tiles.
 * Appending the same bytes at the same place twice is one append: that is how a lost answer is told from a lost race.
 * Before 3 nothing has happened; after 3 the entries are in the ledger. A writer who finds the next checkpoint taken starts again.
 *
 * A writer remembers where it left off, and takes what is known there for true until another writer proves faster or something fails.
 */
import { encodeBundle } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, edgeTiles, parseTileKey, stagedKey, TILE_WIDTH, tileKey, type TileName } from "./layout.ts";
import { buildTiles, loadState, readCheckpoint, TileReader } from "./log-state.ts";
import { equalHash, rootHash } from "./merkle.ts";
import { isSignedBy, noteSigner, type Checkpoint, type CheckpointSigner, type NoteSigner } from "./note.ts";
import type { LedgerClock, LedgerStore } from "./ports.ts";
import { tidyAfter } from "./tidy.ts";

/** Every lost race means that another writer got on, so this many in a row are a sign of something else. */
const MAX_ATTEMPTS = 100;
/**
 * How long a store that can lock keeps each checkpoint from being removed. Every checkpoint commits to all entries before it, so the lock of
 * the newest one covers them all; a ledger that gets an entry a year never has an unlocked head.
 */
export const CHECKPOINT_LOCK_DAYS = 400;
const DAY = 24 * 3_600_000;

/** How a signed checkpoint is written. */
export function lockFor(store: LedgerStore, clock: LedgerClock): { readonly lockUntil?: Date } {
  return store.traits?.objectLock === true ? { lockUntil: new Date(clock.now().getTime() + CHECKPOINT_LOCK_DAYS * DAY) } : {};
}

export interface AppendTo {
  readonly store: LedgerStore;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly clock: LedgerClock;
}

export interface Appended {
  readonly checkpoint: Checkpoint;
  /** The place of the first of the entries. */
  readonly first: number;
}

/** Where the ledger stands, with every partial tile of it. */
interface Head {
  readonly sequence: number;
  readonly size: number;
  readonly edge: ReadonlyMap<string, Uint8Array>;
}

export class Appender {
  readonly #to: AppendTo;
  readonly #sign: CheckpointSigner;
  #head: Head | null = null;

  constructor(to: AppendTo) {
    this.#to = to;
    this.#sign = noteSigner(to.signer);
  }

  /** One caller at a time. */
  async append(entries: readonly Uint8Array[]): Promise<Appended> {
    try {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const head = this.#head ?? (await this.#load());
        const appended = await this.#tryAt(head, entries);
        if (appended !== null) return appended;
        this.#head = null;
      }
    } catch (error) {
      this.#head = null;
      throw error;
    }
    throw new LedgerError("ledger.contended", `Other writers were faster ${MAX_ATTEMPTS} times in a row.`, { retry: "later" });
  }

  /** Null: another writer was faster. */
  async #tryAt(head: Head, entries: readonly Uint8Array[]): Promise<Appended | null> {
    const { store, origin, clock } = this.#to;
    const from = head.size;
    const to = from + entries.length;
    const tiles = await buildTiles(from, entries, new TileReader(store, from, head.edge));
    const reader = new TileReader(store, to, new Map([...head.edge, ...tiles]));
    const next = this.#sign.checkpoint(origin, to, await rootHash(to, reader.nodes));
    const sequence = head.sequence + 1;

    await putSame(store, stagedKey(from, next.root), encodeBundle(entries));
    if ((await store.putIfAbsent(checkpointKey(sequence), Buffer.from(next.note, "utf8"), lockFor(store, clock))) === "already-there") {
      // The same note: an earlier try of this very append, whose answer was lost.
      if ((await readCheckpoint(store, sequence)).note !== next.note) return null;
    }
    await putTiles(store, tiles);
    this.#head = { sequence, size: to, edge: await edgeOf(to, reader) };
    // The entries are in. What is left lying is found by the next one to look, and costs nothing but room.
    await tidyAfter(store, names(tiles), to).catch(() => 0);
    return { checkpoint: next, first: from };
  }

  async #load(): Promise<Head> {
    const { store, origin } = this.#to;
    for (;;) {
      const { sequence, checkpoint, pending } = await loadState(store);
      const size = checkpoint?.size ?? 0;
      const reader = new TileReader(store, size, pending);
      if (checkpoint !== null) {
        // Signing on top of what somebody else wrote would make it ours.
        if (!isSignedBy(checkpoint.note, this.#sign.publicKey) || checkpoint.origin !== origin) {
          throw new LedgerError("ledger.bad_signature", `${checkpointKey(sequence)} is not signed by this vault's key.`);
        }
        if (!equalHash(await rootHash(size, reader.nodes), Buffer.from(checkpoint.root, "hex"))) {
          throw new LedgerError("ledger.damaged", `The tiles beneath ${checkpointKey(sequence)} do not lead to its root.`);
        }
      }
      const beyond = await tileBeyond(store, size);
      if (beyond !== null) {
        if ((await store.get(checkpointKey(sequence + 1))) !== null) continue;
        // Tiles are only ever written after their checkpoint, so somebody has removed it.
        throw new LedgerError("ledger.rolled_back", `${beyond} reaches beyond the newest checkpoint, which has been removed.`);
      }
      await putTiles(store, pending);
      return { sequence, size, edge: await edgeOf(size, reader) };
    }
  }
}

/** The partial tiles of a tree. */
async function edgeOf(size: number, reader: TileReader): Promise<Map<string, Uint8Array>> {
  const edge = new Map<string, Uint8Array>();
  for (const name of edgeTiles(size)) edge.set(tileKey(name), await reader.tile(name));
  return edge;
}

function names(tiles: ReadonlyMap<string, Uint8Array>): TileName[] {
  return [...tiles.keys()].flatMap((key) => parseTileKey(key) ?? []);
}

/** All at once, but for the rightmost bundle: its presence says that all were written. */
async function putTiles(store: LedgerStore, tiles: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const all = [...tiles];
  const last = all.pop();
  if (last === undefined) return;
  const written = await Promise.allSettled(all.map(([key, tile]) => putSame(store, key, tile)));
  for (const one of written) if (one.status === "rejected") throw one.reason;
  await putSame(store, ...last);
}

/** The name says what the bytes must be, so an object that is there already must have them. */
async function putSame(store: LedgerStore, key: string, body: Uint8Array): Promise<void> {
  if ((await store.putIfAbsent(key, body)) === "stored") return;
  const there = await store.get(key);
  if (there === null || Buffer.compare(there, body) !== 0) throw new LedgerError("ledger.damaged", `${key} does not hold what its name says.`);
}

/** A bundle in the store that holds more entries than a ledger of `size` has. */
async function tileBeyond(store: LedgerStore, size: number): Promise<string | null> {
  const edge = tileKey({ level: "entries", index: Math.floor(size / TILE_WIDTH), width: TILE_WIDTH });
  for await (const { key } of store.list(edge)) {
    const name = parseTileKey(key);
    if (name !== null && name.index * TILE_WIDTH + name.width > size) return key;
  }
  return null;
}
