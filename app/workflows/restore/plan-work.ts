/**
 * Works a plan out: what differs between the chosen moment and now, what putting it back would do, what stands against it. Two passes over what differs (new
 * records first, because one of them may have the place of one that is gone); a family at a time in memory; lines go to the vault as they come.
 */
import type { FamilyChange, RestoreTarget } from "#app/sources/port.ts";
import type { ObjectStore, RestoreKeeper, SnapshotManifest, Vault } from "#app/vault/index.ts";
import type { CaptureCatalogue, Clock, CurrentRecords, RestorePlanRow, RunProgress } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { candidates, isWide, type Candidate } from "./plan-candidates.ts";
import { digestOfRecords, editedSince, stateDigest, statesBetween, uniqueOf } from "./plan-conflicts.ts";
import { referring } from "./plan-references.ts";
import { meant, type RestoreStates } from "./plan-states.ts";
import { momentsOf } from "./plan-moments.ts";
import { ChunkWriter } from "./plan-store.ts";
import { PlanTotals } from "./plan-totals.ts";
import type { PlannedFamily, RestorePlan } from "./plan-types.ts";

/** New records that are kept in mind while a plan is made. */
const MOST_NEW = 200_000;
const NONE: ReadonlySet<string> = new Set();
/** Of a few chosen records only their own packs are opened: what else names them cannot be known. */
const NOT_LOOKED_FOR = { kind: "(all)", field: "(references)", reason: "references.not_looked_for" } as const;

