/** Removes the journal's beginning when no kept snapshot needs it. A signed cut says first what goes, so that the rest is still a proven chain. */
import { z } from "zod";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk } from "../ports.ts";
import { tryRemove } from "../retention/remove.ts";
import { claim, numbered, readNumbered } from "../retention/sequence.ts";
import type { Numbered } from "../retention/sequence.ts";
import { protectedStore } from "../repair/parity-store.ts";
import type { VaultDescription } from "../types.ts";
import { JournalLog } from "./log.ts";
import { JOURNAL_CUTS, journalObject } from "./names.ts";

const Cut = z.object({
  format: z.literal(1),
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  sequence: z.number().int().min(1),
  at: z.iso.datetime(),
  actor: z.string().min(1).max(1000),
  /** The last segment that goes, with the digest of its stored bytes; null: it was damaged. */
  through: z.object({ sequence: z.number().int().min(1), digest: z.string().regex(/^[0-9a-f]{64}$/).nullable() }),
});
export type JournalCut = z.infer<typeof Cut>;

/** Throws vault.damaged_object unless the vault's key signed these bytes as its `sequence`-th cut. */
export async function parseCut(bytes: Uint8Array, object: string, sequence: number, description: VaultDescription): Promise<JournalCut> {
  const parsed = Cut.safeParse(await verifySigned(bytes, "holdfast-journal-cut", description.signingPublicKey, object));
  if (!parsed.success) throw damaged(object, "it lacks what a cut has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.sequence !== sequence) throw damaged(object, "it belongs to another place");
  return parsed.data;
}

export function readCuts(store: ObjectStore, description: VaultDescription): Promise<Numbered<JournalCut>> {
  return readNumbered(store, JOURNAL_CUTS, (bytes, object, sequence) => parseCut(bytes, object, sequence, description));
}

/** The last segment that was removed on purpose; 0: none. */
export function cutThrough(cuts: Numbered<JournalCut>): number {
  return cuts.records.reduce((most, { record }) => Math.max(most, record.through.sequence), 0);
}

export interface PruneJournal {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signingKey: Jwk;
  readonly clock: Clock;
  readonly actor: string;
  /** The moment the oldest snapshot that is kept began: what was sealed before it is in it. */
  readonly keepFrom: Date;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface PrunedJournal {
  /** Segments removed, or in a dry run: that would be. */
  readonly removed: number;
  /** The last segment cut; 0: none ever. */
  readonly through: number;
}

/** Never removes the newest segment, which says where the next one goes. Another cut at the same moment: nothing is removed. */
export async function pruneJournal(o: PruneJournal): Promise<PrunedJournal> {
  const { description, signal } = o;
  const store = protectedStore(o.store, description);
  const log = new JournalLog(store, description);
  const numbers = await log.sequences();
  const cuts = await readCuts(store, description);
  const earlier = cutThrough(cuts);
  let last: { sequence: number; digest: string | null } | null = null;
  for (const sequence of numbers.slice(0, -1)) {
    signal?.throwIfAborted();
    // Cut before, and a broken-off removal left it.
    if (sequence <= earlier) continue;
    const segment = await log.segment(sequence).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "vault.damaged_object") return null;
      throw error;
    });
    if (segment !== null && new Date(segment.at) >= o.keepFrom) break;
    if (segment !== null) last = { sequence, digest: segment.digest };
  }
  const through = Math.max(earlier, last?.sequence ?? 0);
  const going = numbers.filter((sequence) => sequence <= through);
  if (o.dryRun === true) return { removed: going.length, through };
  if (last !== null) {
    const cut: JournalCut = { format: 1, vaultId: description.vaultId, sequence: cuts.next, at: o.clock.now().toISOString(), actor: o.actor, through: last };
    if (!(await claim(store, numbered(JOURNAL_CUTS, cuts.next), await signJson(cut, "holdfast-journal-cut", o.signingKey)))) return { removed: 0, through: earlier };
  }
  let removed = 0;
  for (const sequence of going) {
    signal?.throwIfAborted();
    // What is locked stays until a later prune; it is cut all the same.
    if ((await tryRemove(store, journalObject(sequence))) === null) removed++;
  }
  return { removed, through };
}
