import { describe, expect, it } from "@jest/globals";
import { overview, runVerify, requestVerify } from "#app/workflows/index.ts";
import { looksSealed, storageEncryption } from "#app/workflows/alerts/watchers/encryption.ts";
import { StoreError } from "#app/vault/index.ts";
import { CANARY } from "#tests/support/canary.ts";
import { runEmergency, takeEmergencySnapshot } from "#app/workflows/capture/emergency.ts";
import { SourceError } from "#app/sources/port.ts";
import { fakeCapture } from "#tests/support/fakes-capture.ts";
import { customer, smallShop } from "#tests/support/fakes-source.ts";
import { SHOP, snapshot, STAFF } from "../support/linked-shop.ts";
import { MINUTE, watchedShop } from "./support.ts";

const DAY = 24 * 60 * MINUTE;

describe("the watchers", () => {
  it("tell of a failed stream of health data within five minutes, while everything else succeeds (C13)", async () => {
    const shop = await watchedShop();
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    // Only the stream with the metafields fails; the rest of the snapshot is taken.
    shop.source.records = [...smallShop(), customer(99, CANARY)];
    shop.source.gaps = [{ code: "stream.failed", stream: "metafields", kind: "Metafield" }];
    const failedAt = shop.process.clock.now().getTime();
    expect(await snapshot(shop)).toMatchObject({ kind: "committed", snapshot: { complete: false } });
    const begun = shop.process.clock.now().getTime();
    while (shop.senders.sent.length === 0 && shop.process.clock.now().getTime() < begun + 10 * MINUTE) await shop.minute();
    expect(shop.process.clock.now().getTime() - failedAt).toBeLessThanOrEqual(5 * MINUTE);
    expect(shop.unresolved()).toEqual([["alert.stream_failed", "stream:metafields", "critical"]]);
    expect(shop.process.alertRecords.rows[0]).toMatchObject({ facts: { gap: "stream.failed", phi: true } });
    expect(shop.senders.sent.map(({ channel, to }) => [channel, ...to])).toEqual([["email", "officer@clinic.example"], ["webhook", "https://hooks.example/services/T/B/x"]]);
    expect(shop.senders.sent[0]?.message.subject).toBe(`[Holdfast] Critical: Health data not copied: metafields (${SHOP})`);
    expect(shop.senders.sent[0]?.message.text).toMatch(/can hold health data.*What to do: Take another snapshot/s);
    // Not green, and it says why.
    expect(await overview(shop.process, { shop: SHOP })).toMatchObject({ state: "at-risk", reasons: expect.arrayContaining([expect.objectContaining({ code: "alert.unresolved", amount: 1 })]) });
    // Nothing of the records got into anything that was said or kept.
    expect(JSON.stringify([shop.process.alertRecords.rows, shop.deliveries.rows, shop.senders.sent, shop.process.lines])).not.toContain(CANARY);
    // A whole snapshot resolves it.
    shop.source.gaps = [];
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    expect((await overview(shop.process, { shop: SHOP })).reasons.map(({ code }) => code)).not.toContain("alert.unresolved");
  });

  it("tell of a stream that failed while the rest of a long run is still being read, and no longer once a run has it whole", async () => {
    const shop = await watchedShop();
    await snapshot(shop);
    await shop.minute(6);
    expect(shop.unresolved()).toEqual([]);
    shop.source.records = Array.from({ length: 15 }, (_, n) => customer(n + 1, "SYNTHETIC"));
    shop.source.failedEarly = ["metafields", "metaobjects/intake_form"];
    const failed = [["alert.stream_failed", "stream:metafields", "critical"], ["alert.stream_failed", "stream:metaobjects", "critical"]];
    const seen: unknown[] = [];
    let toldAfter = Number.POSITIVE_INFINITY;
    shop.source.onBatch = async (n) => {
      if (n !== 1) return;
      const began = shop.process.clock.now().getTime();
      // The rest takes an hour.
      for (let i = 0; i < 60; i++) {
        await shop.minute();
        if (shop.senders.sent.length > 0) toldAfter = Math.min(toldAfter, shop.process.clock.now().getTime() - began);
      }
      seen.push(shop.unresolved());
    };
    shop.source.gaps = [{ code: "stream.failed", stream: "metafields" }, { code: "stream.failed", stream: "metaobjects" }];
    expect(await snapshot(shop)).toMatchObject({ kind: "committed", snapshot: { complete: false } });
    expect(seen).toEqual([failed]);
    expect(toldAfter).toBeLessThanOrEqual(5 * MINUTE);
    expect(shop.senders.sent[0]?.message.text).toContain("is being taken");
    await shop.minute(6);
    expect(shop.unresolved()).toEqual(failed);
    // The next run takes an hour as well; as long as it is not over, what the last one lacks is lacking.
    shop.source.failedEarly = [];
    shop.source.gaps = [];
    await snapshot(shop);
    expect(seen).toEqual([failed, failed]);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("keep apart what was not read at all and what has gaps, and a stream that holds nothing of anybody", async () => {
    const shop = await watchedShop(null);
    shop.source.gaps = [
      { code: "count.mismatch", stream: "customers", kind: "Customer", expected: 30, found: 25 },
      { code: "record.duplicate", stream: "customers", kind: "Customer", line: 3 },
      { code: "stream.cut", stream: "metafield-definitions" },
    ];
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.gap", "stream:customers", "warning"], ["alert.stream_failed", "stream:metafield-definitions", "warning"]]);
    expect(shop.process.alertRecords.rows[0]).toMatchObject({ facts: { gaps: 2, gap: "count.mismatch" } });
  });

  it("tell of an emergency snapshot that failed, as critical, until one that was begun after it was asked for is there", async () => {
    const shop = await watchedShop(null);
    await snapshot(shop);
    shop.process.time.advance(MINUTE);
    const capture = fakeCapture();
    const ports = Object.assign(shop.process, { capture, emergencies: capture.emergencies });
    const asked = await takeEmergencySnapshot(ports, { shop: SHOP, actor: STAFF, reason: "attack" });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    shop.source.failAfter = { records: 0, error: new SourceError("source.unauthorized", "no") };
    expect(await runEmergency(ports, { runId: asked.run.id })).toMatchObject({ kind: "failed" });
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.snapshot_failed", "snapshot", "critical"]]);
    expect((await overview(shop.process, { shop: SHOP })).reasons).toContainEqual(expect.objectContaining({ code: "alert.unresolved", state: "not-safe", detail: "alert.snapshot_failed" }));
    // The overview says so before anybody has looked, too.
    await shop.ports.alerts.resolve({ shop: SHOP, code: "alert.snapshot_failed", subject: "snapshot" });
    expect((await overview(shop.process, { shop: SHOP })).reasons).toContainEqual(expect.objectContaining({ code: "snapshot.last_failed", detail: "source.unauthorized" }));
    shop.source.failAfter = null;
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("do not take an older snapshot for the end of a stream that failed since", async () => {
    const shop = await watchedShop(null);
    await snapshot(shop);
    shop.process.time.advance(MINUTE);
    // As the extraction says it in the middle of a long run.
    await shop.ports.alerts.raise({ shop: SHOP, code: "alert.stream_failed", subject: "stream:orders", severity: "critical" });
    await shop.minute(3);
    expect(shop.unresolved()).toEqual([["alert.stream_failed", "stream:orders", "critical"]]);
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("take a snapshot of changes for no gap, and for no proof that an earlier gap is gone", async () => {
    const shop = await watchedShop(null);
    const changes = { code: "stream.partial", stream: "customers", reason: "incremental" } as const;
    shop.source.gaps = [changes];
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    shop.source.gaps = [{ code: "stream.failed", stream: "orders" }];
    await snapshot(shop);
    shop.source.gaps = [changes, { code: "record.truncated", stream: "customers", line: 2 }];
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.gap", "stream:customers", "warning"], ["alert.stream_failed", "stream:orders", "critical"]]);
    shop.source.gaps = [];
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("tell of a snapshot that failed altogether, and say why", async () => {
    const shop = await watchedShop(null);
    await snapshot(shop);
    shop.source.failAfter = { records: 0, error: new StoreError("store.no_space", "full") };
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.snapshot_failed", "snapshot", "warning"]]);
    expect(shop.process.alertRecords.rows[0]).toMatchObject({ facts: { cause: "store.no_space" } });
    shop.source.failAfter = null;
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it.each([
    ["that nobody asked for", async (shop: Awaited<ReturnType<typeof watchedShop>>) => { shop.schedule.nextAt = shop.process.clock.now(); await Promise.resolve(); }],
    ["that no worker has begun", async (shop: Awaited<ReturnType<typeof watchedShop>>) => {
      shop.schedule.nextAt = new Date(shop.process.clock.now().getTime() + DAY);
      await shop.process.runs.create({ id: "r", shop: SHOP, kind: "snapshot", requestedBy: "schedule", requestedAt: shop.process.clock.now(), input: {} });
    }],
  ])("tell of a scheduled snapshot %s, within five minutes", async (_, miss) => {
    const shop = await watchedShop();
    shop.schedule.enabled = true;
    await miss(shop);
    await shop.minute(2);
    expect(shop.unresolved()).toEqual([]);
    await shop.minute(3);
    expect(shop.unresolved()).toEqual([["alert.schedule_missed", "schedule", "warning"]]);
    await shop.minute(60);
    expect(shop.unresolved()).toEqual([["alert.schedule_missed", "schedule", "critical"]]);
    shop.schedule.enabled = false;
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("tell of a storage that stays away, and of nothing when it was away for a moment", async () => {
    const shop = await watchedShop();
    const { store, process } = shop;
    await snapshot(shop);
    const away = () => void process.byUrl.set("memory://vault", { ...store, traits: store.traits, get: () => Promise.reject(new StoreError("store.unreachable", "away", { retry: "later" })), list: store.list.bind(store), putIfAbsent: store.putIfAbsent.bind(store), remove: store.remove.bind(store) });
    away();
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.storage_unreachable", "storage", "warning"]]);
    process.byUrl.set("memory://vault", store);
    await shop.minute(3);
    expect(shop.unresolved()).toEqual([]);
    expect(shop.senders.sent).toEqual([]);
    expect(shop.deliveries.rows.map(({ state }) => state)).toEqual(["unneeded", "unneeded"]);
    away();
    await shop.minute(4);
    expect(shop.unresolved()).toEqual([["alert.storage_unreachable", "storage", "critical"]]);
    expect(shop.senders.sent.map(({ message }) => message.subject)[0]).toContain("The storage cannot be reached");
    expect(await overview(process, { shop: SHOP })).toMatchObject({ state: "not-safe" });
  });

  it("tell of a vault that is not there any more, at once as critical", async () => {
    const shop = await watchedShop(null);
    shop.store.objects.clear();
    await shop.minute();
    expect(shop.unresolved()).toContainEqual(["alert.storage_unreachable", "storage", "critical"]);
    expect(shop.process.alertRecords.rows[0]).toMatchObject({ facts: { cause: "vault.not_found" } });
  });

  it("tell of what a check found, until a check finds nothing", async () => {
    const shop = await watchedShop(null);
    await snapshot(shop);
    const pack = [...shop.store.objects.keys()].find((key) => /^packs\/..\/[0-9a-f]{64}$/.test(key))!;
    const kept = shop.store.objects.get(pack)!;
    shop.store.objects.delete(pack);
    const verify = async () => {
      shop.process.time.advance(MINUTE);
      const asked = await requestVerify(shop.process, { shop: SHOP, actor: STAFF });
      if (asked.kind !== "requested") throw new Error(asked.kind);
      await runVerify(shop.process, { runId: asked.run.id });
    };
    await verify();
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.verify_finding", "vault", "critical"]]);
    // What capture found of its journal is not this watcher's to take back.
    await shop.ports.alerts.raise({ shop: SHOP, code: "alert.verify_finding", subject: "journal", severity: "critical" });
    shop.store.objects.set(pack, kept);
    await verify();
    await shop.minute();
    expect(shop.unresolved()).toEqual([["alert.verify_finding", "journal", "critical"]]);
  });

  it("tell of keys that come of age, and of no mere advice", async () => {
    const shop = await watchedShop(null);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    shop.process.time.advance(352 * DAY);
    await shop.minute();
    expect(shop.unresolved().map(([code, subject]) => [code, String(subject).replace(/[A-Za-z0-9_-]{43}/, "KEY")])).toEqual([["alert.key_due", "key:KEY:replace-recipient"], ["alert.key_due", "key:index-key:begin-a-new-vault"]]);
  });

  it("tell of a recovery point that is older than its goal, stream by stream, until a snapshot brings it back", async () => {
    const shop = await watchedShop(null);
    const capture = fakeCapture();
    shop.ports.capture = capture;
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    await snapshot(shop);
    capture.captureRecords.goals.set("customers", 30);
    await shop.minute(29);
    expect(shop.unresolved()).toEqual([]);
    await shop.minute(5);
    expect(shop.unresolved()).toEqual([["alert.recovery_point_breached", "stream:customers", "warning"]]);
    expect(shop.process.alertRecords.rows[0]).toMatchObject({ facts: { objectiveMs: 30 * MINUTE, basis: "snapshot", ageMs: expect.any(Number) } });
    await shop.minute(60);
    expect(shop.unresolved()).toEqual([["alert.recovery_point_breached", "stream:customers", "critical"]]);
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
  });

  it("tell of privacy requests before their time runs out, also when the shop has removed the app", async () => {
    const shop = await watchedShop(null);
    const dueAt = new Date(shop.process.clock.now().getTime() + 30 * DAY);
    await shop.process.compliance.add({ id: "delivery-1", shop: SHOP, topic: "customers/redact", customerId: "77", orderIds: [], receivedAt: shop.process.clock.now(), dueAt } as Parameters<typeof shop.process.compliance.add>[0]);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    const { watchShop } = await import("#app/workflows/alerts/watch.ts");
    shop.process.time.advance(24 * DAY);
    shop.store.objects.clear();
    await watchShop(shop.ports, { shop: SHOP, installed: false, memory: new Map() });
    expect(shop.unresolved()).toEqual([["alert.erasure_due", "request:delivery-1", "warning"]]);
    shop.process.time.advance(5 * DAY);
    await watchShop(shop.ports, { shop: SHOP, installed: false, memory: new Map() });
    expect(shop.unresolved()).toEqual([["alert.erasure_due", "request:delivery-1", "critical"]]);
  });
});

describe("the look at encryption", () => {
  it("finds a pack that was written unsealed, and nothing in a vault as it is", async () => {
    const shop = await watchedShop(null);
    await snapshot(shop);
    await shop.minute();
    expect(shop.unresolved()).toEqual([]);
    const plain = Buffer.concat([Buffer.from("HFPACK\0\x01"), Buffer.alloc(68), Buffer.from([0, 0, 0, 1]), Buffer.alloc(12), Buffer.from("SYNTHETIC plain text ".repeat(500))]);
    for (const key of [...shop.store.objects.keys()]) if (/^packs\/..\/[0-9a-f]{64}$/.test(key)) shop.store.objects.set(key, plain);
    await shop.minute(61);
    expect(shop.unresolved()).toEqual([["alert.storage_unencrypted", "vault:packs", "critical"]]);
  });

  it("tells sealed bytes from text", () => {
    expect(looksSealed(Buffer.from(crypto.getRandomValues(new Uint8Array(4096))))).toBe(true);
    expect(looksSealed(Buffer.from("SYNTHETIC text ".repeat(400)))).toBe(false);
  });

  it.each([
    ["file:///vaults/one", true, "unseen"],
    ["sftp://u@host/vault", true, "unseen"],
    ["s3://bucket/prefix", true, "provider"],
    ["s3://bucket?endpoint=https://minio.example", true, "not-asked"],
    ["s3://bucket?endpoint=http://10.0.0.5:9000&sse=AES256", false, "asked"],
    ["s3://bucket?endpoint=http://localhost:9000&sse=AES256", true, "asked"],
    ["az://account/container", true, "provider"],
    ["gs://bucket/prefix", true, "provider"],
    [`replicated:?first=${encodeURIComponent("gs://a/b")}&second=${encodeURIComponent("s3://c?endpoint=http://far.example")}`, false, "not-asked"],
  ])("says of %s what can be known from here", (address, inTransit, atRest) => {
    expect(storageEncryption(address)).toEqual({ inTransit, atRest });
  });
});
