/** What a merchant asks to keep: `last=3,daily=7,weekly=5,monthly=12,yearly=6,within=30d`. */

const DAY = 24 * 60 * 60 * 1000;

/** Rules that keep the newest snapshot of each of the last N periods (UTC; weeks start on Monday). */
export const PERIODS = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export type Period = (typeof PERIODS)[number];

export interface KeepPolicy {
  /** The N newest. */
  readonly last: number;
  readonly periods: Readonly<Record<Period, number>>;
  /** Everything not older than this, in milliseconds. 0: no such rule. */
  readonly withinMs: number;
}

/** Days of a unit of `within`. A year has 366, so that "6y" never falls short of six years. */
const UNITS: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, m: 31, y: 366 };
const MOST = 1_000_000;

/** Null when the text is no policy, or one that asks to keep nothing. */
export function parsePolicy(text: string): KeepPolicy | null {
  let last = 0;
  let withinMs = 0;
  const periods: Record<Period, number> = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const met = new Set<string>();
  for (const part of text.split(",")) {
    const [, name = "", number = "", unit = ""] = /^\s*([a-z]+)\s*=\s*(\d{1,7})([a-z]?)\s*$/.exec(part) ?? [];
    const n = Number(number);
    if (name === "" || met.has(name) || n > MOST) return null;
    met.add(name);
    if (name === "within" && UNITS[unit] !== undefined) withinMs = n * UNITS[unit] * DAY;
    else if (unit !== "") return null;
    else if (name === "last") last = n;
    else if ((PERIODS as readonly string[]).includes(name)) periods[name as Period] = n;
    else return null;
  }
  const policy = { last, periods, withinMs };
  return last + withinMs + PERIODS.reduce((sum, period) => sum + periods[period], 0) > 0 ? policy : null;
}

/** The one way to write it, for the record of a prune. */
export function formatPolicy({ last, periods, withinMs }: KeepPolicy): string {
  const parts = [["last", last], ...PERIODS.map((period) => [period, periods[period]] as const)].filter(([, n]) => Number(n) > 0).map(([name, n]) => `${name}=${n}`);
  return [...parts, ...(withinMs > 0 ? [`within=${Math.round(withinMs / (DAY / 24))}h`] : [])].join(",");
}

/** The name of the period a moment lies in, UTC; equal for moments of one period, and later periods have later names. */
export function periodOf(period: Period, at: Date): string {
  const iso = at.toISOString();
  if (period === "hourly") return iso.slice(0, 13);
  if (period === "daily") return iso.slice(0, 10);
  if (period === "monthly") return iso.slice(0, 7);
  if (period === "yearly") return iso.slice(0, 4);
  // The Monday before: a week belongs to one name even across years.
  return new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10);
}
