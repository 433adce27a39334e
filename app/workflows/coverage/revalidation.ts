/** Whether what the last drills proved still holds. Pure. */
import { comparedReal, restoredWhole, snapshotBegan } from "../drill/proofs.ts";
import type { CatalogDrill, PlatformRecord } from "../ports.ts";

export interface Revalidation {
  readonly required: boolean;
  /** Since when, and why: revalidation.version, revalidation.extractor, revalidation.schema. */
  readonly since: Date | null;
  readonly why: string | null;
}

const HOLDS: Revalidation = { required: false, since: null, why: null };

/**
 * After the platform's version, its schema or our queries changed, no snapshot counts as restorable until both parts of a drill have passed since: a snapshot that was begun after the change was
 * opened and every record of it compared, and records went through a whole restore. They may be two drills, as a week's are. Made-up data alone proves nothing of what was read.
 * Snapshots go on meanwhile.
 */
export function revalidation(platform: Pick<PlatformRecord, "changedAt" | "changedWhy"> | null, drills: readonly CatalogDrill[]): Revalidation {
  const since = platform?.changedAt ?? null;
  if (platform === null || since === null) return HOLDS;
  const compared = drills.some((drill) => snapshotBegan(drill) > since && comparedReal(drill) === true);
  const restored = drills.some((drill) => drill.startedAt > since && restoredWhole(drill) === true);
  return compared && restored ? HOLDS : { required: true, since, why: platform.changedWhy };
}
