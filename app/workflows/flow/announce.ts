/** Tells Flow of runs that ended and of alerts that were raised. Idempotent: what was told of before is not told of again, so whoever is not sure may call it. */
import type { Alert, AlertCode, Catalog, FlowEventName, FlowEvents, Run } from "../ports.ts";

export interface AnnouncePorts {
  readonly flow: FlowEvents;
  readonly catalog: Pick<Catalog, "snapshot" | "drill">;
}

export const ANNOUNCED_RUNS = ["snapshot", "emergency", "drill"] as const satisfies readonly Run["kind"][];

/** A run that was stopped by a person is no news. */
export async function announceRun(ports: AnnouncePorts, run: Pick<Run, "id" | "shop" | "kind" | "state" | "code" | "result" | "finishedAt">): Promise<void> {
  if (run.state !== "succeeded" && run.state !== "failed") return;
  if (run.kind === "drill") await announceDrill(ports, run);
  else if (run.kind === "snapshot" || run.kind === "emergency") await announceSnapshot(ports, run);
}

type Ended = Parameters<typeof announceRun>[1];

async function announceSnapshot({ flow, catalog }: AnnouncePorts, { id, shop, kind, state, code, result, finishedAt }: Ended): Promise<void> {
  const emergency = kind === "emergency";
  if (state === "failed") {
    await flow.emit({ shop, event: "snapshot.failed", subject: id, facts: { runId: id, code: code ?? "unexpected", failedAt: iso(finishedAt), emergency } });
    return;
  }
  const snapshot = result === null ? null : await catalog.snapshot(shop, result);
  // Pruned or rebuilt since.
  if (snapshot === null) return;
  const { snapshotId, takenAt, complete, gapCount: gaps, records, added, changed, removed } = snapshot;
  await flow.emit({ shop, event: "snapshot.completed", subject: id, facts: { snapshotId, takenAt: takenAt.toISOString(), complete, gaps, records, added, changed, removed, emergency } });
}

async function announceDrill({ flow, catalog }: AnnouncePorts, { id, shop, state, code, result, finishedAt }: Ended): Promise<void> {
  const drill = await catalog.drill(shop, result ?? id);
  if (state === "succeeded" && drill !== null) {
    const { drillId, snapshotId, compared, restored, rtoMs, rpoMs } = drill;
    await flow.emit({ shop, event: "drill.passed", subject: id, facts: { drillId, snapshotId, finishedAt: drill.finishedAt.toISOString(), compared, restored, restoreSeconds: seconds(rtoMs), stateAgeSeconds: seconds(rpoMs) } });
  } else if (state === "failed") {
    const differences = drill?.differences.reduce((sum, { records }) => sum + records, 0) ?? 0;
    await flow.emit({ shop, event: "drill.failed", subject: id, facts: { drillId: drill?.drillId ?? id, code: code ?? "unexpected", finishedAt: iso(finishedAt), compared: drill?.compared ?? 0, differences } });
  }
}

/** Which alerts a workflow may start with. */
export const ANNOUNCED_ALERTS = {
  "alert.recovery_point_breached": "recovery_point.missed",
  "alert.storage_unreachable": "storage.problem",
  "alert.storage_unencrypted": "storage.problem",
  "alert.verify_finding": "storage.problem",
} as const satisfies Readonly<Partial<Record<AlertCode, FlowEventName>>>;

export async function announceAlert({ flow }: Pick<AnnouncePorts, "flow">, alert: Pick<Alert, "id" | "shop" | "code" | "subject" | "severity" | "facts" | "firstSeen">): Promise<void> {
  const { id: alertId, shop, code, facts } = alert;
  const event = (ANNOUNCED_ALERTS as Readonly<Partial<Record<AlertCode, FlowEventName>>>)[code];
  const told = { critical: alert.severity === "critical", since: alert.firstSeen.toISOString(), alertId };
  if (event === "recovery_point.missed") {
    await flow.emit({ shop, event, subject: alertId, facts: { stream: alert.subject.replace(/^stream:/, ""), ageMinutes: minutes(facts["ageMs"]), goalMinutes: minutes(facts["objectiveMs"]), ...told } });
  } else if (event === "storage.problem") {
    await flow.emit({ shop, event, subject: alertId, facts: { code: code.replace(/^alert\./, ""), ...told } });
  }
}

/** A run that has ended says when; the moment of telling would make two events of one. */
function iso(at: Date | null): string {
  return at?.toISOString() ?? "unknown";
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function minutes(ms: unknown): number {
  return typeof ms === "number" ? Math.round(ms / 60_000) : 0;
}
