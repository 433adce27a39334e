/** Whether the snapshot that the schedule asks for is begun when it is due. */
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";

export interface ScheduleFacts {
  /** Null: no schedule was ever set. `nextAt` lies in the past while nobody has asked for the snapshot that was due then. */
  due(shop: string): Promise<{ readonly enabled: boolean; readonly nextAt: Date | null } | null>;
}

const MINUTE = 60_000;
/** The schedule is looked at every 15 seconds; after this nobody is looking. */
export const ASKED_WITHIN_MS = 2 * MINUTE;
/** A snapshot that was asked for begins at once when a worker is free; after this none takes it. */
export const BEGUN_WITHIN_MS = 4 * MINUTE;

export async function watchSchedule(ports: Pick<WatchPorts, "clock" | "runs" | "schedules">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const schedule = await ports.schedules.due(shop);
  const now = ports.clock.now();
  const codes = ["alert.schedule_missed"] as const;
  // Switched off on purpose: then nothing is missed.
  if (schedule === null || !schedule.enabled) return { codes, findings: [], asOf: now };
  const findings: Finding[] = [];
  const late = (since: Date): number => Math.floor((now.getTime() - since.getTime()) / MINUTE);
  const { nextAt } = schedule;
  if (nextAt !== null && now.getTime() - nextAt.getTime() > ASKED_WITHIN_MS) {
    findings.push({ code: "alert.schedule_missed", subject: "schedule", severity: late(nextAt) >= 60 ? "critical" : "warning", facts: { why: "not_asked", dueAt: nextAt.toISOString() } });
  }
  const waiting = (await ports.runs.list(shop, { kind: "snapshot", limit: 5 })).find(({ state, requestedBy }) => state === "queued" && requestedBy === "schedule");
  if (findings.length === 0 && waiting !== undefined && now.getTime() - waiting.requestedAt.getTime() > BEGUN_WITHIN_MS) {
    findings.push({ code: "alert.schedule_missed", subject: "schedule", severity: late(waiting.requestedAt) >= 60 ? "critical" : "warning", facts: { why: "not_begun", dueAt: waiting.requestedAt.toISOString(), run: waiting.id } });
  }
  return { codes, findings, asOf: now };
}
