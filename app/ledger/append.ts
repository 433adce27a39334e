/**
 * Appends entries, whoever else does at the same time and wherever a writer is interrupted.
 *
 * 1. Take the newest checkpoint; finish and mend its tiles where that is needed.   2. Stage the new entries under the root they lead to.
 * 3. Create the next checkpoint, which only one writer can.                        4. Write its tiles.
 * Appending the same bytes at the same place twice is one append: that is how a lost answer is told from a lost race.
 * Before 3 nothing has happened; after 3 the entries are in the ledger. A writer who finds the next checkpoint taken starts again.
 *
 * Nothing is signed on top of what is not proven: the root says which hashes are right, the hashes say which entries are. Where what lies in a checkpoint's place
 * is none, the ledger goes on from the one before it, with an entry that says so; unless entries stand beneath it: then only what another keeper knows of them
 * (the application's database) lets it go on, with those entries first.
 *
 * A writer remembers where it left off, and takes what is known there for true until another writer proves faster or something fails.
 */
import { checkpointLost } from "./checkpoint-lost.ts";
import { encodeBundle, encodeEntry } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, edgeTiles, stagedKey, tileKey } from "./layout.ts";
import { lostWithEntries, newestCheckpoint, tileBeyond, tilesBeneath, type LostCheckpoint } from "./log-state.ts";
import { rootHash } from "./merkle.ts";
import { isSignedBy, noteSigner, type Checkpoint, type CheckpointSigner, type NoteSigner } from "./note.ts";
import type { LedgerClock, LedgerStore, Recall } from "./ports.ts";
import { holds, putProven, putTiles } from "./put.ts";
import { tidyAfter } from "./tidy.ts";
import { buildTiles, TileReader } from "./tile-reader.ts";

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
  readonly recall?: Recall | undefined;
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
  /** What goes in before anything else, where checkpoints were lost. */
  readonly first: readonly Uint8Array[];
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
  async #tryAt(head: Head, asked: readonly Uint8Array[]): Promise<Appended | null> {
    const { store, origin, clock } = this.#to;
    const entries = [...head.first, ...asked];
    const from = head.size;
    const to = from + entries.length;
    const tiles = await buildTiles(from, entries, new TileReader(store, from, head.edge));
    const reader = new TileReader(store, to, new Map([...head.edge, ...tiles]));
    const next = this.#sign.checkpoint(origin, to, await rootHash(to, reader.nodes));
    const sequence = head.sequence + 1;
    const note = Buffer.from(next.note, "utf8");

    await putProven(store, stagedKey(from, next.root), encodeBundle(entries));
    if ((await store.putIfAbsent(checkpointKey(sequence), note, lockFor(store, clock))) === "already-there") {
      // The same note: an earlier try of this very append, whose answer was lost.
      if (!(await holds(store, checkpointKey(sequence), note))) return null;
    }
    await putTiles(store, tiles);
    this.#head = { sequence, size: to, edge: await edgeOf(to, reader), first: [] };
    // The entries are in. What is left lying is found by the next one to look, and costs nothing but room.
    await tidyAfter(store, tiles, from, to).catch(() => 0);
    return { checkpoint: next, first: from + head.first.length };
  }

  async #load(): Promise<Head> {
    const { store, origin, recall } = this.#to;
    for (;;) {
      const newest = await newestCheckpoint(store);
      const { sequence, checkpoint, lost } = newest;
      const size = checkpoint?.size ?? 0;
      // Signing on top of what somebody else wrote would make it ours.
      if (checkpoint !== null && (!isSignedBy(checkpoint.note, this.#sign.publicKey) || checkpoint.origin !== origin)) {
        throw new LedgerError("ledger.bad_signature", `${checkpointKey(sequence - lost.length)} is not signed by this vault's key.`);
      }
      const { pending, reader } = await tilesBeneath(store, newest, recall);
      const known = lost.length === 0 || recall === undefined ? [] : await knownFrom(size, recall);
      const beyond = await tileBeyond(store, size + known.length);
      if (beyond !== null) {
        if ((await store.get(checkpointKey(sequence + 1))) !== null) continue;
        if (lost[0] !== undefined) throw lostWithEntries(lost[0], beyond);
        // Tiles are only ever written after their checkpoint, so somebody has removed it.
        throw new LedgerError("ledger.rolled_back", `${beyond} reaches beyond the newest checkpoint, which has been removed.`);
      }
      await putTiles(store, pending);
      return { sequence, size, edge: await edgeOf(size, reader), first: [...known, ...this.#accountsOf(lost, size + known.length)] };
    }
  }

  #accountsOf(lost: readonly LostCheckpoint[], size: number): Uint8Array[] {
    const at = this.#to.clock.now().toISOString();
    return [...lost].reverse().map((one) => encodeEntry({ at, ...checkpointLost(one, size) }));
  }
}

/** The entries that another keeper knows to follow, without a gap. */
async function knownFrom(size: number, recall: Recall): Promise<Uint8Array[]> {
  const byPlace = await recall(size, Number.MAX_SAFE_INTEGER);
  const entries: Uint8Array[] = [];
  for (let entry = byPlace.get(size); entry !== undefined; entry = byPlace.get(size + entries.length)) entries.push(entry);
  return entries;
}

/** The partial tiles of a tree. */
async function edgeOf(size: number, reader: TileReader): Promise<Map<string, Uint8Array>> {
  const edge = new Map<string, Uint8Array>();
  for (const name of edgeTiles(size)) edge.set(tileKey(name), await reader.tile(name));
  return edge;
}
