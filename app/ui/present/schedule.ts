/** How often snapshots are taken, as a choice of words, and the cron line that stands for it. Pure. */

export type Frequency = "hour" | "six-hours" | "day" | "off";

/** Every shop has a minute of its own, so that not all of them ask at the full hour. `shop`: its domain. */
export function cronFor(frequency: Exclude<Frequency, "off">, shop: string): string {
  let sum = 0;
  for (const letter of shop) sum = (sum * 31 + letter.charCodeAt(0)) % 3_600;
  const minute = sum % 60;
  switch (frequency) {
    case "hour":
      return `${minute} * * * *`;
    case "six-hours":
      return `${minute} 3,9,15,21 * * *`;
    case "day":
      return `${minute} 3 * * *`;
  }
}

/** Null: a schedule that was set elsewhere and is none of the choices. */
export function frequencyOf(schedule: { readonly cron: string; readonly enabled: boolean } | null): Frequency | null {
  if (!schedule?.enabled) return "off";
  const [minute, hour, ...days] = schedule.cron.trim().split(/\s+/);
  if (!/^\d+$/.test(minute ?? "") || days.join(" ") !== "* * *") return null;
  if (hour === "*") return "hour";
  if (hour === "3,9,15,21") return "six-hours";
  return hour === "3" ? "day" : null;
}

/** What a browser says its time zone is, when that is one; else UTC. */
export function timezoneOr(text: string | undefined): string {
  try {
    return text === undefined ? "UTC" : new Intl.DateTimeFormat("en-GB", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
