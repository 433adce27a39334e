/** Whether the weekly drill was held, waits for somebody with an identity, or failed. From the catalog, which is made of the signed records; the report (drill/report.ts) asks the records themselves. */
import { drillWeeks, weekDrill, type DrillWeek } from "../../drill/weeks.ts";
import type { CatalogDrill } from "../../ports.ts";
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";

/** Half a year of weekly drills, and as many again that people started. */
const LOOK_BACK = 60;
/** What needs nobody begins within minutes; after this nobody asks for it or no worker takes it. */
const BEGUN_WITHIN_MS = 3_600_000;
const CODES = ["alert.drill_missed", "alert.drill_waiting", "alert.drill_failed"] as const;

export async function watchDrills(ports: Pick<WatchPorts, "clock" | "catalog" | "drillSchedules">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const schedule = (await ports.drillSchedules?.get(shop)) ?? null;
  const now = ports.clock.now();
  // Switched off on purpose, or not on yet: then nothing is missed.
  if (schedule === null || !schedule.enabled) return { codes: CODES, findings: [], asOf: now };
  const drills = await ports.catalog.drills(shop, { limit: LOOK_BACK });
  const weeks = drillWeeks({ epochs: schedule.epochs, drills: drills.map(weekDrill), now });
  const current = weeks.findLast(({ until }) => until > now);
  const last = weeks.findLast(({ until }) => until <= now);
  const findings: Finding[] = [];
  if (last?.state === "missed") findings.push({ code: "alert.drill_missed", subject: "drill:weekly", severity: "critical", facts: { dueAt: last.dueAt.toISOString(), lacking: last.lacking.join(" and ") } });
  const late = current !== undefined && current.state === "due" && now.getTime() - current.dueAt.getTime() > BEGUN_WITHIN_MS;
  if (current !== undefined && (current.state === "waiting" || late)) findings.push({ code: "alert.drill_waiting", subject: "drill:weekly", severity: "warning", facts: { dueAt: current.dueAt.toISOString(), until: current.until.toISOString(), lacking: current.lacking.join(" and ") } });
  const failed = failedIn(current ?? last, drills);
  if (failed !== null) findings.push({ code: "alert.drill_failed", subject: "drill:weekly", severity: "critical", facts: { drill: failed.drillId, cause: failed.code } });
  return { codes: CODES, findings, asOf: now };
}

function failedIn(week: DrillWeek | undefined, drills: readonly CatalogDrill[]): CatalogDrill | null {
  if (week?.state !== "failed") return null;
  return drills.find(({ drillId, passed }) => !passed && week.drills.includes(drillId)) ?? null;
}
