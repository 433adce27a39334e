/** A shop with a vault, plans, and two people: what tests of restores begin with. */
import type { RestoreTarget } from "#app/sources/port.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import type { ConflictRule, RestorePlanRow, RestoreSelection } from "#app/workflows/ports.ts";
import { prepareRestore } from "#app/workflows/restore/plan-keys.ts";
import { requestPlan, startPlanning } from "#app/workflows/restore/plan-request.ts";
import { runPlan, type PlanOutcome } from "#app/workflows/restore/plan-run.ts";
import { plannedFamilies } from "#app/workflows/restore/plan-store.ts";
import type { PlannedFamily, RestorePlan } from "#app/workflows/restore/plan-types.ts";
import { openVault } from "#app/vault/index.ts";
import { takeSnapshot } from "#app/workflows/index.ts";
import { fakeRevision, type FakeRevisionOptions } from "#tests/support/fakes-revision.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { linkedShop, SHOP, type LinkedShop } from "../../support/linked-shop.ts";

export const ANA = { kind: "staff", id: "1", shop: SHOP } as const;
export const BEN = { kind: "staff", id: "2", shop: SHOP } as const;

export interface PlanWorld extends LinkedShop {
  readonly target: Pick<RestoreTarget, "assess">;
  readonly ports: LinkedShop["process"] & { readonly restoreTargets: { open: () => Promise<{ target: RestoreTarget; pointsPerSecond: number }> } };
}

export async function planWorld(records = smallShop(), options: FakeRevisionOptions = {}): Promise<PlanWorld> {
  const shop = await linkedShop(records);
  const target = fakeRevision(options);
  const whole = { ...target, description: shop.source.description, apply: () => Promise.reject(new Error("not asked for")) } as unknown as RestoreTarget;
  const ports = Object.assign(shop.process, { restoreTargets: { open: () => Promise.resolve({ target: whole, pointsPerSecond: 1000 }) } });
  // What the shop has now is what its source has.
  ports.current = { fetch: (_shop: string, kind: string, id: string) => Promise.resolve(familyOf(shop.source.records, kind, id)) };
  return { ...shop, target, ports };
}

export function familyOf(records: readonly SourceRecord[], kind: string, id: string): readonly SourceRecord[] | null {
  const root = records.find((record) => record.kind === kind && record.id === id && record.parentId === null);
  if (root === undefined) return null;
  const family = [root];
  for (const record of family) family.push(...records.filter(({ parentId }) => parentId === record.id));
  return family;
}

export interface Wish {
  readonly at: Date;
  readonly selection?: RestoreSelection;
  readonly rule?: ConflictRule;
  readonly extras?: "keep" | "remove";
}

/** Asks for a plan, takes the snapshot that it takes, hands the keys in, and works it out. */
export async function plan(world: PlanWorld, wish: Wish): Promise<{ planId: string; outcome: PlanOutcome; row: RestorePlanRow }> {
  const { ports } = world;
  const planId = await ask(world, wish);
  const outcome = await workOut(world, planId);
  return { planId, outcome, row: (await ports.restorePlans.get(SHOP, planId))! };
}

export async function ask(world: PlanWorld, { at, selection = { scope: "everything" }, rule = "ask", extras = "keep" }: Wish): Promise<string> {
  const { ports } = world;
  ports.time.advance(60_000);
  const asked = await requestPlan(ports, { shop: SHOP, actor: ANA, at, selection, rule, extras, target: { kind: "same-shop" }, assistantRun: null });
  if (asked.kind !== "requested") throw new Error(JSON.stringify(asked));
  const row = (await ports.restorePlans.get(SHOP, asked.planId))!;
  if (row.runId !== null) {
    const taken = await takeSnapshot(ports, { runId: row.runId });
    if (taken.kind !== "committed") throw new Error(JSON.stringify(taken));
  }
  return asked.planId;
}

export async function keysFor(world: PlanWorld, planId: string, asked: "restore.plan" | "restore.apply" = "restore.plan"): Promise<Map<string, Uint8Array>> {
  const row = (await world.ports.restorePlans.get(SHOP, planId))!;
  const prepared = await prepareRestore(world.ports, { shop: SHOP, actor: ANA, row, asked });
  if (prepared.kind !== "ready") throw new Error(JSON.stringify(prepared));
  const keys = new Map<string, Uint8Array>();
  for (const { keyId, jwe } of prepared.keys) keys.set(keyId, (await world.identity.opener.open(Buffer.from(jwe)))!);
  return keys;
}

export async function workOut(world: PlanWorld, planId: string): Promise<PlanOutcome> {
  const started = await startPlanning(world.ports, { shop: SHOP, actor: ANA, planId, keys: await keysFor(world, planId) });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return runPlan(world.ports, { runId: started.run.id });
}

export async function familiesOf(world: PlanWorld, plan: RestorePlan): Promise<PlannedFamily[]> {
  const vault = await vaultOf(world);
  const families: PlannedFamily[] = [];
  for await (const family of plannedFamilies({ store: world.store, description: vault.description, indexKey: vault.indexKey }, plan)) families.push(family);
  return families;
}

export async function vaultOf({ store, ports }: PlanWorld): ReturnType<typeof openVault> {
  const [hostKeys] = ports.hostKeys.values();
  return openVault({ store, hostKeys: hostKeys!, clock: ports.clock, random: ports.random, scratchDirectory: SCRATCH });
}
