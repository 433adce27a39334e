/** Places and releases holds, and enters both into the ledger: a hold that the ledger knows cannot be taken away unseen. */
import type { Ledger } from "#app/ledger/index.ts";
import { holdSubjects, placeHold, readHolds, readPrunes, releaseHold } from "#app/vault/index.ts";
import type { Clock, Hold, HostKeys, LegalBasis, ObjectStore, Random, Release, Vault } from "#app/vault/index.ts";

export interface HoldSnapshots {
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "description" | "resolve" | "snapshots">;
  readonly hostKeys: Pick<HostKeys, "signingKey" | "indexKey">;
  readonly ledger: Pick<Ledger, "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly actor: string;
}

export type HoldCode =
  /** A name is 1 to 64 letters, digits and ._#/- with spaces; a reason is one line of at most 500 characters without an @. */
  | "hold.bad_name"
  | "hold.bad_reason"
  /** A legal hold names its basis and where that is written, in a line each without an @. */
  | "hold.bad_basis"
  /** It would end before it began. */
  | "hold.bad_until"
  | "hold.too_many"
  | "hold.not_found"
  /** A prune removed one of them, or is about to. */
  | "hold.too_late";

export type HoldOutcome = { readonly kind: "held"; readonly hold: Hold } | { readonly kind: "refused"; readonly code: HoldCode; readonly snapshots?: readonly string[] };
export type ReleaseOutcome = { readonly kind: "released"; readonly release: Release } | { readonly kind: "refused"; readonly code: HoldCode };

/** What the ledger takes for a label and for a reason. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._#/-]{0,63}$/u;
const REASON = /^[^\p{Cc}@]{1,500}$/u;
/** As many ids as an entry of the ledger names. */
const MOST = 50;

/** Bars erasures besides, because the law bids to keep these records. */
export interface LegalHold {
  readonly basis: string;
  /** A statute's section, a court's file number. */
  readonly citation: string;
  /** When it ends for erasures by itself; null: with its release. */
  readonly until: Date | null;
  /** Ids of whom it is about, as the source writes them; "all": everybody. Kept as keyed hashes. */
  readonly persons: readonly string[] | "all";
}

const LINE = /^[^\p{Cc}@]{3,300}$/u;
const MOST_PERSONS = 1000;

/** `snapshots`: references, or "all": whatever there is and whatever is taken while the hold lasts. Throws vault.no_such_snapshot. */
export async function holdSnapshots(
  o: HoldSnapshots,
  { name, reason, snapshots, legal }: { readonly name: string; readonly reason: string; readonly snapshots: readonly string[] | "all"; readonly legal?: LegalHold },
): Promise<HoldOutcome> {
  if (!NAME.test(name)) return { kind: "refused", code: "hold.bad_name" };
  if (!REASON.test(reason)) return { kind: "refused", code: "hold.bad_reason" };
  if (legal !== undefined) {
    const { basis, citation, until, persons } = legal;
    if (!LINE.test(basis) || basis.length > 200 || !LINE.test(citation) || persons.length === 0 || (persons !== "all" && persons.length > MOST_PERSONS)) return { kind: "refused", code: "hold.bad_basis" };
    if (until !== null && !(until > o.clock.now())) return { kind: "refused", code: "hold.bad_until" };
  }
  const { vault, store, ledger, actor } = o;
  const ids: "all" | string[] = snapshots === "all" ? "all" : [];
  if (ids !== "all") for (const reference of snapshots) ids.push((await vault.resolve(reference)).snapshotId);
  if (ids.length > MOST) return { kind: "refused", code: "hold.too_many" };
  const hold = await placeHold({ store, description: vault.description, signingKey: o.hostKeys.signingKey, clock: o.clock, random: o.random }, { name, reason, by: actor, snapshots: ids, ...(legal === undefined ? {} : { legal: sealedLegal(o, legal) }) });
  await ledger.append([{ actor, action: "hold.placed", subject: { vault: vault.description.vaultId, hold: hold.holdId, snapshots: ids === "all" ? "all" : ids.join(" "), name, ...(legal === undefined ? {} : legalSubject(legal)) }, reason, outcome: "done" }]);
  // The prune reads the holds after its record is written, and this reads the records after the hold is: one of the two sees the other.
  const gone = ids === "all" ? [] : await pruned(o, ids);
  return gone.length > 0 ? { kind: "refused", code: "hold.too_late", snapshots: gone } : { kind: "held", hold };
}

function sealedLegal({ hostKeys }: HoldSnapshots, { basis, citation, until, persons }: LegalHold): LegalBasis {
  return { basis, citation, until: until?.toISOString() ?? null, subjects: persons === "all" ? "all" : [...holdSubjects(hostKeys.indexKey, persons)] };
}

function legalSubject({ until, persons }: LegalHold): Record<string, string | number | boolean> {
  return { legal: true, ...(persons === "all" ? {} : { subjects: persons.length }), ...(until === null ? {} : { until: until.toISOString() }) };
}

async function pruned({ store, vault }: HoldSnapshots, ids: readonly string[]): Promise<string[]> {
  const { expired } = await readPrunes(store, vault.description);
  const there = new Set((await vault.snapshots()).map(({ snapshotId }) => snapshotId));
  return ids.filter((id) => expired.has(id) || !there.has(id));
}

/** `hold`: its id, or its name. */
export async function releaseHeld(o: HoldSnapshots, { hold, reason }: { readonly hold: string; readonly reason: string }): Promise<ReleaseOutcome> {
  if (!REASON.test(reason)) return { kind: "refused", code: "hold.bad_reason" };
  const { store, vault, ledger, actor } = o;
  const { inForce } = await readHolds(store, vault.description);
  // Its name will do, as long as there is only one.
  const named = inForce.filter(({ holdId, name }) => holdId === hold || name === hold);
  const found = named.find(({ holdId }) => holdId === hold) ?? (named.length === 1 ? named[0] : undefined);
  // A damaged hold has no name that could be read, but its object has an id.
  const release = await releaseHold({ store, description: vault.description, signingKey: o.hostKeys.signingKey, clock: o.clock, random: o.random }, found?.holdId ?? hold, { reason, by: actor });
  if (release === null) return { kind: "refused", code: "hold.not_found" };
  await ledger.append([{ actor, action: "hold.released", subject: { vault: vault.description.vaultId, hold: release.holdId }, reason, outcome: "done" }]);
  return { kind: "released", release };
}
