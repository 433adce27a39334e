/**
 * Prune, in two phases (docs/design.md 8). First the signed record of what goes and why, then the manifests of the expired snapshots. What
 * they alone needed is only removed by a later prune, when the grace is over, and only what no snapshot needs at that moment.
 * Broken off anywhere, a prune leaves every remaining snapshot whole, and the next one finishes it.
 */
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk } from "../ports.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import { holdsOn, readHolds } from "./holds.ts";
import { JournalNeeds } from "../journal/needs.ts";
import { pruneJournal } from "../journal/cut.ts";
import { Needed, readManifests } from "./needed.ts";
import { planRetention } from "./plan.ts";
import type { RetentionPlan } from "./plan.ts";
import { formatPolicy } from "./policy.ts";
import type { KeepPolicy } from "./policy.ts";
import { damagedLists, openLists, PRUNES, readDoomed, readPrunes, signPrune, strayLists, SWEEPABLE, writeDoomed } from "./prunes.ts";
import type { DueList, PruneRecord } from "./prunes.ts";
import { readRedactions } from "./redactions.ts";
import type { Redactions } from "./redactions.ts";
import { lockedAt, tryRemove } from "./remove.ts";
import type { Kept } from "./remove.ts";
import { claim, numbered } from "./sequence.ts";

export const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;

export interface PruneInput {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signingKey: Jwk;
  readonly clock: Clock;
  readonly policy: KeepPolicy;
  readonly actor: string;
  /** Ids of the snapshots that were verified last. */
  readonly verified: ReadonlySet<string>;
  /** Default 24 hours. 0 sweeps at once: right only when nobody can be writing. */
  readonly graceMs?: number;
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly step: "expire" | "sweep"; readonly done: number; readonly total: number }) => void;
}

export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

export interface PruneReport {
  readonly plan: RetentionPlan;
  /** Number of the prune's record; null: there was nothing to write down. */
  readonly sequence: number | null;
  /** Snapshots whose manifest is gone by this prune. */
  readonly expired: readonly string[];
  /** Swept, or in a dry run: what would be. */
  readonly removed: Amount;
  /** Doomed, to be removed by a prune after `dueAt`. */
  readonly waiting: Amount & { readonly dueAt: string | null };
  /** What the store would not let go, or in a dry run: what a lock would keep. */
  readonly kept: readonly Kept[];
  /** Bytes, at most, that rewriting packs which are partly dead would free. */
  readonly partlyDead: { readonly packs: number; readonly bytes: number };
}

export type PruneOutcome =
  | { readonly kind: "done"; readonly report: PruneReport }
  | {
      readonly kind: "refused";
      readonly code:
        /** Another prune took the number: plan anew. */
        | "prune.contended"
        /** What a damaged manifest, redaction or hold says is not known, so nothing may be called garbage. */
        | "prune.damaged_manifest"
        | "prune.damaged_redaction"
        | "prune.damaged_hold";
      readonly objects: readonly string[];
    };

export async function prune(input: PruneInput): Promise<PruneOutcome> {
  return new Prune(input).run();
}

class Prune {
  private readonly input: PruneInput;
  private readonly known = new Map<string, SnapshotManifest>();
  private readonly kept: Kept[] = [];
  private redactions!: Redactions;
  private readonly journal: JournalNeeds;
  /** Of the journal's segments, which are read once. */
  private readonly journalPacks: PackInfo[] = [];
  constructor(input: PruneInput) {
    this.input = input;
    this.journal = new JournalNeeds(input.store, input.description);
  }

