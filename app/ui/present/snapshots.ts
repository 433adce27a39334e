/** The list of snapshots, and one of them, from catalog rows. Pure. */
import type { CatalogSnapshot, Run, VaultLink } from "#app/workflows/ports.ts";
import type { SnapshotFilter, SnapshotModel, SnapshotsModel } from "../models.ts";
import { gapsBesides, isByPlan, isOfChanges } from "./kinds-of-rows.ts";
import { kindCounts, snapshotRow } from "./rows.ts";
import { presentRun } from "./run.ts";

export const SNAPSHOTS_A_PAGE = 50;

export interface SnapshotsData {
  readonly link: VaultLink | null;
  readonly rows: readonly CatalogSnapshot[];
  readonly total: number;
  readonly withGaps: number;
  readonly first: Date | null;
  readonly running: Run | null;
  readonly newestWithGaps: CatalogSnapshot | null;
  readonly newest: CatalogSnapshot | null;
  readonly filter: SnapshotFilter;
  readonly page: number;
  readonly now: Date;
}

export function presentSnapshots(d: SnapshotsData): SnapshotsModel {
  const matching = d.filter === "all" ? d.total : d.filter === "gaps" ? d.withGaps : d.total - d.withGaps;
  const gapped = d.newestWithGaps;
  return {
    now: d.now.toISOString(), ready: d.link !== null, total: d.total, withGaps: d.withGaps, since: d.first?.toISOString() ?? null,
    filter: d.filter, page: d.page, pages: Math.ceil(matching / SNAPSHOTS_A_PAGE), rows: d.rows.map(snapshotRow),
    newestGap: gapped ? { snapshotId: gapped.snapshotId, takenAt: gapped.takenAt.toISOString(), gap: gapped.gaps.find((gap) => !isByPlan(gap)) ?? null } : null,
    run: d.running ? presentRun(d.running, d.now, d.newest?.records) : null,
  };
}

export function presentSnapshot(s: CatalogSnapshot, link: VaultLink | null, previous: CatalogSnapshot | null, now: Date): SnapshotModel {
  return {
    now: now.toISOString(), id: s.snapshotId, takenAt: s.takenAt.toISOString(), startedAt: s.startedAt.toISOString(), complete: s.complete, ...(isOfChanges(s) ? { changesOnly: true } : {}), records: s.records,
    kinds: kindCounts(s.kinds), gaps: s.gaps.filter((gap) => !isByPlan(gap)), gapCount: gapsBesides(s),
    previous: previous ? { id: previous.snapshotId, takenAt: previous.takenAt.toISOString() } : null,
    added: s.added, changed: s.changed, removed: s.removed, unchanged: s.unchanged, kindChanges: previous ? kindChanges(s, previous) : [],
    bytesRead: s.bytesRead, bytesWritten: s.bytesWritten, shop: s.shop, root: s.root, digest: s.manifestDigest,
    recipientKeyIds: link?.recipients.map((r) => r.keyId) ?? [],
  };
}

/** By how much the number of records of each kind went up or down. */
function kindChanges(s: CatalogSnapshot, previous: CatalogSnapshot): SnapshotModel["kindChanges"] {
  const kinds = [...new Set([...Object.keys(s.kinds), ...Object.keys(previous.kinds)])].sort();
  return kinds.map((kind) => ({ kind, before: previous.kinds[kind]?.records ?? 0, now: s.kinds[kind]?.records ?? 0 }));
}
