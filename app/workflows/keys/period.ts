/** Spans of time as people write them for keys and retention: 6y, 18m, 90d. Years and months are the calendar's, in UTC. */

export interface Period {
  readonly months: number;
  readonly days: number;
}

/** Null: not written so, or nothing at all. */
export function parsePeriod(text: string): Period | null {
  const match = /^(\d{1,4})([ymd])$/.exec(text);
  const n = Number(match?.[1] ?? 0);
  if (match === null || n === 0) return null;
  return match[2] === "d" ? { months: 0, days: n } : { months: match[2] === "y" ? 12 * n : n, days: 0 };
}

export const months = (n: number): Period => ({ months: n, days: 0 });

/** The same day of a later month, or that month's last day. */
export function after(from: Date, { months: n, days }: Period): Date {
  const target = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + n, 1, from.getUTCHours(), from.getUTCMinutes(), from.getUTCSeconds(), from.getUTCMilliseconds()));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(from.getUTCDate(), lastDay) + days);
  return target;
}

/** Whether `a` is longer than `b`, counted from one and the same day. */
export function longer(a: Period, b: Period): boolean {
  const from = new Date(Date.UTC(2001, 0, 1));
  return after(from, a) > after(from, b);
}

/** "6 years", "18 months", "90 days" */
export function inWords({ months: n, days }: Period): string {
  if (n === 0) return `${days} days`;
  return n % 12 === 0 ? `${n / 12} year${n === 12 ? "" : "s"}` : `${n} months`;
}
