/** Changes into the journal: what is fetched counts, not what a message says; and nothing that waits is lost, whoever dies. */
import { describe, expect, it } from "@jest/globals";
import { SourceError } from "#app/sources/port.ts";
import { StoreError, verifyVault } from "#app/vault/index.ts";
import { SHOP } from "../support/linked-shop.ts";
import { capturedShop, family, linesOf } from "./kit.ts";

describe("folding changes", () => {
  it("seals what changed as it is now, once, however many messages there were", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    await shop.snapshot();
    model.put(family(1, "second", 2));
    model.put(family(2, "new"));
    for (const n of [1, 1, 2, 1]) shop.capture.captureQueue.receive(shop.event(n));
    expect(await shop.fold()).toEqual({ kind: "folded", sealed: 2, failed: 0, more: false });
    expect(model.fetches).toBe(2);
    expect(await shop.lines()).toEqual(linesOf(model.records));
    expect(shop.capture.captureQueue.pending.get(SHOP)?.size).toBe(0);
    expect((await verifyVault({ store: shop.store, readData: true, opener: shop.identity.opener, threads: 0 })).findings).toEqual([]);
  });

  it("keeps a deletion as a tombstone with the last state, once", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    model.put(family(2, "kept"));
    await shop.snapshot();
    model.put(family(1, "second"));
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.fold();
    model.delete("gid://shopify/Customer/1");
    shop.capture.captureQueue.receive(shop.event(1, { topic: "customers/delete", action: "delete" }));
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect(await shop.lines()).toEqual(linesOf(model.records));
    shop.capture.captureQueue.receive(shop.event(1, { topic: "customers/delete", action: "delete" }));
    expect(await shop.fold()).toMatchObject({ sealed: 0 });
    // Nobody ever knew this one.
    shop.capture.captureQueue.receive(shop.event(77, { topic: "customers/delete", action: "delete" }));
    expect(await shop.fold()).toMatchObject({ sealed: 0 });
    expect(shop.capture.captureQueue.pending.get(SHOP)?.size).toBe(0);
  });

  it("finds what is gone by each of the names that a record of its kind can have", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    model.put(family(2, "kept"));
    await shop.snapshot();
    const { kinds, orderedKinds } = shop.ports.captureCatalogue;
    Object.assign(shop.ports, { captureCatalogue: { kinds: kinds.map((kind) => (kind.kind === "Customer" ? { ...kind, types: ["Customer", "OtherName"] } : kind)), orderedKinds } });
    model.delete("gid://shopify/Customer/1");
    const gone = (): unknown => shop.capture.captureQueue.receive(shop.event(1, { recordId: "gid://shopify/OtherName/1", topic: "customers/delete", action: "delete" }));
    gone();
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect(await shop.lines()).toEqual(linesOf(model.records));
    gone();
    expect(await shop.fold()).toMatchObject({ sealed: 0 });
  });

  it("fetches again what changed while it was fetched", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    shop.capture.captureQueue.receive(shop.event(1));
    model.onFetch = () => {
      model.onFetch = () => undefined;
      shop.capture.captureQueue.receive(shop.event(1));
    };
    await shop.fold();
    expect(shop.capture.captureQueue.pending.get(SHOP)?.size).toBe(1);
    model.put(family(1, "second"));
    await shop.fold();
    expect(shop.capture.captureQueue.pending.get(SHOP)?.size).toBe(0);
    expect(await shop.lines()).toEqual(linesOf(model.records));
  });

  it("leaves waiting what could not be fetched, and tries later and later", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    model.put(family(2, "second"));
    for (const n of [1, 2]) shop.capture.captureQueue.receive(shop.event(n));
    model.fault = (_, id) => (id.endsWith("/1") ? new SourceError("source.failed", "no") : null);
    expect(await shop.fold()).toEqual({ kind: "folded", sealed: 1, failed: 1, more: false });
    expect(await shop.fold()).toMatchObject({ sealed: 0, failed: 0 });
    shop.process.time.advance(2_000);
    expect(await shop.fold()).toMatchObject({ failed: 1 });
    shop.process.time.advance(3_999);
    expect(await shop.fold()).toMatchObject({ failed: 0 });
    model.fault = null;
    shop.process.time.advance(1);
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect(await shop.lines()).toEqual(linesOf(model.records));
  });

  it("stops asking a shop that refuses everything", async () => {
    const shop = await capturedShop();
    for (let n = 0; n < 50; n++) shop.capture.captureQueue.receive(shop.event(n));
    shop.capture.currentState.fault = () => new SourceError("source.unauthorized", "no");
    expect(await shop.fold()).toMatchObject({ kind: "folded", failed: 50 });
    expect(shop.capture.currentState.fetches).toBeLessThan(10);
  });

  it("loses nothing when the storage is away, and goes on when it is back", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    shop.capture.captureQueue.receive(shop.event(1));
    const put = shop.store.putIfAbsent.bind(shop.store);
    shop.store.putIfAbsent = () => Promise.reject(new StoreError("store.unreachable", "away", { retry: "later" }));
    expect(await shop.fold()).toEqual({ kind: "failed", code: "store.unreachable" });
    shop.store.putIfAbsent = put;
    shop.process.time.advance(5_000);
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect(await shop.lines()).toEqual(linesOf(model.records));
  });

  it("goes on behind a segment whose note was lost", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.fold();
    const { sealed } = shop.capture.captureQueue;
    model.put(family(2, "second"));
    shop.capture.captureQueue.receive(shop.event(2));
    shop.capture.captureQueue.sealed = () => Promise.reject(new Error("the database went away"));
    await expect(shop.fold()).rejects.toThrow("went away");
    shop.capture.captureQueue.sealed = sealed;
    // Another process takes over; the record is noted from the segment itself, and fetched once more.
    shop.process.time.advance(60_000);
    model.delete("gid://shopify/Customer/2");
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect(await shop.lines()).toEqual(linesOf(model.records));
    expect((await verifyVault({ store: shop.store, readData: true, opener: shop.identity.opener, threads: 0 })).findings).toEqual([]);
  });

  it("tells a person when the storage was set back, and goes on", async () => {
    const shop = await capturedShop();
    const model = shop.capture.currentState;
    model.put(family(1, "first"));
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.fold();
    for (const key of [...shop.store.objects.keys()]) if (key.startsWith("journal/")) shop.store.objects.delete(key);
    shop.sessions.closeAll();
    shop.capture.captureQueue.receive(shop.event(1));
    expect(await shop.fold()).toMatchObject({ sealed: 1 });
    expect([...shop.process.alerts.open.values()]).toMatchObject([{ code: "alert.verify_finding", subject: "journal", severity: "critical" }]);
  });

  it("lets one process write at a time, and drops what waits for a shop without a vault", async () => {
    const shop = await capturedShop();
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.capture.captureQueue.lease(SHOP, shop.process.clock.now(), new Date(shop.process.clock.now().getTime() + 1000));
    expect(await shop.fold()).toEqual({ kind: "leased-elsewhere" });
    await shop.capture.captureQueue.release(SHOP);
    shop.process.links.get = () => Promise.resolve(null);
    expect(await shop.fold()).toEqual({ kind: "not-linked", dropped: 1 });
  });

  it("enters how far the journal is into the vault's own log", async () => {
    const shop = await capturedShop();
    shop.capture.currentState.put(family(1, "first"));
    for (let i = 0; i < 3; i++) {
      shop.capture.captureQueue.receive(shop.event(1));
      await shop.fold();
    }
    // Once: the next time is a quarter of an hour later.
    expect(shop.capture.captureQueue.heads.get(SHOP)).toMatchObject({ sequence: 3, entered: 1 });
    shop.process.time.advance(16 * 60_000);
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.fold();
    expect(shop.capture.captureQueue.heads.get(SHOP)).toMatchObject({ sequence: 4, entered: 4 });
  });

  it("says nothing about a record in what it logs", async () => {
    const shop = await capturedShop();
    shop.capture.currentState.put(family(1, "CANARY"));
    shop.capture.captureQueue.receive(shop.event(1));
    await shop.fold();
    expect(JSON.stringify(shop.process.lines)).not.toMatch(/CANARY|Customer\/1/);
  });
});
