/**
 * Runs the drill that a run asks for: its lanes one after another, with keys that were handed in for this run only, with the host's own key service, or, where only made-up
 * data is put through, with none. Its result, passed or failed, becomes a signed record in the vault and is entered into the ledger by its digest. Keys live in this call
 * and are zeroed when it ends, whatever its end. A run whose keys died with its worker cannot go on: the person is asked for the identity again.
 */
import type { Ledger } from "#app/ledger/index.ts";
import { contentKeys, putDrillResult, type ContentKeys, type SnapshotManifest } from "#app/vault/index.ts";
import type { CatalogDrill, DrillLane, LaneResult, Lease, Ports } from "../ports.ts";
import { failureOf, RunFailed } from "../shared/failure.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { openShopVault, type ShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { drillEntry } from "./drill-entry.ts";
import { runLane } from "./lanes/lane.ts";
import { fullLane, realLane } from "./lanes/real.ts";
import { sanitizedLane } from "./lanes/sanitized.ts";
import { syntheticLane } from "./lanes/synthetic.ts";
import { opensSnapshot } from "./proofs.ts";
import { rowOf, tellingLane, type DrillPredicate } from "./statement.ts";

/** There is no way to a real shop in here: a drill restores into what `sandboxShops` starts, and knows of nothing else. */
export type RunDrillPorts = Pick<
  Ports,
  "runs" | "links" | "keyring" | "stores" | "signer" | "outbox" | "catalog" | "custody" | "sandboxShops" | "scratch" | "clock" | "random" | "log" | "unattended" | "platforms"
>;

export type DrillOutcome =
  /** The drill has a result: passed, or failed and why. It is signed, and in the ledger. */
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
    return await drillUnderLease(ports, lease, keeper, signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]), keys);
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await lease.finish({ state: "cancelled", code: "drill.cancelled" });
      return { kind: "cancelled" };
    }
    // Where keys went with this process another worker could not go on either; without any, it begins anew.
    if (signal?.aborted === true && keys !== null) return await end(ports, lease, IDENTITY_NEEDED_AGAIN);
    const failure = failureOf(error);
    if (signal?.aborted === true && failure === null) return { kind: "not-claimed" };
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

const LANES: ReadonlySet<string> = new Set<DrillLane>(["synthetic", "real", "both", "full"]);

async function drillUnderLease(ports: RunDrillPorts, lease: Lease, keeper: LeaseKeeper, signal: AbortSignal, keys: ReadonlyMap<string, Uint8Array> | null): Promise<DrillOutcome> {
  const { run } = lease;
  const asked = String(run.input["lane"] ?? "full");
  const lane = LANES.has(asked) ? (asked as DrillLane) : "full";
  const unattended = keys === null && run.input["unattended"] === true;
  // Asked for before lanes were, or with keys that are not here any more.
  if (lane !== "synthetic" && keys === null && !unattended) return end(ports, lease, IDENTITY_NEEDED_AGAIN);
  keeper.report({ step: "open" });
  await keeper.beat();
  const scratch = await ports.scratch.open();
  try {
    const startedAt = ports.clock.now();
    const opened = await openShopVault(ports, run.shop, scratch.directory);
    const ledger = await vaultLedger(ports, opened.vault.description.vaultId, opened.store);
    const manifest = await opened.vault.resolve(String(run.input["snapshot"] ?? "latest"));
    const content = async (): Promise<ContentKeys> => (keys === null ? serviceKeys(ports, run.shop, opened) : { get: (keyId) => Promise.resolve(keys.get(keyId) ?? null) });
    const lanes = await runLanes(ports, { lane, shop: run.shop, seed: run.id, opened, manifest, content, signal, keeper });
    await keeper.beat();
    return { kind: "finished", drill: await record(ports, { ledger, lease, opened, manifest, startedAt, lanes }) };
  } finally {
    await scratch.remove();
  }
}

async function serviceKeys(ports: RunDrillPorts, shop: string, { store }: ShopVault): Promise<ContentKeys> {
  const opener = (await ports.unattended?.openerFor(shop)) ?? null;
  if (opener === null) throw new RunFailed("drill.no_unattended_key", "no key service is set up for this shop");
  return contentKeys(store, opener);
}

