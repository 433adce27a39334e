/** A tamper-evident log of what happened to one vault, kept in the vault's own store. */
import { checkAction } from "./actions.ts";
import { Appender, lockFor, type Appended } from "./append.ts";
import { Batches } from "./batch.ts";
import { cosignedKey, lastSeenBy, newestCosigned } from "./cosigned.ts";
import { decodeEntry, encodeEntry, type LedgerEntry } from "./entry.ts";
import { LedgerError } from "./errors.ts";
import { GrowingTree } from "./growing-tree.ts";
import { TILE_WIDTH, tileKey, widthOf } from "./layout.ts";
import { loadState, lostWithEntries, newestCheckpoint, tileBeyond, type LogState } from "./log-state.ts";
import { consistencyProof, inclusionProof, leafHash, rootHash, verifyInclusion, type Hash } from "./merkle.ts";
import type { Checkpoint, NoteSigner } from "./note.ts";
import type { LedgerClock, LedgerStore, Recall } from "./ports.ts";
import { formatProof } from "./proof.ts";
import { tidyAll } from "./tidy.ts";
import { verifyLedger, type LedgerReport, type VerifyLedger } from "./verify.ts";
import { askWitness, type Post, type Witness, type WitnessAnswer } from "./witness.ts";

export interface OpenLedger {
  readonly store: LedgerStore;
  /** The first line of every checkpoint; says which log this is (originOf). */
  readonly origin: string;
  /** Without one the ledger can be read and verified, not appended to. */
  readonly signer?: NoteSigner | undefined;
  /** Stamps entries that do not say when they happened. */
  readonly clock: LedgerClock;
  /** What may be entered; throws for anything else. Default: the catalogue (actions.ts). */
  readonly check?: (entry: NewLedgerEntry) => void;
  /** The second place where these events are kept, if there is one. What it knows mends what the store has lost. */
  readonly recall?: Recall | undefined;
}

export type NewLedgerEntry = Omit<LedgerEntry, "at"> & { readonly at?: string };

export interface Ledger {
  /**
   * All of the entries or none; safe beside other writers. Callers who do not wait for one another share checkpoints, so a Ledger that many use
   * is fast. Throws LedgerError, and what the store throws: then the entries are most likely not in, and may be.
   */
  append(entries: readonly NewLedgerEntry[]): Promise<Checkpoint>;
  /** The same, and says at which place the first of the entries stands. */
  enter(entries: readonly NewLedgerEntry[]): Promise<Appended>;
  /** The newest checkpoint; null while nothing was ever appended. Its signature is checked by verify. */
  head(): Promise<Checkpoint | null>;
  /** Oldest first. Throws ledger.damaged, at the latest at the end, when the entries are not those the head was signed over. */
  entries(): AsyncIterable<LedgerEntry>;
  /** Leaf hashes of the entries from place `from` on, in order. */
  leaves(from: number): AsyncIterable<{ readonly place: number; readonly leaf: Hash }>;
  /** RFC 6962 audit path of entry `index` in the tree of `size` (default: the head's). */
  inclusionProof(index: number, size?: number): Promise<Hash[]>;
  /** RFC 6962 consistency proof between two sizes (default `to`: the head's). */
  consistencyProof(from: number, to?: number): Promise<Hash[]>;
  /**
   * A proof that entry `index` is in this ledger, to give away (proof.ts). Rests on the newest cosigned checkpoint that covers the entry, else on
   * the head. Null when there is no such entry.
   */
  prove(index: number): Promise<string | null>;
  /** Has the head cosigned by a witness and keeps the answer. "empty": there is nothing to cosign yet. */
  cosign(witness: Witness, post?: Post): Promise<WitnessAnswer | { readonly kind: "empty" }>;
  verify(options: VerifyLedger): Promise<LedgerReport>;
  /** Removes what earlier writers could not tidy away, where the store lets it. Answers how many objects. */
  tidy(): Promise<number>;
}

/** The log's name: schema-less and unique, as C2SP asks. */
export function originOf(vaultId: string): string {
  return `holdfast.ledger/${vaultId}`;
}

