/** From what the workflows know of the assistant to what its screens show. */
import type { ListedAssistant, ShownRun } from "#app/workflows/assistant/index.ts";
import { presentOutcome } from "./restore.ts";
import type { AssistantModel, AssistantRunModel } from "../models/assistant.ts";

export function presentAssistant({ now, scenarios, runs }: ListedAssistant): AssistantModel {
  return {
    now: now.toISOString(),
    scenarios: scenarios.map(({ id, title, when }) => ({ id, title, when })),
    runs: runs.map(({ id, title, state, startedAt, lastAt, steps }) => ({ id, title, state, startedAt: startedAt.toISOString(), lastAt: lastAt.toISOString(), steps })),
  };
}

export function presentAssistantRun({ now, startedAt, startedBy, me, people, shown, orders, restores, ...run }: ShownRun): AssistantRunModel {
  const who = (by: string): string => (by === me ? "You" : by === "system" ? "The app" : (people[by] ?? "A colleague"));
  return {
    ...run,
    now: now.toISOString(),
    startedAt: startedAt.toISOString(),
    startedBy: who(startedBy),
    restores: restores.map(({ planId, state, createdAt, decidedAt, startedAt, finishedAt, report, outcome }) => ({
      id: planId, state, plannedAt: createdAt.toISOString(), approvedAt: state === "refused" ? null : (decidedAt?.toISOString() ?? null), begunAt: startedAt?.toISOString() ?? null, reportAt: report === null ? null : (finishedAt?.toISOString() ?? null), outcome: presentOutcome(outcome),
    })),
    shown: shown.map(({ by, ...step }) => ({ ...step, who: who(by) })),
    orders: orders.map(({ waiver, ...order }) => ({ ...order, waiver: waiver === null ? null : { n: waiver.n, who: who(waiver.by), mine: waiver.by === me, at: waiver.at, reason: waiver.reason, approved: waiver.approved } })),
  };
}
