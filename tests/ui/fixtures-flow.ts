/** Models of the screen of Shopify Flow: nothing yet, at work, in trouble, long. Invented figures, no records. */
import { ACTIONS } from "#app/workflows/flow/actions.ts";
import { TRIGGERS } from "#app/workflows/flow/triggers.ts";
import type { FlowAction, FlowDelivery, FlowEventName, FlowListener, FlowSendCode } from "#app/workflows/ports/flow.ts";
import type { FlowModel } from "#app/ui/models.ts";
import { presentFlow, type KeptAboutFlow } from "#app/ui/present/flow.ts";
import { ago, NOW } from "./fixtures.ts";

const MINUTE = 60_000;
const SHOP = "maple-synthetic.myshopify.com";
const at = (ms: number): Date => new Date(ago(ms));

export const delivery = (over: Partial<FlowDelivery> = {}): FlowDelivery => ({
  id: "event_1", shop: SHOP, event: "snapshot.completed", subject: "run_1", facts: { snapshotId: "9f2c1a7b9f2c1a7b" }, state: "sent", attempts: 1, createdAt: at(5 * MINUTE), nextAt: at(5 * MINUTE), endedAt: at(5 * MINUTE), code: null, ...over,
});
export const step = (over: Partial<FlowAction> = {}): FlowAction => ({
  shop: SHOP, actionRunId: "step_1", action: "take-snapshot", input: { reason: "attack", holdHours: 72 }, state: "done", askedAt: at(12 * MINUTE), attempts: 3, nextAt: at(0), runId: "flow_1", endedAt: at(9 * MINUTE), code: null,
  result: { snapshotId: "9f2c1a7b9f2c1a7b", takenAt: ago(9 * MINUTE), complete: true, records: 48_211, gaps: 0, page: "https://example.com" }, holdId: null, holdUntil: null, ...over,
});
const listener = (event: FlowEventName, enabled: boolean): FlowListener => ({ shop: SHOP, event, enabled, at: at(3 * 86_400_000) });
const failed = (code: FlowSendCode, n: number): FlowDelivery => delivery({ id: `failed_${n}`, event: n % 2 === 0 ? "snapshot.failed" : "storage.problem", facts: { runId: "run_9", alertId: "alert_9" }, state: "failed", attempts: 13, createdAt: at(n * 60 * MINUTE), code });

const page = (kept: Partial<KeptAboutFlow>): FlowModel => presentFlow({ triggers: TRIGGERS, actions: ACTIONS }, { deliveries: [], failed: [], waiting: 0, listeners: [], actions: [], ...kept }, { shop: SHOP, now: new Date(NOW) });

const codes: readonly FlowSendCode[] = ["flow.unreachable", "flow.not_connected", "flow.unknown_trigger", "flow.refused", "flow.busy", "flow.failed"];

export const flowPages: Record<string, FlowModel> = {
  empty: page({}),
  working: page({
    listeners: [listener("snapshot.failed", true), listener("drill.failed", true), listener("snapshot.completed", false)],
    deliveries: [delivery({ id: "event_3", event: "snapshot.failed", facts: { runId: "run_3" } }), delivery({ id: "event_2", event: "storage.problem", facts: { alertId: "alert_2" }, state: "unneeded" }), delivery({ id: "event_1", state: "unwanted", attempts: 0 })],
    actions: [step(), step({ actionRunId: "step_2", action: "hold-snapshots", runId: null, holdId: "h1", result: { holdId: "h1", heldUntil: ago(-86_400_000), page: "https://example.com" } }), step({ actionRunId: "step_3", action: "verify-vault", state: "working", endedAt: null, result: null })],
  }),
  quiet: page({ listeners: [listener("snapshot.failed", false), listener("drill.failed", false)] }),
  waiting: page({ waiting: 2, deliveries: [delivery({ id: "event_5", state: "waiting", attempts: 3, code: "flow.busy", nextAt: at(-2 * MINUTE), endedAt: null }), delivery({ id: "event_4", state: "waiting", attempts: 0, endedAt: null })] }),
  failed: page({ failed: [failed("flow.not_connected", 1)], deliveries: [delivery()], listeners: [listener("storage.problem", true)], actions: [step({ state: "refused", code: "vault.not_linked", result: null }), step({ actionRunId: "step_2", action: "run-drill", state: "refused", code: "flow.needs_key_service", runId: null, result: null })] }),
  long: page({
    failed: codes.map((code, n) => failed(code, n)), deliveries: Array.from({ length: 14 }, (_, n) => delivery({ id: `event_${n}`, createdAt: at(n * MINUTE) })),
    listeners: Object.keys(TRIGGERS).map((event) => listener(event as FlowEventName, true)), actions: Array.from({ length: 20 }, (_, n) => step({ actionRunId: `step_${n}`, state: n % 3 === 0 ? "refused" : "done", code: n % 3 === 0 ? "store.unreachable" : null })),
  }),
};
