/** From what is kept about Shopify Flow to what its screen shows. */
import type { FlowAction, FlowDelivery, FlowListener } from "#app/workflows/ports/flow.ts";
import type { FlowModel } from "../models.ts";

/** The tables in code, handed in: this folder knows types only. */
export interface FlowTables {
  readonly triggers: Readonly<Record<string, { readonly handle: string; readonly name: string; readonly description: string; readonly page: (facts: Readonly<Record<string, unknown>>) => string }>>;
  readonly actions: Readonly<Record<string, { readonly handle: string; readonly name: string; readonly description: string }>>;
}

export interface KeptAboutFlow {
  readonly deliveries: readonly FlowDelivery[];
  /** Beyond the newest: all that failed. */
  readonly failed: readonly FlowDelivery[];
  readonly waiting: number;
  readonly listeners: readonly FlowListener[];
  readonly actions: readonly FlowAction[];
}

export function presentFlow({ triggers, actions }: FlowTables, kept: KeptAboutFlow, { shop, now }: { readonly shop: string; readonly now: Date }): FlowModel {
  const failed = kept.failed.map(({ id }) => id);
  const shown = [...kept.failed, ...kept.deliveries.filter(({ id }) => !failed.includes(id))];
  return {
    now: now.toISOString(),
    flowUrl: `https://admin.shopify.com/store/${shop.replace(/\.myshopify\.com$/, "")}/apps/flow`,
    triggers: Object.entries(triggers).map(([event, { handle, name, description }]) => ({
      handle, name, description,
      listening: kept.listeners.find((listener) => listener.event === event)?.enabled ?? null,
      lastSentAt: kept.deliveries.find((delivery) => delivery.event === event && delivery.state === "sent")?.endedAt?.toISOString() ?? null,
    })),
    actions: Object.entries(actions).map(([action, { handle, name, description }]) => ({ handle, name, description, lastAskedAt: kept.actions.find((asked) => asked.action === action)?.askedAt.toISOString() ?? null })),
    deliveries: shown.map(({ id, event, facts, state, createdAt, nextAt, attempts, code }) => ({ id, name: triggers[event]?.name ?? event, page: triggers[event]?.page(facts) ?? "/app", state, at: createdAt.toISOString(), nextAt: nextAt.toISOString(), attempts, code })),
    steps: kept.actions.map(({ actionRunId, action, state, askedAt, code, runId, holdId, result }) => ({
      id: actionRunId, name: actions[action]?.name ?? action, state, at: askedAt.toISOString(), code,
      page: holdId !== null ? "/app/retention" : result !== null && "snapshotId" in result ? `/app/snapshots/${String(result["snapshotId"])}` : result !== null && "drillId" in result ? `/app/drills/${String(result["drillId"])}` : runId === null ? null : `/app/runs?run=${runId}`,
    })),
    failed: kept.failed.length,
    waiting: kept.waiting,
  };
}
