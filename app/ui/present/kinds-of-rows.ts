/** What a catalog row is: a snapshot of changes only, a drill of made-up data only. As workflows/coverage/exposure.ts and workflows/drill/proofs.ts judge it; screens may not run those, and a test holds the two together. */
import type { CatalogDrill, CatalogSnapshot } from "#app/workflows/ports.ts";

export function isByPlan({ code, reason }: CatalogSnapshot["gaps"][number]): boolean {
  return code === "stream.partial" && reason === "incremental";
}

export function isOfChanges({ gaps }: Pick<CatalogSnapshot, "gaps">): boolean {
  return gaps.some(isByPlan);
}

export function gapsBesides({ gaps, gapCount }: Pick<CatalogSnapshot, "gaps" | "gapCount">): number {
  return gapCount - gaps.filter(isByPlan).length;
}

export function opensSnapshot(lanes: CatalogDrill["lanes"]): boolean {
  return lanes === undefined || lanes.some(({ lane }) => lane !== "synthetic");
}
