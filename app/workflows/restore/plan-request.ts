/** Somebody asks for a plan: what it is about is kept, the snapshot that says what the shop has now is asked for, and the planner begins once its keys are there. */
import { actorName, type Actor } from "#app/access/index.ts";
import type { ConflictRule, Ports, RestoreDestination, RestoreSelection, Run } from "../ports.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";
import { requestSnapshot } from "../snapshot/request-snapshot.ts";
import { refusedRestore, type Refused, type RestoreAccessPorts } from "./access.ts";
import { isExportable } from "./export-target.ts";
import { isWide } from "./plan-candidates.ts";

/** A run that has not started by then must ask for the identity again. */
export const KEYS_LIVE_MS = 10 * 60_000;
const KEY_BYTES = 32;

export type PlanPorts = RestoreAccessPorts & Pick<Ports, "runs" | "custody" | "ids" | "log" | "keyring" | "scratch" | "random" | "restorePlans" | "restoreTargets">;

export interface AskedPlan {
  readonly shop: string;
  readonly actor: Actor;
  readonly at: Date;
  readonly selection: RestoreSelection;
  readonly target: RestoreDestination;
  readonly rule: ConflictRule;
  readonly extras: "keep" | "remove";
  readonly assistantRun: string | null;
}

export type RequestedPlan =
  | { readonly kind: "requested"; readonly planId: string }
  | Refused
  | { readonly kind: "failed"; readonly code: "vault.not_linked" | "restore.no_such_moment" | "restore.not_here" | (string & {}) };

export async function requestPlan(ports: PlanPorts, o: AskedPlan): Promise<RequestedPlan> {
  const { shop, actor } = o;
  const refused = await refusedRestore(ports, "restore.plan", o);
  if (refused !== null) return refused;
  const { restorePlans } = ports;
  if (restorePlans === undefined) return { kind: "failed", code: "restore.not_here" };
  if (o.target.kind === "export" && !(await isExportable(o.target))) return { kind: "failed", code: "vault.bad_recipient" };
  const now = ports.clock.now();
  const found = await withShopVault(ports, shop, async ({ vault, link }) => ({ kind: "opened" as const, vaultId: link.vaultId, first: (await vault.snapshots()).at(-1)?.takenAt ?? null }));
  if (found.kind === "failed") return found;
  if (found.first === null || o.at > now || o.at.toISOString() < found.first) return { kind: "failed", code: "restore.no_such_moment" };
  let runId: string | null = null;
  if (isWide(o.selection) && o.target.kind === "same-shop") {
    const snapshot = await requestSnapshot(ports, { shop, actor });
    if (snapshot.kind === "refused") return snapshot;
    if (snapshot.kind === "not-linked") return { kind: "failed", code: snapshot.code };
    runId = snapshot.run.id;
  }
  const planId = ports.ids.next();
  const { at, selection, target, rule, extras, assistantRun } = o;
  await restorePlans.create({ planId, shop, vaultId: found.vaultId, target, at, selection, rule, extras, createdBy: actorName(actor), createdAt: now, runId, assistantRun });
  ports.log.info("restore.plan_requested", { shop, plan: planId, scope: selection.scope, by: actorName(actor) });
  return { kind: "requested", planId };
}

export type StartedRun = { readonly kind: "started"; readonly run: Run } | { readonly kind: "busy"; readonly run: Run } | Refused | { readonly kind: "failed"; readonly code: string };

/** The planner begins. Takes over `keys`: they are zeroed. Null: the run asks the key service that is set up for this host. */
export async function startPlanning(ports: PlanPorts, o: { readonly shop: string; readonly actor: Actor; readonly planId: string; readonly keys: ReadonlyMap<string, Uint8Array> | null }): Promise<StartedRun> {
  const { shop, planId, keys } = o;
  const zero = (): void => keys?.forEach((key) => key.fill(0));
  try {
    const row = await ports.restorePlans?.get(shop, planId);
    const refused = await refusedRestore(ports, "restore.plan", { ...o, ...(row ? { target: row.target } : {}) });
    if (refused !== null) return refused;
    if (row?.state !== "planning") return { kind: "failed", code: "restore.not_in_this_state" };
    const started = await startRun(ports, { ...o, what: "plan" });
    if (started.kind === "started") await ports.restorePlans?.change(shop, planId, ["planning"], { runId: started.run.id, code: null });
    return started;
  } finally {
    zero();
  }
}

/** A run for a plan, with its keys in this process's memory before it is there: a worker may pick it up at once. */
export async function startRun(ports: PlanPorts, o: { readonly shop: string; readonly actor: Actor; readonly planId: string; readonly keys: ReadonlyMap<string, Uint8Array> | null; readonly what: "plan" | "apply"; readonly id?: string }): Promise<StartedRun> {
  const { shop, actor, planId, keys, what } = o;
  if (keys !== null && (keys.size === 0 || [...keys.values()].some((key) => key.byteLength !== KEY_BYTES))) return { kind: "failed", code: "drill.bad_keys" };
  const id = o.id ?? ports.ids.next();
  const now = ports.clock.now();
  if (keys !== null) await ports.custody.deposit(id, keys, new Date(now.getTime() + KEYS_LIVE_MS));
  const { run, created } = await ports.runs.create({ id, shop, kind: "restore", requestedBy: actorName(actor), requestedAt: now, input: { what, plan: planId, keys: keys !== null }, urgency: "person" });
  if (!created) {
    if (keys !== null) (await ports.custody.take(id))?.forEach((key) => key.fill(0));
    return { kind: "busy", run };
  }
  ports.log.info("restore.run_requested", { shop, run: run.id, plan: planId, what, by: run.requestedBy });
  return { kind: "started", run };
}

