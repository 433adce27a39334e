/** Plans held against a naive model, against crashes at every write, and searched for what may not be in them. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { StoreError, verifyVault, type ObjectStore, type SourceRecord } from "#app/vault/index.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { captured } from "./support/journal.ts";
import { ask, familiesOf, familyOf, plan, planWorld, vaultOf, workOut, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
const CANARY = "SYNTHETIC-CANARY-9f3b";

const edits = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant("change" as const), n: fc.nat(11), value: fc.string({ maxLength: 8 }) }),
    fc.record({ what: fc.constant("delete" as const), n: fc.nat(11) }),
    fc.record({ what: fc.constant("metafield" as const), n: fc.nat(11), value: fc.string({ maxLength: 8 }) }),
    fc.record({ what: fc.constant("add" as const), n: fc.integer({ min: 50, max: 60 }) }),
    // Written back to what it was: no difference, whatever happened in between.
    fc.record({ what: fc.constant("undo" as const), n: fc.nat(11) }),
  ),
  { maxLength: 12 },
);
type Edit = typeof edits extends fc.Arbitrary<infer T> ? (T extends readonly (infer E)[] ? E : never) : never;

function edited(records: readonly SourceRecord[], first: readonly SourceRecord[], edit: Edit): SourceRecord[] {
  const of = id(edit.n);
  const set = (own: string, fields: object): SourceRecord[] => records.map((one) => (one.id === own ? { ...one, bytes: Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(one.bytes).toString()) as object), ...fields })) } : one));
  switch (edit.what) {
    case "change":
      return set(of, { note: `SYNTHETIC ${edit.value}` });
    case "metafield":
      return set(`gid://shopify/Metafield/${5000 + edit.n}`, { value: `SYNTHETIC ${edit.value}` });
    case "delete":
      return records.filter((one) => one.id !== of && one.parentId !== of);
    case "add":
      return records.some((one) => one.id === of) ? [...records] : [...records, { kind: "Customer", id: of, parentId: null, bytes: Buffer.from(JSON.stringify({ id: of, note: "SYNTHETIC new" })) }];
    case "undo":
      return [...records.filter((one) => one.id !== of && one.parentId !== of), ...first.filter((one) => one.id === of || one.parentId === of)];
  }
}

/** What a person with two lists and much time would say. */
function naive(then: readonly SourceRecord[], now: readonly SourceRecord[], extras: "keep" | "remove"): [string, string][] {
  const roots = new Set([...then, ...now].filter(({ parentId }) => parentId === null).map((one) => one.id));
  const text = (family: readonly SourceRecord[] | null): string | null => (family === null ? null : family.map((one) => `${one.id} ${Buffer.from(one.bytes).toString()}`).sort().join("\n"));
  return [...roots].flatMap((root): [string, string][] => {
    const [was, is] = [text(familyOf(then, "Customer", root)), text(familyOf(now, "Customer", root))];
    if (was === is) return [];
    if (was === null) return extras === "remove" ? [[root, "remove"]] : [];
    return [[root, is === null ? "create" : "update"]];
  }).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function begin(records = smallShop(12)): Promise<{ world: PlanWorld; at: Date }> {
  const world = await planWorld(records);
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  return { world, at };
}

describe("a plan", () => {
  it("names what two lists side by side would show, whatever was done between, and whether the journal saw it", async () => {
    await fc.assert(
      fc.asyncProperty(edits, edits, fc.constantFrom("keep" as const, "remove" as const), fc.boolean(), async (before, after, extras, seen) => {
        const first = smallShop(12);
        const { world } = await begin(first);
        // Honest work before the moment is known from the journal only.
        for (const edit of before) world.source.records = edited(world.source.records, first, edit);
        await captured(world, Array.from({ length: 61 }, (_, n) => ({ kind: "Customer", id: id(n) })));
        const then = world.source.records;
        const at = world.ports.clock.now();
        world.ports.time.advance(60_000);
        for (const edit of after) world.source.records = edited(world.source.records, first, edit);
        if (seen && after.length > 0) await captured(world, after.map(({ n }) => ({ kind: "Customer", id: id(n) })));
        const { outcome } = await plan(world, { at, extras });
        if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
        // The snapshot that the moment is read from is whole; what is new since can be known.
        const said = (await familiesOf(world, outcome.plan)).map((family): [string, string] => [family.id, family.action]);
        expect(said.sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(naive(then, world.source.records, extras));
        expect(world.ports.leftovers()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it("survives a crash at every write: asked again with the keys, it says the same, and the vault is sound", async () => {
    const { world, at } = await begin();
    world.source.records = world.source.records.filter((one) => one.id !== id(2) && one.parentId !== id(2)).map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: "SYNTHETIC mangled" })) } : one));
    const plain = await plan(world, { at });
    if (plain.outcome.kind !== "planned") throw new Error(JSON.stringify(plain.outcome));
    const expected = await familiesOf(world, plain.outcome.plan);
    expect(expected).toHaveLength(2);
    let crashes = 0;
    for (const lost of [false, true]) {
      for (let nth = 1; ; nth++) {
        const planId = await ask(world, { at });
        const put = world.store.putIfAbsent.bind(world.store);
        let writes = 0;
        world.store.putIfAbsent = (async (key: string, bytes: Uint8Array) => {
          if (!key.startsWith("restores/") || ++writes !== nth) return put(key, bytes);
          crashes++;
          // The write was made, and its answer was lost; or it was not made.
          if (lost) await put(key, bytes);
          throw new StoreError("store.unreachable", "the process died here");
        }) as ObjectStore["putIfAbsent"] as typeof world.store.putIfAbsent;
        const first = await workOut(world, planId);
        world.store.putIfAbsent = put;
        if (first.kind === "planned") break;
        expect(first).toEqual({ kind: "failed", code: "store.unreachable" });
        const again = await workOut(world, planId);
        if (again.kind !== "planned") throw new Error(JSON.stringify(again));
        expect(await familiesOf(world, again.plan)).toEqual(expected);
        expect(await world.ports.restorePlans.get(SHOP, planId)).toMatchObject({ state: "draft", version: 1 });
      }
    }
    // A chunk and the plan, lost in two ways.
    expect(crashes).toBe(4);
    expect((await verifyVault({ store: world.store, readData: true })).findings).toEqual([]);
  }, 60_000);

  it("keeps no value of a record: not in the plan, the row, the log, nor in clear in the storage", async () => {
    const shop = smallShop(3);
    const { world, at } = await begin([...shop, { kind: "Customer", id: id(9), parentId: null, bytes: Buffer.from(JSON.stringify({ id: id(9), note: CANARY, defaultEmailAddress: { emailAddress: `${CANARY}@example.test` } })) }]);
    world.source.records = [...shop, { kind: "Customer", id: id(8), parentId: null, bytes: Buffer.from(JSON.stringify({ id: id(8), note: CANARY, defaultEmailAddress: { emailAddress: `${CANARY}@example.test` } })) }];
    const { outcome, row } = await plan(world, { at });
    if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
    const families = await familiesOf(world, outcome.plan);
    expect(families).toMatchObject([{ id: id(9), nowId: id(8), conflict: "re-created" }]);
    const said = [JSON.stringify(outcome.plan), JSON.stringify(families), JSON.stringify(row), await world.ports.saidAndKept()].join("\n");
    expect(said).not.toContain(CANARY);
    for (const [key, bytes] of world.store.objects) if (key.startsWith("restores/")) for (const hidden of [CANARY, id(9), "Customer"]) expect(Buffer.from(bytes).toString("latin1")).not.toContain(hidden);
  });

  it("that was changed in the storage is named by a check of the vault, and is not believed", async () => {
    const { world, at } = await begin();
    world.source.records = world.source.records.map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: "SYNTHETIC mangled" })) } : one));
    const { outcome } = await plan(world, { at });
    if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
    const keys = [...world.store.objects.keys()].filter((key) => key.startsWith("restores/"));
    expect(keys.length).toBe(2);
    for (const key of keys) {
      const whole = world.store.objects.get(key)!;
      const spoilt = Uint8Array.from(whole);
      spoilt[Math.floor(spoilt.length / 2)]! ^= 1;
      world.store.objects.set(key, spoilt);
      expect((await verifyVault({ store: world.store, readData: false })).findings).toMatchObject([{ code: "restore.damaged", object: key }]);
      await expect(familiesOf(world, outcome.plan).then(async () => (await import("#app/workflows/restore/plan-store.ts")).readPlan({ store: world.store, description: (await vaultOf(world)).description, indexKey: (await vaultOf(world)).indexKey }, outcome.plan.planId, 1))).rejects.toMatchObject({ code: "vault.damaged_object" });
      world.store.objects.set(key, whole);
    }
    // One plan's object under another's name is no plan either.
    const [chunk] = keys;
    world.store.objects.set(chunk!.replace(/restores\/[^/]+\//, "restores/another/"), world.store.objects.get(chunk!)!);
    expect((await verifyVault({ store: world.store, readData: false })).findings).toMatchObject([{ code: "restore.damaged" }]);
  });
});
