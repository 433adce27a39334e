/** The merchant's key service: opens a restore by itself while it is there, and nobody waits for it while it is away: an identity does the same. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { KeyError } from "#app/keys/index.ts";
import type { RestoreTarget } from "#app/sources/port.ts";
import type { KeyOpener } from "#app/vault/index.ts";
import { applyRestore } from "#app/workflows/restore/apply.ts";
import { decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { prepareRestore, type PreparedRestore } from "#app/workflows/restore/plan-keys.ts";
import { startPlanning } from "#app/workflows/restore/plan-request.ts";
import { runPlan } from "#app/workflows/restore/plan-run.ts";
import { presentRestore } from "#app/ui/present/restore.ts";
import { showPlan } from "#app/workflows/restore/show.ts";
import { CANARY } from "#tests/support/canary.ts";
import { fakeRevision, type FakeRevision } from "#tests/support/fakes-revision.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";
import { ANA, ask, BEN, familyOf, keysFor, planWorld, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
const PATIENCE_MS = 25;
let world: PlanWorld;
let target: FakeRevision;
let planId: string;
/** What the service unwrapped, and whether it answers. */
let opened: number;
let service: "there" | "throws" | "hangs" | "not-found";
const o = (actor: typeof ANA | typeof BEN) => ({ shop: SHOP, actor, planId });

beforeEach(async () => {
  opened = 0;
  service = "there";
  world = await planWorld(smallShop(6).map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: CANARY })) } : one)));
  const { opener } = world.identity;
  const away = (): Error => new KeyError("keys.unreachable", "the key service does not answer");
  const kms: KeyOpener = {
    open: (jwe) => {
      if (service === "hangs") return new Promise(() => undefined);
      if (service === "throws") return Promise.reject(away());
      opened++;
      return opener.open(jwe);
    },
  };
  world.ports.unattended = { openerFor: () => (service === "not-found" ? Promise.reject(away()) : Promise.resolve(kms)) };
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  world.source.records = world.source.records.map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: "SYNTHETIC mangled" })) } : one));
  target = fakeRevision();
  for (const { kind, id: root, parentId } of world.source.records) if (parentId === null) target.shop.set(root, familyOf(world.source.records, kind, root)!);
  const whole = { ...target, description: world.source.description } as unknown as RestoreTarget;
  Object.assign(world.ports, { restoreTargets: { open: () => Promise.resolve({ target: whole, pointsPerSecond: 1000 }) } });
  planId = await ask(world, { at });
});
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});

async function prepared(asked: "restore.plan" | "restore.apply" = "restore.plan"): Promise<Extract<PreparedRestore, { kind: "ready" }>> {
  const row = (await world.ports.restorePlans.get(SHOP, planId))!;
  const found = await prepareRestore(world.ports, { shop: SHOP, actor: ANA, row, asked, ...(service === "there" ? {} : { patienceMs: PATIENCE_MS }) });
  if (found.kind !== "ready") throw new Error(JSON.stringify(found));
  return found;
}

async function planned(keys: ReadonlyMap<string, Uint8Array> | null): Promise<unknown> {
  const started = await startPlanning(world.ports, { ...o(ANA), keys });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return runPlan(world.ports, { runId: started.run.id });
}

async function approved(): Promise<void> {
  const submitted = await submitPlan(world.ports, o(ANA));
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  await decidePlan(world.ports, { ...o(BEN), approve: true, digest: submitted.row.digest!, remark: "" });
}

async function applied(keys: ReadonlyMap<string, Uint8Array> | null): Promise<unknown> {
  const started = await startApply(world.ports, { ...o(ANA), keys });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return applyRestore(world.ports, { runId: started.run.id, pauseMs: 1 });
}

const note = (): unknown => (JSON.parse(Buffer.from(target.shop.get(id(1))![0]!.bytes).toString("utf8")) as { note?: unknown }).note;

describe("a key service that answers", () => {
  it("works a plan out and carries it out, and nobody hands a key in", async () => {
    expect((await prepared()).keyService).toBe("opens");
    opened = 0;
    expect(await planned(null)).toMatchObject({ kind: "planned" });
    expect(opened).toBeGreaterThan(0);
    await approved();
    opened = 0;
    expect(await applied(null)).toMatchObject({ kind: "applied", counts: { restored: 1, differing: 0 } });
    expect(opened).toBeGreaterThan(0);
    expect(note()).toBe(CANARY);
    // Custody was never asked to hold anything.
    expect(world.ports.taken).toEqual([]);
  });

  it("may be passed over all the same: whoever has an identity uses that, and the service is not asked", async () => {
    const { keys } = await prepared();
    expect(keys.length).toBeGreaterThan(0);
    const own = await keysFor(world, planId);
    opened = 0;
    expect(await planned(own)).toMatchObject({ kind: "planned" });
    await approved();
    const mine = await keysFor(world, planId, "restore.apply");
    opened = 0;
    expect(await applied(mine)).toMatchObject({ kind: "applied" });
    expect([opened, note()]).toEqual([0, CANARY]);
  });
});

describe("a key service that is away", () => {
  it.each(["throws", "hangs", "not-found"] as const)("(%s) is not waited for: the screen says so, and an identity plans and applies", async (how) => {
    service = how;
    const { keyService, keys } = await prepared();
    expect(keyService).toBe("away");
    expect(keys.length).toBeGreaterThan(0);
    const shown = await showPlan(world.ports, { ...o(ANA), page: 0, conflicts: false });
    if (shown.kind !== "shown") throw new Error(shown.kind);
    const model = presentRestore(shown, { now: world.ports.clock.now(), page: 0, conflicts: false, prepared: { kind: "ready", keyService, recipients: ["r"], keys }, run: null, labels: new Map() });
    expect([model.keyService, model.keys?.sealedKeys.length, model.problem]).toEqual(["away", keys.length, undefined]);
    const withIdentity = async (): Promise<Map<string, Uint8Array>> => new Map(await Promise.all((await prepared()).keys.map(async ({ keyId, jwe }) => [keyId, (await world.identity.opener.open(Buffer.from(jwe)))!] as const)));
    expect(await planned(await withIdentity())).toMatchObject({ kind: "planned" });
    await approved();
    expect(await applied(await withIdentity())).toMatchObject({ kind: "applied", counts: { restored: 1, differing: 0 } });
    expect(note()).toBe(CANARY);
  });

  it("is as good as away when it is no recipient of this vault", async () => {
    const other = await testIdentity();
    world.ports.unattended = { openerFor: () => Promise.resolve(other.opener) };
    expect((await prepared()).keyService).toBe("away");
  });

  it("ends a run that was to use it with its own code, and the plan can be worked out with an identity afterwards", async () => {
    service = "throws";
    expect(await planned(null)).toEqual({ kind: "failed", code: "keys.unreachable" });
    expect(await world.ports.restorePlans.get(SHOP, planId)).toMatchObject({ state: "planning", code: "keys.unreachable" });
    expect(await planned(new Map(await Promise.all((await prepared()).keys.map(async ({ keyId, jwe }) => [keyId, (await world.identity.opener.open(Buffer.from(jwe)))!] as const))))).toMatchObject({ kind: "planned" });
  });
});

it("where none is set up, none is spoken of", async () => {
  world.ports.unattended = { openerFor: () => Promise.resolve(null) };
  expect((await prepared()).keyService).toBe("none");
});
