/** What a plan says: what differs between then and now, what stands against it, and nothing opened besides. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { contentKeys, redact, type SourceRecord } from "#app/vault/index.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { testTerms } from "#tests/support/search-terms.ts";
import { snapshot, SHOP } from "../support/linked-shop.ts";
import { captured } from "./support/journal.ts";
import { ask, familiesOf, plan, planWorld, vaultOf, workOut, type PlanWorld } from "./support/world.ts";

let world: PlanWorld;
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
export const record = (kind: string, n: number, fields: object, parentId: string | null = null): SourceRecord => {
  const own = `gid://shopify/${kind}/${n}`;
  return { kind, id: own, parentId, bytes: Buffer.from(JSON.stringify({ id: own, synthetic: "SYNTHETIC", ...fields, ...(parentId === null ? {} : { __parentId: parentId }) })) };
};
const changed = (records: readonly SourceRecord[], of: string, change: object): SourceRecord[] =>
  records.map((one) => (one.id === of ? { ...one, bytes: Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(one.bytes).toString()) as object), ...change })) } : one));

/** A shop with one snapshot; `at` is just after it. */
async function begin(records = smallShop(6)): Promise<Date> {
  world = await planWorld(records);
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  return at;
}

async function planned(wish: Parameters<typeof plan>[1]) {
  const made = await plan(world, wish);
  if (made.outcome.kind !== "planned") throw new Error(JSON.stringify(made.outcome));
  return { ...made, plan: made.outcome.plan, families: await familiesOf(world, made.outcome.plan) };
}

describe("a plan for everything", () => {
  it("says that nothing would change where nothing has", async () => {
    const at = await begin();
    const { plan: made, families, row } = await planned({ at });
    expect(families).toEqual([]);
    expect(made.totals).toMatchObject({ create: 0, update: 0, remove: 0, refuse: 0, undecided: 0 });
    expect(row).toMatchObject({ state: "draft", version: 1, digest: null, estimateMs: 0 });
  });

  it("updates what was changed, re-creates what is gone, and leaves what is new", async () => {
    const at = await begin();
    const spoilt = changed(world.source.records, id(1), { note: "SYNTHETIC mangled" });
    world.source.records = [...spoilt.filter((one) => one.id !== id(2) && one.parentId !== id(2)), record("Customer", 7777, { note: "SYNTHETIC new" })];
    const { plan: made, families } = await planned({ at });
    expect(families.map(({ id: of, action, conflict, nowId }) => ({ of, action, conflict, nowId }))).toEqual([
      { of: id(1), action: "update", conflict: null, nowId: undefined },
      { of: id(2), action: "create", conflict: null, nowId: undefined },
    ]);
    expect(families[0]?.changes).toEqual([{ kind: "Customer", id: id(1), fields: ["note"] }]);
    expect(families[1]?.seen).toBeNull();
    expect(made.totals).toMatchObject({ create: 1, update: 1, remove: 0, kinds: { Customer: { create: 1, update: 1 } }, costPoints: 20 });
    expect(made.estimateMs).toBe(20);
  });

  it("removes what is new only where that was asked for", async () => {
    const at = await begin();
    world.source.records = [...world.source.records, record("Customer", 7777, { note: "SYNTHETIC new" })];
    expect((await planned({ at, extras: "remove" })).families.map(({ id: of, action }) => [of, action])).toEqual([["gid://shopify/Customer/7777", "remove"]]);
  });

  it("takes the moment from the journal, to the second", async () => {
    await begin();
    world.source.records = changed(world.source.records, id(3), { note: "SYNTHETIC good work" });
    await captured(world, [{ kind: "Customer", id: id(3) }]);
    const at = world.ports.clock.now();
    world.ports.time.advance(60_000);
    world.source.records = changed(world.source.records, id(3), { note: "SYNTHETIC mangled" });
    const { families } = await planned({ at });
    expect(families.map(({ id: of, action }) => [of, action])).toEqual([[id(3), "update"]]);
    // A second earlier the good work had not been done: the plan is about the same record, with other contents.
    const { families: earlier } = await planned({ at: new Date(at.getTime() - 1000) });
    expect(earlier.map(({ id: of }) => of)).toEqual([id(3)]);
  });
});

