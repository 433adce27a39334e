/** What of this shop is copied, what is not, and what somebody has to decide. For the screen; nothing here asks the shop. */
import type { CatalogSnapshot, CoverageTask, InventoryRow, PlatformRecord, Ports } from "../ports.ts";
import type { SafetyState } from "../overview/judge.ts";
import { breaks } from "./check-platform.ts";
import { revalidation, type Revalidation } from "./revalidation.ts";

export type CoverageReasonCode =
  /** Nobody has looked yet. */
  | "coverage.not_checked"
  /** The last look is too long ago. */
  | "coverage.check_overdue"
  /** The live API lacks something that reading needs. */
  | "coverage.api_broken"
  /** The newest full snapshot has gaps. */
  | "coverage.gaps"
  | "coverage.tasks_overdue"
  | "coverage.tasks_open"
  | "coverage.no_snapshot"
  | "revalidation.required";

export interface CoverageReason {
  readonly code: CoverageReasonCode;
  readonly state: Exclude<SafetyState, "safe">;
  readonly amount?: number;
  readonly detail?: string;
}

export interface Exposure {
  readonly state: SafetyState;
  /** Worst first. */
  readonly reasons: readonly CoverageReason[];
  readonly platform: PlatformRecord | null;
  readonly revalidation: Revalidation;
  readonly tasks: readonly CoverageTask[];
  readonly inventory: readonly InventoryRow[];
  /** The newest one that read everything it could, and the newest of all. */
  readonly full: CatalogSnapshot | null;
  readonly newest: CatalogSnapshot | null;
  readonly now: Date;
}

/** Looks are weekly; two missed ones are too many. */
const CHECK_OVERDUE_MS = 15 * 24 * 3_600_000;
const ORDER: readonly SafetyState[] = ["not-observed", "not-safe", "at-risk", "safe"];
const LOOK_BACK = 200;

export async function exposure(ports: Pick<Ports, "catalog" | "clock"> & Required<Pick<Ports, "platforms" | "coverageTasks" | "inventory">>, { shop }: { readonly shop: string }): Promise<Exposure> {
  const [platform, tasks, inventory, [newest], [newestFull], drills] = await Promise.all([
    ports.platforms.get(shop),
    ports.coverageTasks.list(shop),
    ports.inventory.list(shop),
    ports.catalog.snapshots(shop, { limit: 1 }),
    ports.catalog.snapshots(shop, { limit: 1, only: "full" }),
    ports.catalog.drills(shop, { limit: LOOK_BACK }),
  ]);
  const now = ports.clock.now();
  const full = newestFull ?? null;
  const validity = revalidation(platform, drills);
  const reasons = judgeCoverage({ platform, tasks, full, revalidation: validity, now });
  return { state: reasons[0]?.state ?? "safe", reasons, platform, revalidation: validity, tasks, inventory, full, newest: newest ?? null, now };
}

/** What a reading of changes says of each of its streams: it lacks the rest by plan. */
export function isByPlan({ code, reason }: CatalogSnapshot["gaps"][number]): boolean {
  return code === "stream.partial" && reason === "incremental";
}

/** A snapshot of what had changed: it says so of its streams. */
export function isOfChanges({ gaps }: Pick<CatalogSnapshot, "gaps">): boolean {
  return gaps.some(isByPlan);
}

/** How many gaps it has that somebody must look at. */
export function gapsBesides({ gaps, gapCount }: Pick<CatalogSnapshot, "gaps" | "gapCount">): number {
  return gapCount - gaps.filter(isByPlan).length;
}

export function judgeCoverage(known: {
  readonly platform: PlatformRecord | null;
  readonly tasks: readonly CoverageTask[];
  readonly full: CatalogSnapshot | null;
  readonly revalidation: Revalidation;
  readonly now: Date;
}): readonly CoverageReason[] {
  const { platform, tasks, full, now } = known;
  const reasons: CoverageReason[] = [];
  if (platform === null) reasons.push({ code: "coverage.not_checked", state: "not-observed" });
  else {
    const age = now.getTime() - platform.checkedAt.getTime();
    if (age > CHECK_OVERDUE_MS) reasons.push({ code: "coverage.check_overdue", state: "at-risk", amount: age });
    const pinned = platform.findings.filter(({ version }) => version === platform.apiVersion);
    if (breaks({ findings: pinned })) reasons.push({ code: "coverage.api_broken", state: "not-safe", amount: pinned.filter(({ use, code }) => use === "read" && code !== "schema.deprecated").length });
  }
  if (full === null) reasons.push({ code: "coverage.no_snapshot", state: "not-observed" });
  else if (!full.complete) reasons.push({ code: "coverage.gaps", state: "not-safe", amount: full.gapCount });
  const open = tasks.filter(({ state }) => state === "open");
  const overdue = open.filter(({ dueAt }) => dueAt < now);
  if (overdue.length > 0) reasons.push({ code: "coverage.tasks_overdue", state: "not-safe", amount: overdue.length });
  if (open.length > overdue.length) reasons.push({ code: "coverage.tasks_open", state: "at-risk", amount: open.length - overdue.length });
  if (known.revalidation.required) reasons.push({ code: "revalidation.required", state: "at-risk", ...(known.revalidation.why === null ? {} : { detail: known.revalidation.why }) });
  return reasons.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}
