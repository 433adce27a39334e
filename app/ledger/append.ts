/**
 * Appends entries, whoever else does at the same time and wherever a writer is interrupted.
 *
 * 1. Take the newest checkpoint; finish its tiles if its writer did not.   2. Stage the new entries under the root they lead to.
 * 3. Create the next checkpoint, which only one writer can.                4. Write its tiles.
 * Appending the same bytes at the same place twice is one append: that is how a lost answer is told from a lost race.
 * Before 3 nothing has happened; after 3 the entries are in the ledger. A writer who finds the next checkpoint taken starts again.
 */
import { encodeBundle } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { checkpointKey, stagedKey } from "./layout.ts";
import { buildTiles, loadState, readCheckpoint, TileReader } from "./log-state.ts";
import { equalHash, rootHash } from "./merkle.ts";
import { isSignedBy, signCheckpoint, type Checkpoint, type Ed25519Key, type NoteSigner } from "./note.ts";
import type { LedgerStore } from "./ports.ts";

/** Every lost race means that another writer got on, so this many in a row are a sign of something else. */
const MAX_ATTEMPTS = 100;

export async function append(store: LedgerStore, origin: string, signer: NoteSigner, entries: readonly Uint8Array[]): Promise<Checkpoint> {
  const publicKey: Ed25519Key = { kty: "OKP", crv: "Ed25519", x: signer.privateKey.x };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const state = await loadState(store);
    const from = state.checkpoint?.size ?? 0;
    if (state.checkpoint !== null) {
      // Signing on top of what somebody else wrote would make it ours.
      if (!isSignedBy(state.checkpoint.note, publicKey) || state.checkpoint.origin !== origin) {
        throw new LedgerError("ledger.bad_signature", `${checkpointKey(state.sequence)} is not signed by this vault's key.`);
      }
      const reader = new TileReader(store, from, state.pending);
      if (!equalHash(await rootHash(from, reader.nodes), Buffer.from(state.checkpoint.root, "hex"))) {
        throw new LedgerError("ledger.damaged", `The tiles beneath ${checkpointKey(state.sequence)} do not lead to its root.`);
      }
      for (const [key, tile] of state.pending) await putSame(store, key, tile);
    }

    const to = from + entries.length;
    const tiles = await buildTiles(from, entries, new TileReader(store, from, state.pending));
    const root = await rootHash(to, new TileReader(store, to, tiles).nodes);
    const next = signCheckpoint(origin, to, root, signer);
    const nextKey = checkpointKey(state.sequence + 1);

    const foreign = await firstForeign(store, tiles);
    if (foreign !== null) {
      if ((await store.get(nextKey)) !== null) continue;
      // Tiles are only ever written after their checkpoint, so somebody has removed it.
      throw new LedgerError("ledger.rolled_back", `${foreign} reaches beyond the newest checkpoint, which has been removed.`);
    }
    await putSame(store, stagedKey(from, next.root), encodeBundle(entries));
    if ((await store.putIfAbsent(nextKey, Buffer.from(next.note, "utf8"))) === "already-there") {
      // The same note: an earlier try of this very append, whose answer was lost.
      if ((await readCheckpoint(store, state.sequence + 1)).note !== next.note) continue;
    }
    for (const [key, tile] of tiles) await putSame(store, key, tile);
    return next;
  }
  throw new LedgerError("ledger.contended", `Other writers were faster ${MAX_ATTEMPTS} times in a row.`, { retry: "later" });
}

/** The name says what the bytes must be, so an object that is there already must have them. */
async function putSame(store: LedgerStore, key: string, body: Uint8Array): Promise<void> {
  if ((await store.putIfAbsent(key, body)) === "stored") return;
  const there = await store.get(key);
  if (there === null || Buffer.compare(there, body) !== 0) throw new LedgerError("ledger.damaged", `${key} does not hold what its name says.`);
}

/** The first tile that is in the store with other bytes than these. */
async function firstForeign(store: LedgerStore, tiles: ReadonlyMap<string, Uint8Array>): Promise<string | null> {
  for (const [key, tile] of tiles) {
    const there = await store.get(key);
    if (there !== null && Buffer.compare(there, tile) !== 0) return key;
  }
  return null;
}