interface Lanes {
  readonly lane: DrillLane;
  readonly shop: string;
  readonly seed: string;
  readonly opened: ShopVault;
  readonly manifest: SnapshotManifest;
  readonly content: () => Promise<ContentKeys>;
  readonly signal: AbortSignal;
  readonly keeper: LeaseKeeper;
}

/** What needs no key comes first: a key service that is away does not keep it from being rehearsed. */
async function runLanes(ports: RunDrillPorts, { lane, shop, seed, opened, manifest, content, signal, keeper }: Lanes): Promise<LaneResult[]> {
  const onProgress = (now: Parameters<LeaseKeeper["report"]>[0]): void => keeper.report(now);
  const input = async () => ({ vault: opened.vault, manifest, keys: await content(), signal, onProgress });
  const results: LaneResult[] = [];
  if (lane === "full") return [await runLane(ports, "full", signal, async (progress) => fullLane(ports, await input())(progress))];
  if (lane === "both" || lane === "synthetic") results.push(await runLane(ports, "synthetic", signal, syntheticLane(ports, { shop, seed, signal, onProgress })));
  if (lane === "both" || lane === "real") results.push(await runLane(ports, "real", signal, async (progress) => realLane(ports, await input())(progress)));
  // With nothing to open it with, the real lane has said so.
  if (lane === "both" && results.at(-1)?.passed === true) results.push(await runLane(ports, "sanitized", signal, async (progress) => sanitizedLane(ports, { ...(await input()), hostKeys: opened.hostKeys })(progress)));
  return results;
}

interface Finished {
  readonly ledger: Ledger;
  readonly lease: Lease;
  readonly opened: ShopVault;
  readonly manifest: SnapshotManifest;
  readonly startedAt: Date;
  readonly lanes: readonly LaneResult[];
}

/** In this order: the signed record, the ledger's entry that names it, the catalog, the run. A process that dies between leaves a record that the report calls not entered. */
async function record(ports: RunDrillPorts, { ledger, lease, opened, manifest, startedAt, lanes }: Finished): Promise<CatalogDrill> {
  const { run } = lease;
  const { store, hostKeys, vault } = opened;
  const finishedAt = ports.clock.now();
  const failed = lanes.find(({ passed }) => !passed);
  const telling = tellingLane(lanes);
  const dueAt = typeof run.input["dueAt"] === "string" ? { dueAt: run.input["dueAt"] } : {};
  const predicate: DrillPredicate = {
    vaultId: manifest.vaultId,
    drillId: run.id,
    shop: run.shop,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    requestedBy: run.requestedBy,
    ...dueAt,
    snapshotId: manifest.snapshotId,
    snapshotOpened: opensSnapshot(lanes),
    passed: failed === undefined,
    code: failed?.code ?? "drill.passed",
    rtoMs: telling.ms,
    rpoMs: Math.max(0, startedAt.getTime() - new Date(manifest.startedAt).getTime()),
    lanes: lanes.map((lane) => ({ ...lane, types: [...lane.types], steps: [...lane.steps], differences: [...lane.differences], losses: [...lane.losses] })),
  };
  const kept = await putDrillResult({ store, description: vault.description, signingKey: hostKeys.signingKey }, [{ name: manifest.objectKey, digest: { sha256: manifest.digest } }], predicate);
  const drill = rowOf(predicate, { object: kept.object, digest: kept.digest }, null);
  await ledger.append([drillEntry(drill)]);
  await ports.catalog.putDrill(drill);
  await lease.finish({ state: drill.passed ? "succeeded" : "failed", code: drill.code, result: drill.drillId });
  const { shop, drillId, snapshotId, code, rtoMs, rpoMs, compared, restored, refused } = drill;
  ports.log.info("drill.finished", { shop, drill: drillId, snapshot: snapshotId, code, rtoMs, rpoMs, compared, restored, refused, differences: drill.differences.length, lanes: lanes.map(({ lane }) => lane).join("+") });
  return drill;
}
