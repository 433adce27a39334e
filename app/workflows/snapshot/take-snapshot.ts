/**
 * Takes the snapshot that a run asks for: lease → the shop's session → streams → vault → reconciled counts → commit → ledger → catalog.
 *
 * A worker that dies leaves nothing half: before the commit there is no snapshot, after it the next writer enters it into the ledger. A run that
 * is claimed again adopts the bulk operations that are still running in the shop.
 */
import type { Ledger } from "#app/ledger/index.ts";
import type { ResumeState } from "#app/sources/port.ts";
import type { ObjectStore, SnapshotManifest } from "#app/vault/index.ts";
import type { CatalogSnapshot, Lease, Metrics, Ports } from "../ports.ts";
import { isOfChanges } from "../coverage/exposure.ts";
import { keepInventory } from "../coverage/keep-inventory.ts";
import { lookFirst, type LookFirstPorts } from "../coverage/look-first.ts";
import { Tally } from "../coverage/tally.ts";
import { refreshLink } from "../keys/refresh-link.ts";
import { failureOf } from "../shared/failure.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { keepRecovery } from "../shared/keep-recovery.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { snapshotRow } from "./catalog-row.ts";
import { copySource } from "./copy-source.ts";
import { enterMissing, snapshotEntry } from "./enter-snapshots.ts";
import { changesSince } from "./since.ts";

export type TakeSnapshotPorts = Pick<Ports, "runs" | "links" | "keyring" | "stores" | "shops" | "signer" | "recovery" | "catalog" | "scratch" | "clock" | "random" | "log"> & LookFirstPorts & Partial<Pick<Ports, "inventory" | "metrics">>;

export type SnapshotOutcome =
  | { readonly kind: "committed"; readonly snapshot: CatalogSnapshot }
  /** No snapshot was made. `retry: "later"`: trying again may help. */
  | { readonly kind: "failed"; readonly code: string; readonly retry: "never" | "later" }
  | { readonly kind: "cancelled" }
  /** This process was told to stop; the run stays claimable and goes on elsewhere. */
  | { readonly kind: "interrupted" }
  /** Another worker has the run, or it is over. */
  | { readonly kind: "not-claimed" };

export async function takeSnapshot(ports: TakeSnapshotPorts, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<SnapshotOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const { shop } = lease.run;
  const keeper = keepLease(lease, ports.clock);
  const stop = signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]);
  const ledgers: Ledger[] = [];
  const began = ports.clock.now();
  try {
    const tally = new Tally();
    const manifest = await snapshotUnderLease(ports, lease, keeper, stop, tally, (ledger) => ledgers.push(ledger));
    const snapshot = snapshotRow(shop, manifest);
    await ports.catalog.putSnapshot(snapshot);
    await inventory(ports, snapshot, tally);
    await lease.finish({ state: "succeeded", code: snapshot.complete ? "snapshot.committed" : "snapshot.committed_with_gaps", result: snapshot.snapshotId });
    const { snapshotId, records, added, changed, removed, gapCount, bytesRead, bytesWritten } = snapshot;
    if (ports.metrics !== undefined) countSnapshot(ports.metrics, snapshot);
    ports.log.info("snapshot.committed", { shop, run: runId, snapshot: snapshotId, records, added, changed, removed, gaps: gapCount, bytesRead, bytesWritten, ms: ports.clock.now().getTime() - began.getTime() });
    return { kind: "committed", snapshot };
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await lease.finish({ state: "cancelled", code: "snapshot.cancelled" });
      ports.log.info("snapshot.cancelled", { shop, run: runId });
      return { kind: "cancelled" };
    }
    if (signal?.aborted === true) return { kind: "interrupted" };
    return await failed(ports, lease, ledgers[0] ?? null, error);
  } finally {
    keeper.stop();
  }
}

async function snapshotUnderLease(ports: TakeSnapshotPorts, lease: Lease, keeper: LeaseKeeper, signal: AbortSignal, tally: Tally, onLedger: (ledger: Ledger) => void): Promise<SnapshotManifest> {
  const { run } = lease;
  keeper.report({ step: "starting" });
  await keeper.beat();
  const scratch = await ports.scratch.open();
  try {
    const { vault, store } = await openShopVault(ports, run.shop, scratch.directory);
    const ledger = await vaultLedger(ports, vault.description.vaultId, store);
    onLedger(ledger);
    const snapshots = await vault.snapshots();
    await enterMissing(ledger, snapshots, ports.clock);
    const newest = snapshots[0];
    // An earlier attempt of this run may have committed before its worker died: then the work is done.
    if (run.attempt > 1 && newest !== undefined && new Date(newest.startedAt) >= run.requestedAt) return newest;

    await refreshLink(ports, run.shop, store);
    const head = await ledger.head();
    // Before the source is opened: it is read with the version that was found good.
    await lookFirst(ports, run.shop, signal);
    const source = await ports.shops.openSource(run.shop);
    const remember = rememberer(lease);
    const { manifest } = await copySource({
      vault,
      source,
      checkpoint: head === null ? null : { size: head.size, root: head.root },
      signal,
      resume: run.resume,
      since: run.input["scope"] === "changes" ? changesSince(snapshots, source.description.apiVersion) : null,
      onBatch: (batch) => tally.note(batch),
      onProgress: (progress) => keeper.report(progress),
      onResume: remember.next,
      beforeCommit: async () => {
        await remember.settled();
        await keeper.beat();
      },
    });
    await ledger.append([snapshotEntry(manifest, run.requestedBy, ports.clock)]);
    await refreshRecovery(ports, run, vault.description.vaultId, store, ledger);
    return manifest;
  } finally {
    await scratch.remove();
  }
}

