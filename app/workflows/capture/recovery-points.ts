/** What the screen of recovery points shows, and the objective a shop sets for one stream. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { recordEvent } from "../shared/outbox.ts";
import type { EmergencySnapshot, Ports, RecoveryPointRow } from "../ports.ts";
import { openAssistantRuns } from "../assistant/index.ts";
import { measureRecoveryPoints, type MeasuredRecoveryPoint, type MeasurePorts } from "./measure-recovery-points.ts";

export interface ShownRecoveryPoints {
  readonly now: Date;
  readonly linked: boolean;
  readonly hours: number;
  readonly measured: readonly MeasuredRecoveryPoint[];
  /** Oldest first. */
  readonly history: readonly RecoveryPointRow[];
  readonly emergencies: readonly EmergencySnapshot[];
  /** Runs of the assistant that an emergency snapshot can be taken in, newest first. */
  readonly openRuns: readonly { readonly id: string; readonly title: string; readonly startedAt: Date }[];
}

const HOUR_MS = 3_600_000;
/** Points of one chart. */
const POINTS = 240;

export async function recoveryPoints(ports: MeasurePorts & Pick<Ports, "assistantRuns">, { shop, hours }: { readonly shop: string; readonly hours: number }): Promise<ShownRecoveryPoints> {
  const now = ports.clock.now();
  const linked = (await ports.links.get(shop)) !== null;
  const { capture } = ports;
  if (capture === undefined) return { now, linked, hours, measured: [], history: [], emergencies: [], openRuns: [] };
  const measured = await measureRecoveryPoints(ports, { shop });
  const [openRuns, history, emergencies] = await Promise.all([ports.assistantRuns === undefined ? [] : openAssistantRuns({ ...ports, assistantRuns: ports.assistantRuns }, { shop }), capture.captureRecords.recoveryPoints(shop, new Date(now.getTime() - hours * HOUR_MS), now, POINTS), capture.emergencies.list(shop, 10)]);
  return { now, linked, hours, measured, history, emergencies, openRuns };
}

export type SetObjective = { readonly kind: "kept" } | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function setObjective(ports: Pick<Ports, "clock" | "links" | "stores" | "signer" | "outbox" | "capture">, { shop, actor, stream, minutes }: { readonly shop: string; readonly actor: Actor; readonly stream: string; readonly minutes: number }): Promise<SetObjective> {
  const decision = mayRequest("alert.configure", actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  await ports.capture?.captureRecords.saveObjective(shop, stream, minutes, ports.clock.now());
  await recordEvent(ports, shop, { actor: actorName(actor), action: "setting.recovery_point", subject: { shop, stream, minutes }, outcome: "done" });
  return { kind: "kept" };
}