  async run(): Promise<PruneOutcome> {
    const { store, description, policy, verified, clock } = this.input;
    const now = clock.now();
    const { valid: manifests, damaged } = await readManifests(store, description, this.known);
    if (damaged.length > 0) return { kind: "refused", code: "prune.damaged_manifest", objects: damaged };
    this.redactions = await readRedactions(store, description);
    const holds = await readHolds(store, description);
    if (holds.blocking.length > 0) return { kind: "refused", code: "prune.damaged_hold", objects: holds.blocking };
    await this.readJournal();
    if (this.journal.damaged.size > 0) return { kind: "refused", code: "prune.damaged_manifest", objects: [...this.journal.damaged] };

    const plan = planRetention({ snapshots: manifests, policy, holds: holds.inForce, verified, now });
    const going = new Set(plan.expire.map(({ snapshotId }) => snapshotId));
    const needed = await this.neededBy(manifests.filter(({ snapshotId }) => !going.has(snapshotId)));
    const sizes = new Map<string, number>();
    for (const folder of ["keys/", "packs/", "parity/", "search/", "tree/"]) for await (const { key, size } of store.list(folder)) if (SWEEPABLE.test(key)) sizes.set(key, size);
    const lost = [...this.redactions.damaged, ...this.redactions.missing];
    // A redaction that cannot be read matters only if some pack is gone that it may have replaced; else it never took effect.
    if (lost.length > 0 && (await this.neededBy(manifests)).absent(sizes).length > 0) return { kind: "refused", code: "prune.damaged_redaction", objects: lost };
    const open = await openLists(store, description);
    const listed = new Set<string>();
    // With a shorter grace than before, what is doomed already is doomed anew, so that whoever commits meanwhile can see that time presses.
    for (const list of open) if (list.due <= now.getTime() + this.graceMs) for (const key of await readDoomed(store, list)) listed.add(key);
    const doomed = [...sizes.keys()].filter((key) => !needed.has(key) && !listed.has(key));

    const expiring = plan.expire.map(({ snapshotId }) => manifests.find((manifest) => manifest.snapshotId === snapshotId) as SnapshotManifest);
    const partlyDead = partlyDeadOf(needed);
    if (this.input.dryRun === true) return { kind: "done", report: await this.foretell(plan, manifests, open, doomed, sizes, now, partlyDead) };

    // What was on a list that rotted is doomed anew below, on a sound one.
    for (const rotten of await damagedLists(store)) await tryRemove(store, rotten);
    let sequence: number | null = null;
    if (expiring.length > 0 || doomed.length > 0) {
      sequence = await this.writeDown(plan, expiring, doomed, sizes, now);
      if (sequence === null) return { kind: "refused", code: "prune.contended", objects: [] };
    }
    const expired = await this.expire(expiring);
    await this.cutJournal(manifests.filter(({ snapshotId }) => !expired.includes(snapshotId)));
    const swept = await this.sweep(needed, sizes, now);
    return { kind: "done", report: { plan, sequence, expired, removed: swept.removed, waiting: swept.waiting, kept: this.kept, partlyDead } };
  }

  private get graceMs(): number {
    return this.input.graceMs ?? DEFAULT_GRACE_MS;
  }

  private async neededBy(manifests: readonly SnapshotManifest[]): Promise<Needed> {
    const needed = new Needed(this.input.store, this.redactions);
    for (const manifest of manifests) await needed.add(manifest);
    needed.addPacks(this.journalPacks);
    return needed;
  }

  private async readJournal(): Promise<PackInfo[]> {
    const fresh: PackInfo[] = [];
    for await (const pack of this.journal.packs()) fresh.push(pack);
    this.journalPacks.push(...fresh);
    return fresh;
  }

  /** What was captured before the oldest snapshot that stays began is in that snapshot. Its packs are doomed by the next prune. */
  private async cutJournal(staying: readonly SnapshotManifest[]): Promise<void> {
    const [first, ...others] = staying.map(({ startedAt }) => Date.parse(startedAt));
    if (first === undefined) return;
    const { store, description, signingKey, clock, actor, signal } = this.input;
    await pruneJournal({ store, description, signingKey, clock, actor, keepFrom: new Date(Math.min(first, ...others)), ...(signal === undefined ? {} : { signal }) });
  }

  /** Null: another prune took the number. */
  private async writeDown(plan: RetentionPlan, expiring: readonly SnapshotManifest[], doomed: readonly string[], sizes: ReadonlyMap<string, number>, now: Date): Promise<number | null> {
    const { store, description, signingKey, actor, policy } = this.input;
    const before = await readPrunes(store, description);
    for (const stray of await strayLists(store, before)) await tryRemove(store, stray);
    const sequence = before.next;
    const digest = doomed.length === 0 ? null : await writeDoomed(store, doomed);
    const why = new Map(plan.expire.map((planned) => [planned.snapshotId, planned.why]));
    const record: PruneRecord = {
      format: 1,
      vaultId: description.vaultId,
      sequence,
      at: now.toISOString(),
      graceMs: this.graceMs,
      actor,
      policy: formatPolicy(policy),
      kept: plan.keep.map(({ snapshotId, reasons }) => ({ snapshotId, reasons: [...reasons] })),
      expired: expiring.map(({ snapshotId, digest: manifestDigest, objectKey, takenAt }) => ({ snapshotId, digest: manifestDigest, object: objectKey, takenAt, why: why.get(snapshotId) ?? "" })),
      doomed: digest === null ? null : { digest, count: doomed.length, bytes: amountOf(doomed, sizes).bytes },
    };
    return (await claim(store, numbered(PRUNES, sequence), await signPrune(record, signingKey))) ? sequence : null;
  }

