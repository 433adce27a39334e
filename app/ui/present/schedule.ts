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

/** Between two full snapshots, changes are read so often; minutes. */
export const BETWEEN = ["off", "15", "30", "60", "120", "360", "720"] as const;
export type Between = (typeof BETWEEN)[number];

/** Off the minute of the full one, so that the two seldom meet. */
export function cronBetween(between: Exclude<Between, "off">, shop: string): string {
  const every = Number(between);
  const minute = (Number(cronFor("day", shop).split(" ")[0]) + 7) % Math.min(every, 60);
  if (every < 60) return `${Array.from({ length: 60 / every }, (_, n) => minute + n * every).join(",")} * * * *`;
  return `${minute} ${every === 60 ? "*" : Array.from({ length: 1440 / every }, (_, n) => (n * every) / 60).join(",")} * * *`;
}

/** Null: set elsewhere, and none of the choices. */
export function betweenOf(schedule: { readonly cron: string; readonly enabled: boolean } | null): Between | null {
  if (!schedule?.enabled) return "off";
  const [minutes = "", hours = "", ...days] = schedule.cron.trim().split(/\s+/);
  if (days.join(" ") !== "* * *") return null;
  const every = hours === "*" ? 60 / minutes.split(",").length : minutes.includes(",") ? Number.NaN : 1440 / hours.split(",").length;
  return BETWEEN.find((one) => one === String(every)) ?? null;
}

/** What a browser says its time zone is, when that is one; else UTC. */
export function timezoneOr(text: string | undefined): string {
  try {
    return text === undefined ? "UTC" : new Intl.DateTimeFormat("en-GB", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
