/** What do we have, from when, and is anything missing? From the catalog; rebuild-catalog.ts makes it again from the vault. */
import type { CatalogSnapshot, Ports, Run } from "../ports.ts";

export interface SnapshotList {
  readonly snapshots: readonly CatalogSnapshot[];
  readonly total: number;
  readonly withGaps: number;
  /** When the first one was taken. */
  readonly first: Date | null;
  /** Queued or running now. */
  readonly running: Run | null;
  /** The newest run that did not end well, if it is newer than the newest snapshot. */
  readonly lastFailure: Run | null;
}

export async function listSnapshots(ports: Pick<Ports, "catalog" | "runs">, o: { readonly shop: string; readonly limit?: number; readonly offset?: number }): Promise<SnapshotList> {
  const { shop, limit = 50, offset = 0 } = o;
  const [snapshots, counts, runs, newest] = await Promise.all([
    ports.catalog.snapshots(shop, { limit, offset }),
    ports.catalog.countSnapshots(shop),
    ports.runs.list(shop, { kind: "snapshot", limit: 5 }),
    ports.catalog.snapshots(shop, { limit: 1 }),
  ]);
  const latest = runs[0];
  const failed = latest?.state === "failed" && (newest[0] === undefined || latest.requestedAt > newest[0].takenAt);
  return {
    snapshots,
    ...counts,
    running: runs.find(({ state }) => state === "queued" || state === "running") ?? null,
    lastFailure: failed ? latest : null,
  };
}

export async function showSnapshot(ports: Pick<Ports, "catalog">, o: { readonly shop: string; readonly snapshotId: string }): Promise<CatalogSnapshot | null> {
  return ports.catalog.snapshot(o.shop, o.snapshotId);
}
