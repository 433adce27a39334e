/**
 * Looks at a shop from all sides, raises what is wrong and resolves what is no longer. Each watcher answers for its codes: what it finds is raised, and of
 * its codes whatever it does not find any more is resolved, if it looked at something newer than the alert's last sighting. A watcher that cannot
 * look resolves nothing.
 */
import type { Alert, AlertCode, AlertFacts, AlertRecords, AlertSeverity, Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { escalateAlerts } from "./escalate.ts";
import type { RaisePorts } from "./raise.ts";
import { watchDrills } from "./watchers/drills.ts";
import { watchEncryption } from "./watchers/encryption.ts";
import { watchErasures } from "./watchers/erasures.ts";
import { watchKeys } from "./watchers/keys.ts";
import { watchRecoveryPoints } from "./watchers/recovery-points.ts";
import { watchRestores } from "./watchers/restores.ts";
import { watchSchedule, type ScheduleFacts } from "./watchers/schedule.ts";
import { watchSnapshots } from "./watchers/snapshots.ts";
import { watchStorage } from "./watchers/storage.ts";
import { watchVerified } from "./watchers/verified.ts";

export interface Finding {
  readonly code: AlertCode;
  readonly subject: string;
  readonly severity: AlertSeverity;
  readonly facts?: AlertFacts;
}

export interface Watched {
  /** What it answers for. */
  readonly codes: readonly AlertCode[];
  /** Of these codes only this subject; others raise the rest. */
  readonly subject?: string;
  readonly findings: readonly Finding[];
  /** When what it looked at was so. */
  readonly asOf: Date;
  /** What this alert was about is over for certain, however late it was seen last: it named a run or a snapshot that is no longer the newest. */
  readonly over?: (alert: Alert) => boolean;
}

export type WatchPorts = RaisePorts & Pick<Ports, "alerts" | "runs" | "catalog" | "compliance" | "random" | "capture" | "drillSchedules" | "restorePlans"> & { readonly schedules: ScheduleFacts };

export interface WatchContext {
  readonly shop: string;
  readonly unresolved: readonly Alert[];
}

export interface Watcher {
  readonly name: string;
  readonly everyMs: number;
  /** Also for a shop that has removed the app. */
  readonly always?: true;
  /** Null: there is nothing to look at (no storage yet, no snapshot yet). */
  watch(ports: WatchPorts, context: WatchContext): Promise<Watched | null>;
}

/** How often the watchers look. People know of a failure after this, the gathering time of messages (raise.ts) and a moment: within five minutes. */
export const WATCH_EVERY_MS = 60_000;
const HOUR = 3_600_000;

export const WATCHERS: readonly Watcher[] = [
  { name: "snapshots", everyMs: WATCH_EVERY_MS, watch: watchSnapshots },
  { name: "schedule", everyMs: WATCH_EVERY_MS, watch: watchSchedule },
  { name: "storage", everyMs: WATCH_EVERY_MS, watch: watchStorage },
  { name: "recovery points", everyMs: WATCH_EVERY_MS, watch: watchRecoveryPoints },
  { name: "verified", everyMs: WATCH_EVERY_MS, watch: watchVerified },
  { name: "drills", everyMs: WATCH_EVERY_MS, watch: watchDrills },
  { name: "restores", everyMs: WATCH_EVERY_MS, watch: watchRestores },
  { name: "erasures", everyMs: WATCH_EVERY_MS, always: true, watch: watchErasures },
  { name: "encryption", everyMs: HOUR, watch: watchEncryption },
  { name: "keys", everyMs: 6 * HOUR, watch: watchKeys },
];

/** When each watcher looked at each shop last, in this process. */
export type WatchMemory = Map<string, number>;

/** How long after its last sighting one that is still there is written down again. */
const TOUCH_MS = 5 * 60_000;

/** Answers how many watchers could not look. */
export async function watchShop(ports: WatchPorts, { shop, installed = true, memory, watchers = WATCHERS }: { readonly shop: string; readonly installed?: boolean; readonly memory: WatchMemory; readonly watchers?: readonly Watcher[] }): Promise<number> {
  const unresolved = await ports.alertRecords.unresolved(shop);
  let blind = 0;
  for (const watcher of watchers) {
    if (!installed && watcher.always !== true) continue;
    const now = ports.clock.now().getTime();
    const key = `${shop} ${watcher.name}`;
    const last = memory.get(key);
    if (last !== undefined && now - last < watcher.everyMs) continue;
    try {
      const watched = await watcher.watch(ports, { shop, unresolved });
      if (watched !== null) await settle(ports, shop, unresolved, watched);
      memory.set(key, now);
    } catch (error) {
      // An outcome of ours (a storage that is away, a damaged object) has a watcher of its own; anything else is a fault that must be seen.
      blind++;
      const code = failureOf(error)?.code;
      ports.log.warn("watch.blind", { shop, watcher: watcher.name, code: code ?? "unexpected" });
      if (code === undefined) throw error;
    }
  }
  await escalateAlerts(ports, shop);
  return blind;
}

async function settle(ports: Pick<WatchPorts, "alerts" | "clock">, shop: string, unresolved: readonly Alert[], { codes, subject: only, findings, asOf, over }: Watched): Promise<void> {
  const now = ports.clock.now().getTime();
  for (const finding of findings) {
    const known = unresolved.find(({ code, subject }) => code === finding.code && subject === finding.subject);
    if (known === undefined || known.severity !== finding.severity || now - known.lastSeen.getTime() >= TOUCH_MS) await ports.alerts.raise({ shop, ...finding });
  }
  for (const alert of unresolved) {
    const { code, subject, lastSeen } = alert;
    if (!codes.includes(code) || (only !== undefined && subject !== only) || findings.some((finding) => finding.code === code && finding.subject === subject)) continue;
    if (asOf > lastSeen || over?.(alert) === true) await ports.alerts.resolve({ shop, code, subject });
  }
}

/** Alerts that were acknowledged or opened for these records, worst first: what screens and the judgement ask for. */
export function unresolvedAlerts(ports: { readonly alertRecords: AlertRecords }, shop: string): Promise<readonly Alert[]> {
  return ports.alertRecords.unresolved(shop);
}