export interface PlanRestore {
  readonly row: Pick<RestorePlanRow, "planId" | "shop" | "at" | "selection" | "rule" | "extras" | "target" | "createdAt" | "createdBy">;
  readonly vault: Vault;
  readonly store: ObjectStore;
  readonly states: RestoreStates;
  readonly before: SnapshotManifest | null;
  readonly emptyTarget: boolean;
  readonly snapshots: readonly SnapshotManifest[];
  readonly current: CurrentRecords | null;
  /** What the journal is told of; null: nothing is captured. */
  readonly capture: Pick<CaptureCatalogue, "kinds"> | null;
  readonly target: Pick<RestoreTarget, "assess">;
  readonly pointsPerSecond: number;
  /** Old id to new id, over all earlier restores. */
  readonly known: ReadonlyMap<string, string>;
  readonly keeper: RestoreKeeper;
  readonly attempt: number;
  readonly clock: Clock;
  readonly scratchDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export async function planRestore(o: PlanRestore): Promise<RestorePlan> {
  const { row, states, before } = o;
  const looking = { selection: row.selection, states, vault: o.vault, store: o.store, before, emptyTarget: o.emptyTarget, scratchDirectory: o.scratchDirectory, signal: o.signal, onProgress: (records: number): void => o.onProgress({ step: "diff", records }) };
  const newcomers = isWide(row.selection) && before !== null && !o.emptyTarget && row.selection.scope !== "namespace" ? await findNew(o, candidates(looking)) : new Newcomers();
  const until = before === null ? o.clock.now() : new Date(before.startedAt);
  const between = o.emptyTarget ? null : await statesBetween({ vault: o.vault, store: o.store, at: row.at, until, snapshots: o.snapshots });
  const totals = new PlanTotals(row.rule);
  const writer = new ChunkWriter(o.keeper, row.planId, o.attempt);
  const { gone } = newcomers;
  const assessed = new Set<string>();
  let looked = 0;
  for await (const candidate of candidates(looking)) {
    o.signal.throwIfAborted();
    o.onProgress({ step: "assess", records: ++looked, expected: newcomers.all });
    if (isNew(candidate)) continue;
    const family = await assess(o, candidate, newcomers, between);
    if (gone.size > 0) assessed.add(`${candidate.kind}\0${candidate.id}`);
    if (family === "erased") totals.erased(candidate.kind);
    else if (family !== null && totals.add(family)) await writer.add(family);
  }
  for (const { kind, id } of newcomers.left()) {
    o.signal.throwIfAborted();
    const family = await assessNew(o, kind, id);
    if (family !== null && totals.add(family)) await writer.add(family);
  }
  for await (const family of following(o, gone, assessed, totals)) if (totals.add(family)) await writer.add(family);
  if (before === null && !o.emptyTarget && totals.creates > 0) totals.lose(NOT_LOOKED_FOR, totals.creates);
  await writer.flush();
  const counted = totals.result();
  const touched = Object.entries(counted.kinds).flatMap(([kind, { create, update, remove, refuse }]) => (create + update + remove + refuse > 0 ? [kind] : []));
  const moments = momentsOf({ capture: o.capture, kinds: touched, at: row.at, base: states.overlay.base?.takenAt ?? null });
  const sums = { ...counted, ...(moments.length === 0 ? {} : { moments: [...moments] }) };
  return {
    format: 1,
    planId: row.planId,
    shop: row.shop,
    vaultId: o.vault.description.vaultId,
    target: row.target,
    at: row.at.toISOString(),
    base: states.overlay.base?.snapshotId ?? null,
    through: states.overlay.through,
    before: before?.snapshotId ?? null,
    selection: { ...row.selection } as RestorePlan["selection"],
    rule: row.rule,
    extras: row.extras,
    decisions: [],
    totals: sums,
    estimateMs: Math.ceil((sums.costPoints / o.pointsPerSecond) * 1000),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    plannedAt: o.clock.now().toISOString(),
    chunks: writer.chunks,
  };
}

function isNew({ then, now }: Candidate): boolean {
  return then.length === 0 && now !== null && now.length > 0;
}

/** What the shop has and the moment had not. */
class Newcomers {
  all = 0;
  /** Ids of roots that the moment had and the shop has not: they will be there under new ids. */
  readonly gone = new Set<string>();
  readonly roots = new Map<string, { readonly kind: string; readonly id: string }>();
  /** By the digest of what only one record may have. */
  readonly byUnique = new Map<string, string>();
  readonly #taken = new Set<string>();
  take(kind: string, id: string): void {
    this.#taken.add(`${kind}\0${id}`);
  }
  /** Those that stand for no record that is put back. */
  *left(): Generator<{ readonly kind: string; readonly id: string }> {
    for (const [key, root] of this.roots) if (!this.#taken.has(key)) yield root;
  }
}

async function findNew(o: PlanRestore, all: AsyncIterable<Candidate>): Promise<Newcomers> {
  const found = new Newcomers();
  for await (const candidate of all) {
    found.all++;
    if (candidate.now?.length === 0 && !(await isBack(o, candidate))) found.gone.add(candidate.id);
    if (!isNew(candidate)) continue;
    if (found.roots.size >= MOST_NEW) throw new RunFailed("restore.too_many_new", "the shop has more new records than a plan keeps in mind");
    found.roots.set(`${candidate.kind}\0${candidate.id}`, { kind: candidate.kind, id: candidate.id });
  }
  // Nothing is gone, so nothing can have another's place.
  if (found.gone.size === 0) return found;
  for (const { kind, id } of found.roots.values()) {
    o.signal.throwIfAborted();
    const [root] = (await o.states.openNow(kind, id)) ?? [];
    if (root !== undefined) for (const unique of uniqueOf(o.vault, root)) found.byUnique.set(unique, id);
  }
  return found;
}

async function assess(o: PlanRestore, candidate: Candidate, newcomers: Newcomers, between: Awaited<ReturnType<typeof statesBetween>> | null): Promise<PlannedFamily | "erased" | null> {
  const { row, states } = o;
  const { kind, id } = candidate;
  const then = await states.openThen(kind, id);
  if (then.erased) return "erased";
  let nowId = id;
  let now = candidate.now?.length === 0 && o.before?.complete !== false && !o.emptyTarget ? null : await states.openNow(kind, id);
  if (now === null && !o.emptyTarget) {
    // A snapshot with gaps may lack what the shop has: only the shop itself can say that it is gone.
    if (o.before?.complete === false) now = await stillThere(o, kind, id);
    const known = o.known.get(id);
    if (now === null && known !== undefined) now = await states.openNow(kind, (nowId = known));
    newcomers.take(kind, nowId);
  }
  let conflict: PlannedFamily["conflict"] = null;
  if (now === null && then.records !== null) {
    const rival = uniqueOf(o.vault, then.records[0]!).map((unique) => newcomers.byUnique.get(unique)).find((other) => other !== undefined);
    nowId = rival ?? id;
    if (rival !== undefined) {
      now = await states.openNow(kind, rival);
      newcomers.take(kind, rival);
      conflict = "re-created";
    }
  }
  const change = meant(row.selection, then.records, now, { id });
  if (change === null || (change.then === null && change.now === null)) return null;
  if (conflict === null && between !== null && now !== null && editedSince(await between.of(kind, nowId), stateDigest(candidate.then), digestOfRecords(o.vault, now))) conflict = "edited-since";
  return planned(o, { kind, id, ...change }, nowId, conflict, newcomers.gone);
}

/** Records that are to stay as they are, but name one that will have a new id. */
async function* following(o: PlanRestore, gone: ReadonlySet<string>, assessed: ReadonlySet<string>, totals: PlanTotals): AsyncGenerator<PlannedFamily> {
  const { states, signal } = o;
  const batches = gone.size === 0 ? null : states.recordsNow();
  if (batches === null || states.now === null) return;
  const index = states.now;
  const found = await referring({ batches, gone, rootOf: (id) => index.rootAbove(id), signal, onProgress: (records) => o.onProgress({ step: "references", records }) });
  for (const [key, { kind, id }] of found) {
    signal.throwIfAborted();
    if (assessed.has(key)) continue;
    const now = await states.openNow(kind, id);
    if (now === null || now.some((record) => states.isTombstoned(record))) continue;
    const family = planned(o, { kind, id, then: now, now }, id, null, gone);
    if (family.action !== "none") yield { ...family, only: "references" };
    // A trace of what happened, or a kind that nobody can write: it goes on naming the old id.
    else totals.lose({ kind, field: "(references)", reason: "references.stay" });
  }
}

/** Made anew since, by an earlier restore or under its own id; or never to come back. */
async function isBack(o: PlanRestore, { kind, id }: Candidate): Promise<boolean> {
  if (o.states.isTombstoned({ kind, id, parentId: null })) return true;
  const known = o.known.get(id);
  return known !== undefined && ((await o.states.now?.family(kind, known)) ?? []).length > 0;
}

/** What did not exist then: goes, where that was asked for and can be known. */
async function assessNew(o: PlanRestore, kind: string, id: string): Promise<PlannedFamily | null> {
  // What a snapshot with gaps lacks may have existed all the same.
  if (o.row.extras === "keep" || o.states.overlay.base?.complete !== true) return null;
  return planned(o, { kind, id, then: null, now: await o.states.openNow(kind, id) }, id, null, NONE);
}

function planned(o: PlanRestore, change: FamilyChange, nowId: string, conflict: PlannedFamily["conflict"], gone: ReadonlySet<string>): PlannedFamily {
  const extras = o.states.overlay.base?.complete === true ? o.row.extras : "keep";
  const { action, changes, losses, costPoints } = o.target.assess(change, { extras, ids: { known: o.known, same: !o.emptyTarget }, gone });
  return {
    kind: change.kind,
    id: change.id,
    ...(nowId === change.id ? {} : { nowId }),
    action,
    changes: changes.map(({ kind, id, fields }) => ({ kind, id, fields: [...fields] })),
    losses: losses.map(({ kind, field, reason }) => ({ kind, field, reason })),
    costPoints,
    conflict: action === "update" || conflict === "re-created" ? conflict : null,
    seen: digestOfRecords(o.vault, change.now),
  };
}

async function stillThere(o: PlanRestore, kind: string, id: string): ReturnType<CurrentRecords["fetch"]> {
  if (o.current === null) throw new RunFailed("restore.before_incomplete", "the snapshot of what the shop has now has gaps, and the shop cannot be asked record by record");
  return o.current.fetch(o.row.shop, kind, id, o.signal);
}
