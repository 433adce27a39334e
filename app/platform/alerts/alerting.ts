/** Everything about alerts that one process needs, put together: records, the port for whoever raises, words, senders, and the rounds that look, escalate and tell. */
import type pg from "pg";
import { alertsOf, type RaisePorts } from "#app/workflows/alerts/raise.ts";
import { deliverAlerts } from "#app/workflows/alerts/deliver.ts";
import { WATCH_EVERY_MS, watchShop, type WatchMemory } from "#app/workflows/alerts/watch.ts";
import { forgetEnded } from "#app/workflows/shared/each-due.ts";
import type { AlertRecords, Alerts, AlertWords, Ports } from "#app/workflows/ports.ts";
import { alertMessage } from "#app/ui/wording/alert-message.ts";
import type { Alerting } from "../app.ts";
import type { Env } from "../env.server.ts";
import type { Chore } from "../jobs/maintenance.ts";
import type { Schedules } from "../schedules/snapshots.ts";
import type { AdminLink } from "../shopify/admin-link.ts";
import { sealer } from "../secrets/seal.ts";
import type { Secret } from "../secrets/secret.ts";
import { alertDeliveries } from "./deliveries.ts";
import { alertRecords } from "./records.ts";
import { alertSenders } from "./senders.ts";
import { alertSettings } from "./settings.ts";
import { watchTurns } from "./watch-turns.ts";

export interface AlertingOptions extends Pick<Ports, "ids" | "clock" | "log" | "metrics" | "links" | "stores" | "signer"> {
  readonly outbox: NonNullable<Ports["outbox"]>;
  readonly pool: pg.Pool;
  readonly secret: Secret<string>;
  readonly env: Pick<Env, "mail">;
  readonly link: AdminLink;
  /** What else hears of an alert. */
  readonly around?: (records: AlertRecords) => AlertRecords;
}

export interface ComposedAlerting {
  readonly alerts: Alerts;
  readonly alertRecords: AlertRecords;
  readonly alerting: Alerting;
  /** What workers do again and again. */
  chores(ports: Ports, schedules: Pick<Schedules, "get" | "next">): readonly Chore[];
}

/** Shops that are looked at side by side, and in one go; a storage that does not answer holds up its neighbours for twenty seconds at most. */
const AT_ONCE = 8;
const BATCH = 40;
/** A round goes on with the next batch this long, then lets the process's other chores have their turn. */
const ROUND_MS = 10_000;
const HISTORY_MS = 300_000;

export function composeAlerting(o: AlertingOptions): ComposedAlerting {
  const { pool, clock, env } = o;
  const records = (o.around ?? ((kept) => kept))(alertRecords(pool));
  const settings = alertSettings(pool, sealer(o.secret, "alert settings"), clock);
  const deliveries = alertDeliveries(pool);
  const raise: RaisePorts = { ...o, alertRecords: records, alertSettings: settings, deliveries };
  const words: AlertWords = (told) => alertMessage({ ...told, link: (path) => o.link(told.shop, path) });
  const senders = alertSenders(env);
  const alerts = alertsOf(raise);
  return {
    alerts,
    alertRecords: records,
    alerting: { alertSettings: settings, deliveries, senders, words },
    chores: (ports, schedules) => {
      const turns = watchTurns(pool, clock);
      const memory: WatchMemory = new Map();
      const watch = { ...ports, ...raise, alerts, schedules: { due: async (shop: string) => dueOf(schedules, shop) } };
      return [
        { name: "watch", run: () => watchRound(watch, turns, memory) },
        { name: "tell", run: () => deliverAlerts({ ...raise, senders, words }) },
        { name: "alert history", everyMs: HISTORY_MS, run: () => forgetEnded(clock, deliveries) },
      ];
    },
  };
}

async function dueOf(schedules: Pick<Schedules, "get" | "next">, shop: string): Promise<{ enabled: boolean; nextAt: Date | null } | null> {
  const schedule = await schedules.get(shop);
  return schedule && { enabled: schedule.enabled, nextAt: await schedules.next(shop) };
}

/** Shops whose turn it is, batch by batch. Answers how many watchers could not look. */
async function watchRound(ports: Parameters<typeof watchShop>[0], turns: ReturnType<typeof watchTurns>, memory: WatchMemory): Promise<number> {
  const began = performance.now();
  let blind = 0;
  while (performance.now() - began < ROUND_MS) {
    const due = [...(await turns(WATCH_EVERY_MS, BATCH))];
    if (due.length === 0) break;
    const one = async (): Promise<void> => {
      for (let turn = due.pop(); turn !== undefined; turn = due.pop()) {
        try {
          blind += await watchShop(ports, { ...turn, memory });
        } catch (error) {
          // One shop's trouble is no other's; the next round looks again.
          blind++;
          failure(ports.log, error, turn.shop);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }
  ports.metrics.observe("holdfast_watch_seconds", (performance.now() - began) / 1000, {});
  return blind;
}

function failure(log: Ports["log"], error: unknown, shop: string): void {
  if ("failure" in log && typeof log.failure === "function") (log.failure as (event: string, error: unknown, fields: object) => void)("watch.failed", error, { shop });
  else log.error("watch.failed", { shop });
}
