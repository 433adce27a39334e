/**
 * When a shop's drills are due. Weekly, and on by itself from the first snapshot on; the ledger keeps every schedule there was, because what was missed is told by it and a
 * schedule that was changed afterwards must not change what was due before.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { hasKeyService, requestLaneDrill, type RequestedLaneDrill } from "./request-lane-drill.ts";

export interface WeeklyTime {
  /** 0: Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export type ScheduledDrills =
  | { readonly kind: "scheduled" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-available" };

export function weeklyCron({ weekday, hour, minute }: WeeklyTime): string {
  return `${minute} ${hour} * * ${weekday}`;
}

/** Null: not of this form. */
export function weeklyTime(cron: string): WeeklyTime | null {
  const [, minute, hour, weekday] = /^(\d{1,2}) (\d{1,2}) \* \* ([0-7])$/.exec(cron) ?? [];
  return minute === undefined ? null : { minute: Number(minute), hour: Number(hour), weekday: Number(weekday) % 7 };
}

/** Every shop has a minute of its own in the night to Monday or one of the days after, so that not all of them ask at once. */
export function usualTime(shop: string): WeeklyTime {
  let sum = 0;
  for (const letter of shop) sum = (sum * 31 + letter.charCodeAt(0)) % 100_003;
  return { weekday: 1 + (sum % 5), hour: 2 + (Math.floor(sum / 5) % 4), minute: Math.floor(sum / 20) % 60 };
}

type SchedulePorts = Pick<Ports, "drillSchedules" | "log"> & RefusalPorts;

export async function scheduleDrills(ports: SchedulePorts, o: { readonly shop: string; readonly actor: Actor; readonly time: WeeklyTime; readonly timezone: string; readonly enabled: boolean }): Promise<ScheduledDrills> {
  const { shop, actor } = o;
  const decision = mayRequest("drill.schedule", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "drill.schedule", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  return set(ports, shop, actorName(actor), { cron: weeklyCron(o.time), timezone: o.timezone, enabled: o.enabled });
}

/** Shops with a snapshot and no schedule get the usual one. Answers how many. */
export async function scheduleNewShops(ports: SchedulePorts): Promise<number> {
  let scheduled = 0;
  for (const shop of (await ports.drillSchedules?.without(100)) ?? []) {
    if ((await set(ports, shop, "system", { cron: weeklyCron(usualTime(shop)), timezone: "UTC", enabled: true })).kind === "scheduled") scheduled++;
  }
  return scheduled;
}

async function set({ drillSchedules, ...ports }: SchedulePorts, shop: string, actor: string, wanted: { readonly cron: string; readonly timezone: string; readonly enabled: boolean }): Promise<ScheduledDrills> {
  const link = await ports.links.get(shop);
  if (drillSchedules === undefined || link === null) return { kind: "not-available" };
  const now = await drillSchedules.get(shop);
  if (now !== null && now.cron === wanted.cron && now.timezone === wanted.timezone && now.enabled === wanted.enabled) return { kind: "unchanged" };
  const at = ports.clock.now();
  // The ledger first: a schedule that it does not know could miss weeks that nobody counts.
  await keepEvent(ports, shop, { at: at.toISOString(), actor, action: "drill.scheduled", subject: { vault: link.vaultId, shop, ...wanted }, outcome: "done" });
  await drillSchedules.save(shop, { at, ...wanted });
  ports.log.info("drill.scheduled", { shop, cron: wanted.cron, timezone: wanted.timezone, enabled: wanted.enabled, by: actor });
  return { kind: "scheduled" };
}

/** The schedule's time has come: with a key service all lanes; without one what needs no key, and the rest waits for a person (alerts/watchers/drills.ts). */
export async function askForDueDrill(ports: Parameters<typeof requestLaneDrill>[0], shop: string, dueAt: Date): Promise<RequestedLaneDrill> {
  const lane = (await hasKeyService(ports, shop)) ? "both" : "synthetic";
  return requestLaneDrill(ports, { shop, actor: { kind: "schedule", shop }, lane, dueAt });
}
