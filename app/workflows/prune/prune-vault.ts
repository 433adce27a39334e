/**
 * Prunes a vault and enters it into the ledger. Before anything goes, vault and ledger must agree: a snapshot or a hold that was entered and is
 * not there was taken away by somebody else, and pruning then would finish their work.
 */
import type { Ledger, LedgerEntry, NewLedgerEntry } from "#app/ledger/index.ts";
import { formatPolicy, prune, readHolds, readPrunes } from "#app/vault/index.ts";
import type { Clock, HostKeys, KeepPolicy, ObjectStore, PruneInput, PruneRecord, PruneReport, Prunes, SnapshotManifest, Vault } from "#app/vault/index.ts";
import { enteredSnapshots } from "../snapshot/enter-snapshots.ts";

export type PruneCode =
  | "prune.contended"
  | "prune.damaged_manifest"
  | "prune.damaged_redaction"
  | "prune.damaged_hold"
  /** The ledger knows snapshots that neither the vault nor a prune does. */
  | "prune.snapshot_missing"
  /** The ledger knows holds that the vault does not. */
  | "prune.hold_missing";

/** Documentation of policies, procedures and actions under HIPAA is kept for six years: 45 CFR 164.316(b)(2)(i), 164.530(j)(2). */
const DOCUMENTATION_MS = 6 * 366 * 24 * 60 * 60 * 1000;

export interface PruneVault {
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "description" | "snapshots">;
  readonly hostKeys: Pick<HostKeys, "signingKey">;
  readonly ledger: Pick<Ledger, "entries" | "append">;
  readonly clock: Clock;
  readonly policy: KeepPolicy;
  readonly actor: string;
  readonly graceMs?: number;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: NonNullable<PruneInput["onProgress"]>;
}

export type PrunedVault =
  | {
      readonly kind: "done";
      readonly report: PruneReport;
      /** Of the expired: how many are younger than HIPAA wants documentation kept. It asks no such thing of the health data itself. */
      readonly youngerThanSixYears: number;
    }
  | { readonly kind: "refused"; readonly code: PruneCode; readonly objects: readonly string[] };

/** Throws the families of vault, store and ledger. */
export async function pruneVault(o: PruneVault): Promise<PrunedVault> {
  const { store, vault, ledger, clock, policy, actor } = o;
  const { description } = vault;
  const refuse = async (code: PruneCode, objects: readonly string[]): Promise<PrunedVault> => {
    if (o.dryRun !== true) await ledger.append([{ actor, action: "prune.refused", subject: { vault: description.vaultId, code }, outcome: "refused" }]);
    return { kind: "refused", code, objects };
  };
  const snapshots = await vault.snapshots();
  const prunes = await readPrunes(store, description);
  const missing = await missingSnapshots(ledger, snapshots, prunes);
  if (missing.length > 0) return refuse("prune.snapshot_missing", missing);
  const holds = await missingHolds(o);
  if (holds.length > 0) return refuse("prune.hold_missing", holds);
  if (o.dryRun !== true) await enterMissingPrunes(ledger, prunes.records, description.vaultId);

  const outcome = await prune({
    store,
    description,
    signingKey: o.hostKeys.signingKey,
    clock,
    policy,
    actor,
    verified: await lastVerified(ledger, snapshots),
    ...(o.graceMs === undefined ? {} : { graceMs: o.graceMs }),
    ...(o.dryRun === undefined ? {} : { dryRun: o.dryRun }),
    ...(o.signal === undefined ? {} : { signal: o.signal }),
    ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }),
  });
  if (outcome.kind === "refused") return refuse(outcome.code, outcome.objects);
  const { report } = outcome;
  if (o.dryRun !== true && (report.sequence !== null || report.removed.objects > 0)) {
    const subject = {
      vault: description.vaultId,
      ...(report.sequence === null ? {} : { prune: report.sequence }),
      policy: formatPolicy(policy),
      expired: report.expired.length,
      kept: report.plan.keep.length,
      objects: report.removed.objects,
      bytes: report.removed.bytes,
    };
    await ledger.append([{ actor, action: "prune.done", subject, outcome: "done" }]);
  }
  const now = clock.now().getTime();
  return { kind: "done", report, youngerThanSixYears: report.plan.expire.filter(({ takenAt }) => now - Date.parse(takenAt) < DOCUMENTATION_MS).length };
}

async function missingSnapshots(ledger: Pick<Ledger, "entries">, snapshots: readonly SnapshotManifest[], prunes: Prunes): Promise<string[]> {
  const there = new Set(snapshots.map(({ snapshotId }) => snapshotId));
  const missing: string[] = [];
  for (const [snapshotId, digest] of await enteredSnapshots(ledger)) if (!there.has(snapshotId) && prunes.expired.get(snapshotId) !== digest) missing.push(snapshotId);
  return missing;
}

async function missingHolds({ store, vault, ledger }: PruneVault): Promise<string[]> {
  const { inForce, released, damaged } = await readHolds(store, vault.description);
  const known = new Set([...inForce.map(({ holdId }) => holdId), ...released.map(({ hold }) => hold.holdId)]);
  const missing: string[] = [];
  for await (const { action, subject } of ledger.entries()) {
    const hold = `holds/${String(subject["hold"])}.json`;
    // A damaged one is there, and stops the prune under its own name.
    if (action === "hold.placed" && !known.has(String(subject["hold"])) && !damaged.includes(hold)) missing.push(hold);
  }
  return missing;
}

/** The snapshot of the newest check or drill that found nothing wrong. */
async function lastVerified(ledger: Pick<Ledger, "entries">, snapshots: readonly SnapshotManifest[]): Promise<ReadonlySet<string>> {
  let newest: LedgerEntry | null = null;
  for await (const entry of ledger.entries()) if ((entry.action === "vault.verified" || entry.action === "drill.finished") && entry.outcome === "done") newest = entry;
  if (newest === null) return new Set();
  const named = newest.subject["snapshot"];
  // A check of the whole vault that names no snapshot saw the newest one of its time.
  const seen = typeof named === "string" ? named : snapshots.find(({ takenAt }) => takenAt <= newest.at)?.snapshotId;
  return new Set(seen === undefined ? [] : [seen]);
}

/** Prunes whose process ended before their entry was made. */
async function enterMissingPrunes(ledger: Pick<Ledger, "entries" | "append">, records: readonly PruneRecord[], vaultId: string): Promise<void> {
  if (records.length === 0) return;
  const entered = new Set<number>();
  for await (const { action, subject } of ledger.entries()) if (action === "prune.done") entered.add(Number(subject["prune"]));
  const late: NewLedgerEntry[] = records
    .filter(({ sequence }) => !entered.has(sequence))
    .map(({ sequence, policy, expired, kept }) => ({
      actor: "system",
      action: "prune.done",
      subject: { vault: vaultId, prune: sequence, policy, expired: expired.length, kept: kept.length },
      reason: "entered late: its program was interrupted after the prune",
      outcome: "done",
    }));
  if (late.length > 0) await ledger.append(late);
}