/** What there was, by kind and namespace. Empty when an earlier attempt had done the work: then the next snapshot says. */
async function inventory(ports: TakeSnapshotPorts, snapshot: CatalogSnapshot, tally: Tally): Promise<void> {
  const entries = tally.entries();
  const { inventory: records, coverageTasks } = ports;
  if (records === undefined || coverageTasks === undefined || entries.length === 0) return;
  const scope = isOfChanges(snapshot) ? "changes" : snapshot.complete ? "whole" : "gapped";
  await keepInventory({ ...ports, inventory: records, coverageTasks }, { shop: snapshot.shop, snapshotId: snapshot.snapshotId, at: snapshot.takenAt, entries, scope });
}

function countSnapshot(metrics: Metrics, { added, changed, removed, unchanged, bytesRead, bytesWritten, gapCount }: CatalogSnapshot): void {
  for (const [change, n] of Object.entries({ added, changed, removed, unchanged })) metrics.count("holdfast_snapshot_records_total", { change }, n);
  metrics.count("holdfast_snapshot_bytes_total", { direction: "read" }, bytesRead);
  metrics.count("holdfast_snapshot_bytes_total", { direction: "written" }, bytesWritten);
  metrics.count("holdfast_snapshot_gaps_total", {}, gapCount);
}

/** After an update of this program the vault gets the new recovery program too. The snapshot is safe by now, whatever comes of this. */
async function refreshRecovery(ports: TakeSnapshotPorts, run: Lease["run"], vaultId: string, store: ObjectStore, ledger: Ledger): Promise<void> {
  const hostKeys = await ports.keyring.get(vaultId);
  if (hostKeys === null) return;
  const recovery = await keepRecovery({ store, hostKeys, ledger, kit: ports.recovery, clock: ports.clock, actor: run.requestedBy });
  if (recovery?.outcome === "failed") ports.log.error("recovery.not_written", { shop: run.shop, run: run.id, code: recovery.code });
}

/** Keeps the newest resume state, one write at a time, only when it changed. */
function rememberer(lease: Lease): { next: (resume: ResumeState) => void; settled: () => Promise<void> } {
  let kept = "";
  let waiting: ResumeState | null = null;
  let writing: Promise<void> | null = null;
  let failure: { readonly error: unknown } | null = null;
  const write = async (): Promise<void> => {
    while (waiting !== null) {
      const resume: ResumeState = waiting;
      waiting = null;
      await lease.remember(resume);
    }
  };
  return {
    next: (resume) => {
      const text = JSON.stringify(resume);
      if (text === kept) return;
      kept = text;
      waiting = resume;
      writing ??= write()
        .catch((error: unknown) => {
          failure = { error };
        })
        .finally(() => {
          writing = null;
        });
    },
    settled: async () => {
      while (writing !== null) await writing;
      const failed = failure as { readonly error: unknown } | null;
      if (failed !== null) throw failed.error;
    },
  };
}

async function failed(ports: TakeSnapshotPorts, lease: Lease, ledger: Ledger | null, error: unknown): Promise<SnapshotOutcome> {
  const { id, shop, requestedBy } = lease.run;
  const failure = failureOf(error);
  const code = failure?.code ?? "unexpected";
  await lease.finish({ state: "failed", code });
  ports.log.error("snapshot.failed", { shop, run: id, code });
  // A ledger that cannot be written to is most often the very reason; the run's row has the code in any case.
  if (ledger !== null) {
    const entry = { actor: requestedBy, action: "snapshot.failed", subject: { shop, run: id, code }, outcome: "failed" as const };
    await ledger.append([entry]).catch((second: unknown) => ports.log.error("ledger.not_entered", { shop, run: id, code: failureOf(second)?.code ?? "unexpected" }));
  }
  if (failure === null) throw error;
  return { kind: "failed", code, retry: failure.retry };
}
