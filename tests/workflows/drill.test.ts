import { afterEach, describe, expect, it } from "@jest/globals";
import { SourceError } from "#app/sources/port.ts";
import { prepareDrill, rebuildCatalog, requestDrill, runDrill, type DrillOutcome } from "#app/workflows/index.ts";
import { fakeRehearsal, smallShop } from "#tests/support/fakes-source.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, type LinkedShop } from "./support/linked-shop.ts";

let shop: LinkedShop;
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

/** The whole way a person goes: prepare, unwrap in the browser, request, and the worker runs it. */
async function drill(rehearsal = fakeRehearsal(), keys?: Map<string, Uint8Array>): Promise<DrillOutcome> {
  shop.process.startShop = () => Promise.resolve(rehearsal);
  shop.process.time.advance(3_600_000);
  const asked = await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: keys ?? (await unwrapped(shop)) });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  const outcome = await runDrill(shop.process, { runId: asked.run.id });
  expect(rehearsal.stopped).toBe(outcome.kind === "finished" && outcome.drill.steps.some(({ step }) => step === "restore"));
  return outcome;
}

const replaceValue = (records: SourceRecord[], kind: string, text: string): SourceRecord[] => {
  const at = records.findIndex((record) => record.kind === kind);
  const one = records[at]!;
  const fields = { ...(JSON.parse(Buffer.from(one.bytes).toString()) as object), ...(kind === "Metafield" ? { value: text } : { note: text }) };
  return records.with(at, { ...one, bytes: Buffer.from(JSON.stringify(fields)) });
};

describe("a drill that passes", () => {
  it("compares every record, restores them, and finds the same root", async () => {
    shop = await linkedShop();
    const taken = await snapshot(shop);
    const outcome = await drill();
    if (outcome.kind !== "finished" || taken.kind !== "committed") throw new Error(outcome.kind);
    expect(outcome.drill).toMatchObject({
      passed: true,
      code: "drill.passed",
      snapshotId: taken.snapshot.snapshotId,
      compared: 50,
      restored: 50,
      refused: 0,
      differences: [],
      losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns" }],
      costPoints: 500,
      plusEstimateMs: 500,
      requestedBy: "staff:42",
    });
    expect(outcome.drill.steps.map(({ step }) => step)).toEqual(["open", "compare", "restore", "re-read", "compare-roots"]);
    expect(outcome.drill.rpoMs).toBeGreaterThanOrEqual(3_600_000);
    expect(shop.process.runs.runs.get(outcome.drill.drillId)).toMatchObject({ state: "succeeded", code: "drill.passed" });
  });

  it("times every step by the clock and adds them up to the recovery time", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const outcome = await drill(fakeRehearsal({ onRestore: () => shop.process.time.advance(90_000) }));
    if (outcome.kind !== "finished") throw new Error(outcome.kind);
    expect(outcome.drill.steps.find(({ step }) => step === "restore")?.ms).toBe(90_000);
    expect(outcome.drill.rtoMs).toBe(90_000);
  });

  it("leaves a ledger entry from which the catalog's row can be made again, to the letter", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    await drill(fakeRehearsal({ spoil: (records) => replaceValue(records, "Metafield", "SYNTHETIC other") }));
    const before = await shop.process.catalog.drills(SHOP);
    shop.process.catalog.drillRows.clear();
    expect(await rebuildCatalog(shop.process, { shop: SHOP })).toMatchObject({ kind: "rebuilt", drills: 1 });
    expect(await shop.process.catalog.drills(SHOP)).toEqual(before);
  });
});

describe("a restored shop that is not the same", () => {
  it.each([
    ["another value", "Metafield", (records: SourceRecord[]) => replaceValue(records, "Metafield", "SYNTHETIC other"), [{ kind: "Metafield", field: "value", records: 1 }]],
    ["a record too few", "Customer", (records: SourceRecord[]) => records.slice(0, -2), [{ kind: "Customer", field: "(missing)", records: 1 }, { kind: "Metafield", field: "(missing)", records: 1 }]],
    ["a record too many", "Customer", (records: SourceRecord[]) => [...records, { kind: "Customer", id: "gid://shopify/Customer/1", parentId: null, bytes: Buffer.from("{}") }], [{ kind: "Customer", field: "(unexpected)", records: 1 }]],
  ])("fails for %s, naming kind and field", async (_, _kind, spoil, differences) => {
    shop = await linkedShop();
    await snapshot(shop);
    const outcome = await drill(fakeRehearsal({ spoil }));
    expect(outcome).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.differs", differences } });
    expect(shop.process.runs.runs.get("run-2")).toMatchObject({ state: "failed", code: "drill.differs" });
  });

  it("fails when it could not be read back whole", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const rehearsal = fakeRehearsal();
    (rehearsal.source as unknown as { gaps: unknown[] }).gaps = [{ code: "stream.cut", stream: "customers" }];
    expect(await drill(rehearsal)).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.not_read_back" } });
  });

  it("fails when the shop's own count says that something was not read back", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const rehearsal = fakeRehearsal();
    (rehearsal.source as unknown as { counts: unknown }).counts = { Customer: { expected: 26, at: "2026-11-22T09:00:00.000Z" } };
    expect(await drill(rehearsal)).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.not_read_back" } });
  });

  it("tells how many differ beyond those it looks at one by one", async () => {
    shop = await linkedShop(smallShop(700));
    await snapshot(shop);
    const spoil = (records: SourceRecord[]): SourceRecord[] => records.map((record) => (record.kind === "Metafield" ? { ...record, bytes: Buffer.from(JSON.stringify({ id: record.id, value: "SYNTHETIC other" })) } : record));
    const outcome = await drill(fakeRehearsal({ spoil }));
    if (outcome.kind !== "finished") throw new Error(outcome.kind);
    const { differences } = outcome.drill;
    expect(differences.map(({ kind, field }) => `${kind} ${field}`)).toEqual(["Metafield (not looked at)", "Metafield value"]);
    expect(differences.reduce((sum, { records }) => sum + records, 0)).toBe(700);
  });
});