export function openLedger({ store, origin, signer, clock, check = checkAction, recall }: OpenLedger): Ledger {
  /** Refuses to leave entries out that were signed for. */
  const whole = async (): Promise<LogState> => {
    const state = await loadState(store, recall);
    const [lost] = state.lost;
    const beyond = lost === undefined ? null : await tileBeyond(store, state.reader.size);
    if (lost !== undefined && beyond !== null) throw lostWithEntries(lost, beyond);
    return state;
  };
  let batches: Batches | null = null;
  const enter = async (entries: readonly NewLedgerEntry[]): Promise<Appended> => {
    if (signer === undefined) throw new LedgerError("ledger.no_signer", "This ledger was opened without its signing key.");
    if (entries.length === 0) throw new LedgerError("ledger.bad_entry", "There is nothing to append.");
    entries.forEach(check);
    const encoded = entries.map((entry) => encodeEntry({ ...entry, at: entry.at ?? clock.now().toISOString() }));
    if (batches === null) {
      const appender = new Appender({ store, origin, signer, clock, recall });
      batches = new Batches((batch) => appender.append(batch));
    }
    return batches.add(encoded);
  };
  return {
    enter,
    append: async (entries) => (await enter(entries)).checkpoint,
    async head() {
      return (await newestCheckpoint(store)).checkpoint;
    },
    async *entries() {
      const { checkpoint, reader } = await whole();
      if (checkpoint === null) return;
      const tree = new GrowingTree();
      for (let index = 0; index * TILE_WIDTH < checkpoint.size; index++) {
        for (const bytes of await reader.bundle(index)) {
          const entry = decodeEntry(bytes);
          if (entry === null) {
            const key = tileKey({ level: "entries", index, width: widthOf("entries", index, checkpoint.size) });
            throw new LedgerError("ledger.damaged", `Entry ${tree.size} in ${key} is not an entry.`);
          }
          tree.append(leafHash(bytes));
          yield entry;
        }
      }
      if (Buffer.from(await rootHash(tree.size, tree.nodes)).toString("hex") !== checkpoint.root) {
        throw new LedgerError("ledger.damaged", "The entries are not those the newest checkpoint was signed over.");
      }
    },
    async *leaves(from) {
      const { reader } = await loadState(store, recall);
      for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < reader.size; index++) {
        const tile = await reader.tile({ level: 0, index, width: widthOf(0, index, reader.size) });
        for (let n = 0; n * 32 < tile.length; n++) {
          const place = index * TILE_WIDTH + n;
          if (place >= from) yield { place, leaf: tile.subarray(n * 32, n * 32 + 32) };
        }
      }
    },
    async inclusionProof(index, size) {
      const { reader } = await whole();
      return inclusionProof(index, size ?? reader.size, reader.nodes);
    },
    async consistencyProof(from, to) {
      const { reader } = await whole();
      return consistencyProof(from, to ?? reader.size, reader.nodes);
    },
    async prove(index) {
      const { checkpoint: head, reader } = await whole();
      if (head === null || !(index >= 0 && index < head.size)) return null;
      const checkpoint = (await newestCosigned(store, index)) ?? head;
      const entry = (await reader.bundle(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]!;
      const hashes = await inclusionProof(index, checkpoint.size, reader.nodes);
      if (!verifyInclusion(leafHash(entry), index, checkpoint.size, hashes, Buffer.from(checkpoint.root, "hex"))) {
        throw new LedgerError("ledger.damaged", `Entry ${index} is not the one that was signed over.`);
      }
      return formatProof({ index, hashes, checkpoint, extra: entry });
    },
    async cosign(witness, post) {
      const { checkpoint, sequence, lost, reader } = await whole();
      if (checkpoint === null) return { kind: "empty" };
      const answer = await askWitness({
        checkpoint,
        witness,
        seen: await lastSeenBy(store, witness.key),
        consistency: (from, to) => consistencyProof(from, to, reader.nodes),
        ...(post === undefined ? {} : { post }),
      });
      if (answer.kind === "cosigned") await store.putIfAbsent(cosignedKey(sequence - lost.length, witness.key, answer.cosignature), Buffer.from(answer.note, "utf8"), lockFor(store, clock));
      return answer;
    },
    verify: (options) => verifyLedger(store, options),
    async tidy() {
      const { checkpoint, pending, reader } = await whole();
      return checkpoint === null || pending.size > 0 ? 0 : tidyAll(store, reader);
    },
  };
}
