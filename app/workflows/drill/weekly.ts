/** A shop's weeks of drills and its schedule, as the catalog has them: what the screens show. The report (report.ts) asks the signed records themselves. */
import type { CatalogDrill, DrillSchedule, Ports } from "../ports.ts";
import { hasKeyService } from "./request-lane-drill.ts";
import { weeklyTime, type WeeklyTime } from "./schedule-drills.ts";
import { drillWeeks, weekDrill, type DrillWeek } from "./weeks.ts";

export interface WeeklyDrills {
  /** Oldest first. */
  readonly weeks: readonly DrillWeek[];
  readonly schedule: (DrillSchedule & { readonly time: WeeklyTime | null }) | null;
  /** A key service opens the real snapshot. */
  readonly unattended: boolean;
}

export async function weeklyDrills(ports: Pick<Ports, "drillSchedules" | "unattended" | "clock">, { shop, drills }: { readonly shop: string; readonly drills: readonly CatalogDrill[] }): Promise<WeeklyDrills> {
  const [schedule, unattended] = await Promise.all([ports.drillSchedules?.get(shop) ?? null, hasKeyService(ports, shop)]);
  const weeks = schedule === null ? [] : drillWeeks({ epochs: schedule.epochs, drills: drills.map(weekDrill), now: ports.clock.now() });
  return { weeks, schedule: schedule === null ? null : { ...schedule, time: weeklyTime(schedule.cron) }, unattended };
}