  /** Removes manifests, oldest first. A hold that was placed meanwhile still counts: it is read after the record is there to be seen. */
  private async expire(expiring: readonly SnapshotManifest[]): Promise<string[]> {
    const { store, description, signal, onProgress } = this.input;
    if (expiring.length === 0) return [];
    const { inForce } = await readHolds(store, description);
    const expired: string[] = [];
    for (const [i, { snapshotId, objectKey }] of [...expiring].reverse().entries()) {
      signal?.throwIfAborted();
      if (holdsOn(inForce, snapshotId).length > 0) continue;
      const kept = await tryRemove(store, objectKey);
      if (kept === null) expired.push(snapshotId);
      else this.kept.push(kept);
      onProgress?.({ step: "expire", done: i + 1, total: expiring.length });
    }
    return expired;
  }

  /** `needed` grows by whatever is a snapshot now: one that was committed since, or one that could not be expired. */
  private async sweep(needed: Needed, sizes: ReadonlyMap<string, number>, now: Date): Promise<{ removed: Amount; waiting: PruneReport["waiting"] }> {
    const { store, description, signal, onProgress } = this.input;
    const lists = await openLists(store, description);
    await this.lookAgain(needed);
    const gone = new Set<string>();
    const waiting = new Set<string>();
    let dueAt = Number.POSITIVE_INFINITY;
    for (const list of lists) {
      const keys = (await readDoomed(store, list)).filter((key) => sizes.has(key) && !needed.has(key) && !gone.has(key));
      if (now.getTime() < list.due) {
        for (const key of keys) waiting.add(key);
        if (keys.length > 0) dueAt = Math.min(dueAt, list.due);
        continue;
      }
      const before = this.kept.length;
      for (const [i, key] of keys.entries()) {
        signal?.throwIfAborted();
        // Every so often, because a long sweep must not outrun a commit.
        if (i % 256 === 255) await this.lookAgain(needed);
        if (needed.has(key)) continue;
        const kept = await tryRemove(store, key);
        if (kept === null) gone.add(key);
        else this.kept.push(kept);
        onProgress?.({ step: "sweep", done: i + 1, total: keys.length });
      }
      if (this.kept.length === before) await tryRemove(store, list.object);
    }
    return { removed: amountOf([...gone], sizes), waiting: { ...amountOf([...waiting], sizes), dueAt: Number.isFinite(dueAt) ? new Date(dueAt).toISOString() : null } };
  }

  private async lookAgain(needed: Needed): Promise<void> {
    const { valid } = await readManifests(this.input.store, this.input.description, this.known);
    for (const manifest of valid) await needed.add(manifest);
    needed.addPacks(await this.readJournal());
  }

  private async foretell(plan: RetentionPlan, manifests: readonly SnapshotManifest[], open: readonly DueList[], doomed: readonly string[], sizes: ReadonlyMap<string, number>, now: Date, partlyDead: PruneReport["partlyDead"]): Promise<PruneReport> {
    const still = await this.neededBy(this.graceMs === 0 ? manifests.filter(({ snapshotId }) => plan.keep.some((kept) => kept.snapshotId === snapshotId)) : manifests);
    const removed = new Set<string>();
    const waiting = new Set<string>();
    let dueAt = doomed.length === 0 ? Number.POSITIVE_INFINITY : now.getTime() + this.graceMs;
    for (const key of doomed) (this.graceMs === 0 ? removed : waiting).add(key);
    for (const list of open) {
      for (const key of await readDoomed(this.input.store, list)) {
        if (!sizes.has(key) || still.has(key) || removed.has(key)) continue;
        (now.getTime() >= list.due ? removed : waiting).add(key);
        if (now.getTime() < list.due) dueAt = Math.min(dueAt, list.due);
      }
    }
    const going = plan.expire.flatMap(({ snapshotId }) => manifests.filter((manifest) => manifest.snapshotId === snapshotId).map(({ objectKey }) => objectKey));
    const kept = await lockedAt(this.input.store, [...going, ...removed], now);
    for (const { object } of kept) removed.delete(object);
    return {
      plan,
      sequence: null,
      expired: [],
      removed: amountOf([...removed], sizes),
      waiting: { ...amountOf([...waiting], sizes), dueAt: waiting.size === 0 ? null : new Date(dueAt).toISOString() },
      kept,
      partlyDead,
    };
  }
}

function amountOf(keys: readonly string[], sizes: ReadonlyMap<string, number>): Amount {
  return { objects: keys.length, bytes: keys.reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0) };
}

function partlyDeadOf(needed: Needed): PruneReport["partlyDead"] {
  let packs = 0;
  let bytes = 0;
  for (const { records, live, size } of needed.packs.values()) {
    if (live >= records) continue;
    packs++;
    bytes += Math.floor((size * (records - live)) / records);
  }
  return { packs, bytes };
}
