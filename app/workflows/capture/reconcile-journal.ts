/**
 * After a snapshot: what had the journal missed? Every record that changed since the snapshot before is looked for in the journal. What was missed says that
 * messages were lost, and a stream that lost some is not counted as captured until a snapshot finds nothing missed again.
 */
import { journalDifferences } from "#app/vault/index.ts";
import { recordEvent } from "../shared/outbox.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import type { CapturePorts, Ports, Reconciliation, StreamReconciliation } from "../ports.ts";
import { streamFinder } from "./streams.ts";

export type ReconcilePorts = Pick<Ports, "links" | "keyring" | "stores" | "clock" | "random" | "log" | "metrics" | "signer" | "outbox"> & Pick<CapturePorts, "captureQueue" | "captureRecords" | "captureCatalogue">;

export type Reconciled =
  | { readonly kind: "reconciled"; readonly reconciliation: Reconciliation; readonly rechecked: number }
  /** The first snapshot, or its parent is gone: there is nothing to compare with. */
  | { readonly kind: "nothing-to-compare" };

/** Records that are looked at again, at most: those captured while the snapshot was being read. */
const MOST_RECHECKED = 100_000;

export async function reconcileJournal(ports: ReconcilePorts, { shop, snapshotId, scratchDirectory }: { readonly shop: string; readonly snapshotId: string; readonly scratchDirectory: string }): Promise<Reconciled> {
  const { clock, captureQueue, captureRecords, captureCatalogue, log, metrics } = ports;
  const { vault, store, hostKeys } = await openShopVault(ports, shop, scratchDirectory);
  const manifests = await vault.snapshots();
  const current = manifests.find((manifest) => manifest.snapshotId === snapshotId);
  const previous = current === undefined ? undefined : manifests.find((manifest) => manifest.snapshotId === current.parent?.snapshotId);
  if (current === undefined) return { kind: "nothing-to-compare" };
  const startedAt = new Date(current.startedAt);
  // A state that was fetched while the snapshot was read may be older or newer than what the snapshot has: a fetch after it settles that.
  const during = await captureQueue.capturedBetween(shop, startedAt, new Date(current.takenAt), MOST_RECHECKED);
  if (during.length > 0) await captureQueue.add(shop, during, clock.now());
  if (current.complete) await captureQueue.drop(shop, { receivedBefore: startedAt, onlyWhole: true });
  if (previous === undefined) return { kind: "nothing-to-compare" };

  const streamOf = streamFinder(captureCatalogue);
  const streams = new Map<string, { changed: number; confirmed: number; missed: number }>();
  for (const { stream, hasTopics, fetch } of captureCatalogue.kinds) if (hasTopics && fetch !== "none") streams.set(stream, { changed: 0, confirmed: 0, missed: 0 });
  let faults = 0;
  // A metafield changed and nobody told: whatever was thought proven of them is not.
  const silent = new Set<string>();
  const differences = journalDifferences({ store, description: vault.description, indexKey: hostKeys.indexKey, previous, current, until: clock.now(), onFault: () => faults++ });
  for await (const { key, verdict } of differences) {
    // Where the platform sends no messages there is nothing that could have been missed.
    const counts = streams.get(streamOf(key)?.stream ?? "");
    if (counts === undefined) continue;
    counts.changed++;
    counts[verdict]++;
    if (verdict === "missed" && key.kind === "Metafield") silent.add(streamOf(key)?.stream ?? "");
  }
  for (const stream of silent) await captureRecords.putMetafieldProof(shop, stream, null);
  const reconciliation: Reconciliation = { shop, snapshotId, startedAt, at: clock.now(), complete: current.complete && faults === 0, streams: Object.fromEntries(streams) };
  await captureRecords.putReconciliation(reconciliation);
  const total = sum(reconciliation.streams);
  metrics.count("holdfast_capture_missed_total", {}, total.missed);
  log.info("journal.reconciled", { shop, snapshot: snapshotId, ...total, faults });
  await recordEvent(ports, shop, { actor: "system", action: "journal.reconciled", subject: { vault: vault.description.vaultId, snapshot: snapshotId, ...total }, outcome: "done" });
  return { kind: "reconciled", reconciliation, rechecked: during.length };
}

function sum(streams: Readonly<Record<string, StreamReconciliation>>): StreamReconciliation {
  const total = { changed: 0, confirmed: 0, missed: 0 };
  for (const { changed, confirmed, missed } of Object.values(streams)) {
    total.changed += changed;
    total.confirmed += confirmed;
    total.missed += missed;
  }
  return total;
}
