/**
 * Runs the drill that a run asks for, with keys that were handed in for this run only. Its result, passed or failed, is entered into the ledger.
 * The keys live in this call and are zeroed when it ends, whatever its end. A run whose worker died cannot go on: the keys died with it, and the
 * person is asked for the identity again.
 */
import type { Ledger } from "#app/ledger/index.ts";
import type { SnapshotManifest } from "#app/vault/index.ts";
import type { CatalogDrill, Lease, Ports } from "../ports.ts";
import { failureOf, type Failure } from "../shared/failure.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { drillEntry, type Step } from "./drill-entry.ts";
import { rehearse, type Rehearsal } from "./rehearse.ts";

export type RunDrillPorts = Pick<
  Ports,
  "runs" | "links" | "keyring" | "stores" | "signer" | "catalog" | "custody" | "sandboxShops" | "scratch" | "clock" | "random" | "log"
>;

export type DrillOutcome =
  /** The drill has a result: passed, or failed and why. It is in the ledger. */
  | { readonly kind: "finished"; readonly drill: CatalogDrill }
  /** The drill could not begin, so that it says nothing about the snapshot. */
  | { readonly kind: "failed"; readonly code: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "not-claimed" };

export const IDENTITY_NEEDED_AGAIN = "drill.identity_needed_again";

export async function runDrill(ports: RunDrillPorts, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<DrillOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const keys = await ports.custody.take(runId);
  const keeper = keepLease(lease, ports.clock);
  try {
    if (keys === null) return await end(ports, lease, IDENTITY_NEEDED_AGAIN);
    return await drillUnderLease(ports, lease, keeper, signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]), keys);
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await lease.finish({ state: "cancelled", code: "drill.cancelled" });
      return { kind: "cancelled" };
    }
    // The keys are gone with this process, so another worker could not go on either.
    if (signal?.aborted === true) return await end(ports, lease, IDENTITY_NEEDED_AGAIN);
    const failure = failureOf(error);
    const outcome = await end(ports, lease, failure?.code ?? "unexpected");
    if (failure === null) throw error;
    return outcome;
  } finally {
    keys?.forEach((key) => key.fill(0));
    keeper.stop();
  }
}

async function end(ports: RunDrillPorts, lease: Lease, code: string): Promise<DrillOutcome> {
  const { id, shop, requestedBy } = lease.run;
  await lease.finish({ state: "failed", code });
  await recordEvent(ports, shop, { actor: requestedBy, action: "drill.failed", subject: { shop, run: id, code }, outcome: "failed" });
  ports.log.error("drill.failed", { shop, run: id, code });
  return { kind: "failed", code };
}

async function drillUnderLease(ports: RunDrillPorts, lease: Lease, keeper: LeaseKeeper, signal: AbortSignal, keys: ReadonlyMap<string, Uint8Array>): Promise<DrillOutcome> {
  const { run } = lease;
  keeper.report({ step: "open" });
  await keeper.beat();
  const scratch = await ports.scratch.open();
  try {
    const startedAt = ports.clock.now();
    const { vault, store } = await openShopVault(ports, run.shop, scratch.directory);
    const ledger = await vaultLedger(ports, vault.description.vaultId, store);
    const manifest = await vault.resolve(String(run.input["snapshot"] ?? "latest"));
    const progress = { steps: [] as { step: Step; ms: number }[], seen: { compared: 0 } };
    let result: Rehearsal | Failure;
    try {
      const handed = { get: (keyId: string): Promise<Uint8Array | null> => Promise.resolve(keys.get(keyId) ?? null) };
      result = await rehearse(ports, { vault, manifest, keys: handed, signal, ...progress, onProgress: (now) => keeper.report(now) });
    } catch (error) {
      const failure = signal.aborted ? null : failureOf(error);
      if (failure === null) throw error;
      result = failure;
    }
    await keeper.beat();
    const drill = drillOf(ports, lease, manifest, startedAt, progress, result);
    await record(ports, ledger, lease, drill);
    return { kind: "finished", drill };
  } finally {
    await scratch.remove();
  }
}

function drillOf(
  ports: Pick<Ports, "clock">,
  { run }: Lease,
  manifest: SnapshotManifest,
  startedAt: Date,
  { steps, seen }: { readonly steps: readonly { step: Step; ms: number }[]; readonly seen: { readonly compared: number } },
  result: Rehearsal | Failure,
): CatalogDrill {
  const finishedAt = ports.clock.now();
  const failed = { passed: false, restored: 0, refused: 0, erased: 0, differences: [], losses: [], costPoints: 0, plusEstimateMs: 0 };
  const { passed, restored, refused, erased, differences, losses, costPoints, plusEstimateMs } = "passed" in result ? result : failed;
  return {
    shop: run.shop,
    vaultId: manifest.vaultId,
    drillId: run.id,
    snapshotId: manifest.snapshotId,
    startedAt,
    finishedAt,
    passed,
    code: result.code,
    rtoMs: finishedAt.getTime() - startedAt.getTime(),
    rpoMs: Math.max(0, startedAt.getTime() - new Date(manifest.startedAt).getTime()),
    compared: seen.compared,
    restored,
    refused,
    ...(erased === 0 ? {} : { erased }),
    steps,
    differences,
    losses,
    costPoints,
    plusEstimateMs,
    requestedBy: run.requestedBy,
    ...("object" in result && result.object !== undefined ? { object: result.object } : {}),
  };
}

async function record(ports: RunDrillPorts, ledger: Ledger, lease: Lease, drill: CatalogDrill): Promise<void> {
  await ledger.append([drillEntry(drill)]);
  await ports.catalog.putDrill(drill);
  await lease.finish({ state: drill.passed ? "succeeded" : "failed", code: drill.code, result: drill.drillId });
  const { shop, drillId, snapshotId, code, rtoMs, rpoMs, compared, restored, refused } = drill;
  ports.log.info("drill.finished", { shop, drill: drillId, snapshot: snapshotId, code, rtoMs, rpoMs, compared, restored, refused, differences: drill.differences.length });
}
