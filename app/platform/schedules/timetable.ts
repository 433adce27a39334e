/** A cron line in a time zone that can be switched off: what every schedule of ours is. */
import { parseCron } from "#app/workflows/shared/cron.ts";
import { RequestError } from "../request-error.ts";

export interface Timetable {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, "Europe/Berlin". */
  readonly timezone: string;
  readonly enabled: boolean;
}

/** The first time strictly after `after`. Null: it is switched off, or there is none. */
export function nextTime({ cron, timezone, enabled }: Timetable, after: Date): Date | null {
  return enabled ? (parseCron(cron, timezone)?.next(after) ?? null) : null;
}

/** Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
export function checkTimetable({ cron, timezone }: Timetable): void {
  if (parseCron(cron, timezone) !== null) return;
  const fields: Record<string, string> = parseCron(cron, "UTC") ? { timezone: "unknown_timezone" } : { cron: "bad_cron" };
  throw new RequestError("request.invalid", "the schedule is not a cron line in a known time zone", { fields });
}