describe("what was chosen", () => {
  it("keeps to the kinds that were chosen", async () => {
    const at = await begin([...smallShop(3), record("Product", 1, { handle: "a" })]);
    world.source.records = changed(changed(world.source.records, id(1), { note: "SYNTHETIC x" }), "gid://shopify/Product/1", { title: "SYNTHETIC y" });
    expect((await planned({ at, selection: { scope: "kinds", kinds: ["Product"] } })).families.map(({ id: of }) => of)).toEqual(["gid://shopify/Product/1"]);
  });

  it("asks the shop for chosen records, takes no snapshot, and opens no other pack", async () => {
    const at = await begin();
    world.source.records = changed(changed(world.source.records, id(1), { note: "SYNTHETIC x" }), id(2), { note: "SYNTHETIC x" });
    const runs = world.ports.runs.runs.size;
    const { families, plan: made } = await planned({ at, selection: { scope: "records", ids: [id(1)] } });
    expect(families.map(({ id: of, action }) => [of, action])).toEqual([[id(1), "update"]]);
    expect(made.before).toBeNull();
    expect([...world.ports.runs.runs.values()].slice(runs).map(({ kind }) => kind)).toEqual(["restore"]);
  });

  it("puts one field back and leaves what else was changed", async () => {
    const at = await begin();
    world.source.records = changed(world.source.records, id(1), { note: "SYNTHETIC x", tags: ["SYNTHETIC good"] });
    const { families } = await planned({ at, selection: { scope: "field", ids: [id(1)], field: "note" } });
    expect(families[0]?.changes).toEqual([{ kind: "Customer", id: id(1), fields: ["note"] }]);
  });

  it("puts one app's namespace back and leaves other metafields", async () => {
    const mf = (n: number, namespace: string, value: string): SourceRecord => record("Metafield", n, { namespace, key: "k", value: `SYNTHETIC ${value}` }, id(1));
    const others = smallShop(3);
    const at = await begin([...others, mf(1, "clinic", "good"), mf(2, "loyalty", "old")]);
    world.source.records = [...others, mf(1, "clinic", "mangled"), mf(2, "loyalty", "new")];
    const { families } = await planned({ at, selection: { scope: "namespace", namespace: "clinic" } });
    expect(families.map(({ changes }) => changes)).toEqual([[{ kind: "Metafield", id: "gid://shopify/Metafield/1", fields: ["value"] }]]);
  });

  it("finds what belongs to a person: their orders and drafts, and nobody else's", async () => {
    const order = (n: number, of: string, note: string): SourceRecord => record("Order", n, { customer: { id: of }, note: `SYNTHETIC ${note}` });
    const others = smallShop(3);
    const at = await begin([...others, order(1, id(1), "a"), order(2, id(2), "b")]);
    world.source.records = [...changed(others, id(1), { note: "SYNTHETIC x" }), order(1, id(1), "x"), order(2, id(2), "x")];
    const { families } = await planned({ at, selection: { scope: "person", ids: [id(1)] } });
    expect(families.map(({ id: of }) => of).sort()).toEqual([id(1), "gid://shopify/Order/1"].sort());
  });

  it("puts back one record beneath a root, and not the root", async () => {
    const at = await begin();
    world.source.records = changed(changed(world.source.records, id(1), { note: "SYNTHETIC x" }), "gid://shopify/Metafield/5001", { value: "SYNTHETIC x" });
    const { families } = await planned({ at, selection: { scope: "records", ids: ["gid://shopify/Metafield/5001"] } });
    expect(families.map(({ id: of, changes }) => [of, changes.map((change) => change.id)])).toEqual([[id(1), ["gid://shopify/Metafield/5001"]]]);
  });
});