describe("a vault that is not what it was", () => {
  it("fails and names the object when a pack was changed", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const key = [...shop.store.objects.keys()].find((name) => /^packs\/..\/[0-9a-f]+$/.test(name))!;
    const keys = await unwrapped(shop);
    const body = shop.store.objects.get(key)!;
    body[body.length - 20]! ^= 1;
    const outcome = await drill(fakeRehearsal(), keys);
    expect(outcome).toMatchObject({ kind: "finished", drill: { passed: false, code: "vault.damaged_object", object: key, restored: 0 } });
    expect([...shop.process.catalog.drillRows.values()][0]).toMatchObject({ passed: false, object: key });
  });

  it("fails and names the object when a pack is gone", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const key = [...shop.store.objects.keys()].find((name) => /^packs\/..\/[0-9a-f]+$/.test(name))!;
    const keys = await unwrapped(shop);
    shop.store.objects.delete(key);
    expect(await drill(fakeRehearsal(), keys)).toMatchObject({ kind: "finished", drill: { passed: false, code: "vault.missing_object", object: key } });
  });
});

describe("identities", () => {
  it("hands the browser sealed keys that another identity does not open", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const prepared = await prepareDrill(shop.process, { shop: SHOP, actor: STAFF });
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    const stranger = await testIdentity();
    expect(prepared.recipients).toEqual([shop.identity.recipient.keyId]);
    for (const { jwe } of prepared.keys) expect(await stranger.opener.open(Buffer.from(jwe))).toBeNull();
  });

  it("fails with keys that are not the snapshot's, before anything is restored", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const wrong = new Map([...(await unwrapped(shop)).keys()].map((id) => [id, new Uint8Array(32).fill(7)]));
    const outcome = await drill(fakeRehearsal(), wrong);
    if (outcome.kind !== "finished") throw new Error(outcome.kind);
    expect(outcome.drill).toMatchObject({ passed: false, compared: 0, restored: 0 });
    expect(outcome.drill.code).toMatch(/^(vault|drill)\./);
  });

  it("fails when a key is missing", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const other = new Map([["another-key", new Uint8Array(32).fill(1)]]);
    expect(await drill(fakeRehearsal(), other)).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.key_missing" } });
  });

  it("does not take what is no key", async () => {
    shop = await linkedShop();
    const keys = new Map([["k", new Uint8Array(31).fill(1)]]);
    expect(await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys })).toEqual({ kind: "bad-keys", code: "drill.bad_keys" });
    expect([...keys.values()][0]!.every((byte) => byte === 0)).toBe(true);
  });

  it("is not started by a schedule", async () => {
    shop = await linkedShop();
    const keys = new Map([["k", new Uint8Array(32).fill(1)]]);
    expect(await requestDrill(shop.process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, snapshotId: "latest", keys })).toMatchObject({ kind: "refused" });
    expect(shop.process.runs.runs.size).toBe(0);
  });
});

describe("a drill whose worker dies", () => {
  it("asks for the identity again and leaves nothing half", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const killed = fakeRehearsal({
      onRestore: () => {
        shop.process.runs.heartbeat = "lost";
        shop.process.runs.workerDied("run-2");
      },
    });
    shop.process.startShop = () => Promise.resolve(killed);
    const asked = await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: await unwrapped(shop) });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    expect(await runDrill(shop.process, { runId: asked.run.id })).toEqual({ kind: "not-claimed" });
    expect(killed.stopped).toBe(true);
    expect(shop.process.catalog.drillRows.size).toBe(0);
    shop.process.runs.heartbeat = null;
    expect(await runDrill(shop.process, { runId: asked.run.id })).toEqual({ kind: "failed", code: "drill.identity_needed_again" });
    expect(shop.process.runs.runs.get(asked.run.id)).toMatchObject({ state: "failed", code: "drill.identity_needed_again" });
    expect(shop.process.catalog.drillRows.size).toBe(0);
  });

  it("says so too when the process is told to stop in the middle", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const stop = new AbortController();
    shop.process.startShop = () => Promise.resolve(fakeRehearsal({ onRestore: () => stop.abort() }));
    await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: await unwrapped(shop) });
    expect(await runDrill(shop.process, { runId: "run-2", signal: stop.signal })).toEqual({ kind: "failed", code: "drill.identity_needed_again" });
  });

  it("throws away keys that were brought while another drill was under way", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const keys = await unwrapped(shop);
    await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: new Map([...keys].map(([id, key]) => [id, key.slice()])) });
    expect(await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys })).toMatchObject({ kind: "already-running" });
    expect([...shop.process.held.keys()]).toEqual(["run-2"]);
    shop.process.startShop = () => Promise.resolve(fakeRehearsal());
    await runDrill(shop.process, { runId: "run-2" });
  });
});

describe("a rehearsal that cannot be held", () => {
  it("is a failed drill with the target's code when the shop goes away", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const gone = fakeRehearsal({
      onRestore: () => {
        throw new SourceError("source.unreachable", "gone", { retry: "later" });
      },
    });
    expect(await drill(gone)).toMatchObject({ kind: "finished", drill: { passed: false, code: "source.unreachable", compared: 50 } });
  });

  it("has nothing to rehearse when there is no snapshot", async () => {
    shop = await linkedShop();
    expect(await prepareDrill(shop.process, { shop: SHOP, actor: STAFF })).toEqual({ kind: "no-snapshot" });
  });
});
