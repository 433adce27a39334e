/** Whether what the last drills proved still holds. Pure. */
import type { CatalogDrill, CatalogSnapshot, PlatformRecord } from "../ports.ts";

export interface Revalidation {
  readonly required: boolean;
  /** Since when, and why: revalidation.version, revalidation.extractor, revalidation.schema. */
  readonly since: Date | null;
  readonly why: string | null;
}

const HOLDS: Revalidation = { required: false, since: null, why: null };

/**
 * After the platform's version, its schema or our queries changed, no snapshot counts as restorable until a drill of one that was begun after the change has
 * passed. Snapshots go on meanwhile.
 */
export function revalidation(platform: Pick<PlatformRecord, "changedAt" | "changedWhy"> | null, drills: readonly CatalogDrill[], snapshots: readonly Pick<CatalogSnapshot, "snapshotId" | "startedAt">[]): Revalidation {
  const since = platform?.changedAt ?? null;
  if (platform === null || since === null) return HOLDS;
  const begun = new Map(snapshots.map(({ snapshotId, startedAt }) => [snapshotId, startedAt]));
  const proven = drills.some(({ passed, snapshotId }) => {
    const startedAt = begun.get(snapshotId);
    return passed && startedAt !== undefined && startedAt > since;
  });
  return proven ? HOLDS : { required: true, since, why: platform.changedWhy };
}