describe("conflicts", () => {
  it.each(["journal", "snapshot"] as const)("names a record that was worked on after it was damaged, from the %s", async (how) => {
    const at = await begin();
    world.source.records = changed(changed(world.source.records, id(1), { note: "SYNTHETIC mangled" }), id(2), { note: "SYNTHETIC mangled" });
    if (how === "journal") await captured(world, [{ kind: "Customer", id: id(1) }, { kind: "Customer", id: id(2) }]);
    else await snapshot(world);
    world.ports.time.advance(60_000);
    world.source.records = changed(world.source.records, id(2), { note: "SYNTHETIC honest work after the damage" });
    const { families, plan: made } = await planned({ at });
    expect(families.map(({ id: of, conflict }) => [of, conflict])).toEqual([[id(1), null], [id(2), "edited-since"]]);
    expect(made.totals).toMatchObject({ editedSince: 1, undecided: 1 });
  });

  it.each([["overwrite", 0], ["keep", 0], ["ask", 1]] as const)("by the rule %s leaves %d to be decided", async (rule, undecided) => {
    const at = await begin();
    world.source.records = changed(world.source.records, id(2), { note: "SYNTHETIC mangled" });
    await captured(world, [{ kind: "Customer", id: id(2) }]);
    world.source.records = changed(world.source.records, id(2), { note: "SYNTHETIC honest" });
    expect((await planned({ at, rule })).plan.totals).toMatchObject({ editedSince: 1, undecided });
  });

  it("names what has the place of a record that is gone, and would make that one what it was", async () => {
    const mail = { defaultEmailAddress: { emailAddress: "synthetic@example.test" } };
    const at = await begin([...smallShop(3), record("Customer", 50, mail)]);
    world.source.records = [...smallShop(3), record("Customer", 60, { ...mail, note: "SYNTHETIC signed up again" })];
    const { families, plan: made } = await planned({ at });
    expect(families).toMatchObject([{ id: "gid://shopify/Customer/50", nowId: "gid://shopify/Customer/60", conflict: "re-created", action: "update" }]);
    expect(made.totals).toMatchObject({ reCreated: 1, undecided: 1 });
    // Not removed either: it stands for the one that is put back.
    expect((await planned({ at, extras: "remove" })).plan.totals).toMatchObject({ remove: 0, reCreated: 1 });
  });
});

describe("what the shop has now", () => {
  it("is asked record by record where the snapshot of it has gaps: a record that is there is not made twice", async () => {
    const at = await begin();
    const all = world.source.records;
    world.source.gaps = [{ code: "count.mismatch", stream: "customers", kind: "Customer", expected: 6, got: 5 } as never];
    world.source.records = all.filter((one) => one.id !== id(2) && one.parentId !== id(2));
    const planId = await ask(world, { at });
    // The shop has it: the snapshot missed it.
    world.source.records = all;
    const outcome = await workOut(world, planId);
    expect(outcome).toMatchObject({ kind: "planned", plan: { totals: { create: 0, update: 0 } } });
  });

  it("is refused as ground for a plan where the shop cannot be asked", async () => {
    const at = await begin();
    world.source.gaps = [{ code: "count.mismatch", stream: "customers", kind: "Customer", expected: 6, got: 5 } as never];
    world.source.records = world.source.records.filter((one) => one.id !== id(2) && one.parentId !== id(2));
    const planId = await ask(world, { at });
    Object.assign(world.ports, { current: undefined });
    expect(await workOut(world, planId)).toEqual({ kind: "failed", code: "restore.before_incomplete" });
    expect(await world.ports.restorePlans.get(SHOP, planId)).toMatchObject({ state: "planning", code: "restore.before_incomplete", runId: null });
  });
});

describe("whoever was erased", () => {
  it("is not brought back: neither from the snapshot, nor where the shop sent them again after the erasure", async () => {
    const at = await begin();
    const erase = async (...ids: string[]): Promise<void> => {
      const [hostKeys] = world.ports.hostKeys.values();
      const { description } = await vaultOf(world);
      const retaining = new RetentionStore();
      for (const [key, body] of world.store.objects) retaining.objects.set(key, body);
      const done = await redact({ store: retaining, description, indexKey: hostKeys!.indexKey, signingKey: hostKeys!.signingKey, contentKeys: contentKeys(retaining, world.identity.opener), clock: world.ports.clock, random: world.ports.random, ids, tree: true, actor: "cli", reason: "asked to be forgotten", terms: testTerms });
      expect(done.kind).toBe("done");
      world.store.objects.clear();
      for (const [key, body] of retaining.objects) world.store.objects.set(key, body);
    };
    const all = world.source.records;
    await erase(id(2));
    // The shop had them still, and the next snapshot has them again.
    await snapshot(world);
    world.ports.time.advance(1000);
    const later = world.ports.clock.now();
    world.ports.time.advance(60_000);
    world.source.records = all.filter((one) => ![id(2), id(3)].includes(one.id) && ![id(2), id(3)].includes(one.parentId ?? ""));
    for (const moment of [at, later]) {
      const { families, plan: made } = await planned({ at: moment });
      expect(families.map(({ id: of, action }) => [of, action])).toEqual([[id(3), "create"]]);
      expect(made.totals).toMatchObject({ create: 1, erased: 1 });
    }
  });
});
