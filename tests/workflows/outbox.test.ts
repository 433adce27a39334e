/** Events are kept in order while a storage is away, and go into the vault's log once each when it is back. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { recordRequest, requestDrill, requestSnapshot, requestVerify, runDrill, vaultLedger } from "#app/workflows/index.ts";
import type { LedgerOutbox } from "#app/workflows/ports.ts";
import { enterShopEvents, recordEvent } from "#app/workflows/shared/outbox.ts";
import { recordSchedule } from "#app/workflows/setup/record-setting.ts";
import { FakeOutbox } from "#tests/support/fakes-outbox.ts";
import { linkedShop, SHOP, snapshot, STAFF, type LinkedShop } from "./support/linked-shop.ts";

let shop: LinkedShop;
let outbox: FakeOutbox;
let ports: LinkedShop["process"] & { outbox: LedgerOutbox };
beforeEach(async () => {
  shop = await linkedShop();
  outbox = new FakeOutbox();
  ports = Object.assign(shop.process, { outbox });
});

const vaultId = () => shop.process.linked.get(SHOP)!.vaultId;
const refused = (code: string) => ({ actor: "platform", action: "request.refused", subject: { shop: SHOP, asked: "drill.run", code }, outcome: "refused" as const });
const entries = async () => {
  const found = [];
  for await (const entry of (await vaultLedger(ports, vaultId(), shop.store)).entries()) found.push(entry);
  return found;
};
const codes = async () => (await entries()).filter(({ action }) => action === "request.refused").map(({ subject }) => subject["code"]);
function away(): () => void {
  const { putIfAbsent, get, list } = shop.store;
  const gone = () => Promise.reject(new StoreError("store.unreachable", "away", { retry: "later" }));
  Object.assign(shop.store, {
    putIfAbsent: gone,
    get: gone,
    list: () => {
      throw new StoreError("store.unreachable", "away", { retry: "later" });
    },
  });
  return () => void Object.assign(shop.store, { putIfAbsent, get, list });
}

describe("an event", () => {
  it("is in the database and in the vault's log, at the same place", async () => {
    expect(await recordEvent(ports, SHOP, refused("a.one"))).toBe(true);
    const all = await entries();
    expect(outbox.rows).toEqual([expect.objectContaining({ place: all.length - 1, vaultId: vaultId() })]);
    expect(JSON.parse(outbox.rows[0]!.entry)).toEqual(all.at(-1));
  });

  it("is kept while the storage is away, and goes in when it is back, in order, before anything newer", async () => {
    const back = away();
    for (const code of ["a.one", "a.two", "a.three"]) expect(await recordEvent(ports, SHOP, refused(code))).toBe(false);
    expect(await enterShopEvents(ports, SHOP)).toBe(0);
    back();
    expect(await recordEvent(ports, SHOP, refused("a.four"))).toBe(true);
    expect(await codes()).toEqual(["a.one", "a.two", "a.three", "a.four"]);
    expect(await enterShopEvents(ports, SHOP)).toBe(0);
  });

  it("goes in by itself at the next round", async () => {
    const back = away();
    await recordRequest(ports, { actor: { kind: "platform", shop: SHOP }, shop: SHOP, deliveryId: "delivery-9", topic: "customers/redact", customerId: "7", orderIds: [] });
    back();
    expect(await enterShopEvents(ports, SHOP)).toBe(1);
    expect((await entries()).at(-1)).toMatchObject({ action: "compliance.received", subject: { request: "delivery-9" } });
  });

  it("is given no log of its own in an empty folder that stands where the vault was", async () => {
    const { get, list, putIfAbsent } = shop.store;
    const written: string[] = [];
    Object.assign(shop.store, {
      get: () => Promise.resolve(null),
      async *list() {},
      putIfAbsent: (key: string) => {
        written.push(key);
        return Promise.resolve("stored");
      },
    });
    expect(await recordEvent(ports, SHOP, refused("drill.refused"))).toBe(false);
    expect(await enterShopEvents(ports, SHOP)).toBe(0);
    expect(written).toEqual([]);
    Object.assign(shop.store, { get, list, putIfAbsent });
    expect(await enterShopEvents(ports, SHOP)).toBe(1);
    expect(await codes()).toEqual(["drill.refused"]);
  });

  it("goes in once when the answer of the write was lost, wherever that was", async () => {
    for (const kind of ["staged", "checkpoints", "tile/0", "tile/entries"]) {
      const put = shop.store.putIfAbsent;
      let failed = false;
      shop.store.putIfAbsent = async (key, body, options) => {
        const answer = await put.call(shop.store, key, body, options);
        if (!failed && key.startsWith(`ledger/${kind}`)) {
          failed = true;
          throw new StoreError("store.unreachable", "the answer was lost");
        }
        return answer;
      };
      const code = `lost.${kind.replace("/", "_").replace("0", "zero")}`;
      expect(await recordEvent(ports, SHOP, refused(code))).toBe(false);
      shop.store.putIfAbsent = put;
      await recordEvent(ports, SHOP, refused(`${code}.after`));
      expect((await codes()).filter((one) => String(one).startsWith(code))).toEqual([code, `${code}.after`]);
    }
    expect(outbox.rows.every(({ place }) => place !== null)).toBe(true);
    const all = await entries();
    for (const { entry, place } of outbox.rows) expect(JSON.parse(entry)).toEqual(all[place!]);
  });

  it("goes in once when two processes enter at the same time", async () => {
    const back = away();
    for (let n = 0; n < 20; n++) await recordEvent(ports, SHOP, refused(`many.n${n}`));
    back();
    await Promise.all([enterShopEvents(ports, SHOP), enterShopEvents(ports, SHOP), recordEvent(ports, SHOP, refused("many.last"))]);
    expect(await codes()).toEqual([...Array.from({ length: 20 }, (_, n) => `many.n${n}`), "many.last"]);
  });

  it("that may not be entered is kept nowhere", async () => {
    await expect(recordEvent(ports, SHOP, { ...refused("a.b"), subject: { shop: SHOP, note: "Ada Synthetic" } })).rejects.toMatchObject({ code: "ledger.bad_entry" });
    expect(outbox.rows).toEqual([]);
  });

  it("of a shop without a vault has nowhere to go", async () => {
    expect(await recordEvent(ports, "new.myshopify.com", refused("a.b"))).toBe(false);
    expect(outbox.rows).toEqual([]);
  });
});

describe("a snapshot", () => {
  it("is entered once, though the storage failed between its commit and its entry", async () => {
    const put = shop.store.putIfAbsent;
    shop.store.putIfAbsent = (key, body, options) =>
      key.startsWith("ledger/") && [...shop.store.objects.keys()].some((one) => one.startsWith("snapshots/")) ? Promise.reject(new StoreError("store.unreachable", "away")) : put.call(shop.store, key, body, options);
    expect(await snapshot(shop)).toMatchObject({ kind: "failed", code: "store.unreachable" });
    shop.store.putIfAbsent = put;
    expect(await snapshot(shop)).toMatchObject({ kind: "committed" });
    const committed = (await entries()).filter(({ action }) => action === "snapshot.committed").map(({ actor, subject }) => [actor, subject["snapshot"]]);
    expect(committed).toHaveLength(2);
    // By the one who took it, not "entered late".
    expect(committed.map(([actor]) => actor)).toEqual(["staff:42", "staff:42"]);
    expect(new Set(committed.map(([, id]) => id)).size).toBe(2);
  });
});

describe("refusals and settings", () => {
  it("are entered: who asked for what, and what was changed", async () => {
    const other = { kind: "staff", id: "9", shop: "other.myshopify.com" } as const;
    await requestDrill(ports, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, snapshotId: "latest", keys: new Map() });
    await requestSnapshot(ports, { shop: SHOP, actor: other });
    await requestVerify(ports, { shop: SHOP, actor: { kind: "responder", id: "9", shop: SHOP } });
    await recordSchedule(ports, { shop: SHOP, actor: STAFF, frequency: "six-hours", timezone: "America/Argentina/Buenos_Aires" });
    const found = (await entries()).slice(-4).map(({ actor, action, outcome, subject }) => [actor, action, outcome, subject["asked"] ?? subject["frequency"], subject["code"] ?? subject["timezone"]]);
    expect(found).toEqual([
      ["schedule", "request.refused", "refused", "drill.run", "access.not_for_you"],
      ["staff:9", "request.refused", "refused", "snapshot.take", "access.other_shop"],
      ["responder:9", "request.refused", "refused", "vault.verify", "access.not_for_you"],
      ["staff:42", "setting.changed", "done", "six_hours", "America/Argentina/Buenos_Aires"],
    ]);
  });

  it("names a drill that could not begin, with its code", async () => {
    const { run } = await ports.runs.create({ id: "drill-1", shop: SHOP, kind: "drill", requestedBy: "staff:42", requestedAt: ports.clock.now(), input: {} });
    expect(await runDrill(ports, { runId: run.id })).toEqual({ kind: "failed", code: "drill.identity_needed_again" });
    expect((await entries()).at(-1)).toMatchObject({ actor: "staff:42", action: "drill.failed", outcome: "failed", subject: { shop: SHOP, run: "drill-1", code: "drill.identity_needed_again" } });
  });
});
