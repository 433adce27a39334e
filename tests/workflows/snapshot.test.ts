import { afterEach, describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { SourceError } from "#app/sources/port.ts";
import { listSnapshots, rebuildCatalog, requestCancel, requestSnapshot, takeSnapshot, vaultLedger } from "#app/workflows/index.ts";
import type { LedgerEntry } from "#app/ledger/index.ts";
import { customer } from "#tests/support/fakes-source.ts";
import { linkedShop, SHOP, snapshot, STAFF, type LinkedShop } from "./support/linked-shop.ts";

let shop: LinkedShop;
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

async function entries({ process, store }: LinkedShop): Promise<LedgerEntry[]> {
  const ledger = await vaultLedger(process, process.linked.get(SHOP)!.vaultId, store);
  const all: LedgerEntry[] = [];
  for await (const entry of ledger.entries()) all.push(entry);
  return all;
}

const manifests = (): string[] => [...shop.store.objects.keys()].filter((key) => key.startsWith("snapshots/"));

describe("taking a snapshot", () => {
  it("commits, enters it into the ledger and shows it in the catalog", async () => {
    shop = await linkedShop();
    shop.source.counts = { Customer: { expected: 25, at: "2026-11-22T09:00:00.000Z" } };
    const outcome = await snapshot(shop);
    expect(outcome.kind).toBe("committed");
    const { snapshots, total, running } = await listSnapshots(shop.process, { shop: SHOP });
    expect({ total, running }).toEqual({ total: 1, running: null });
    expect(snapshots[0]).toMatchObject({ complete: true, records: 50, added: 50, kinds: { Customer: { records: 25, expected: 25 } } });
    const committed = (await entries(shop)).find(({ action }) => action === "snapshot.committed")!;
    expect(committed).toMatchObject({ actor: "staff:42", outcome: "done", subject: { snapshot: snapshots[0]!.snapshotId, root: snapshots[0]!.root, manifest: snapshots[0]!.manifestDigest, complete: true } });
    expect([...shop.process.runs.runs.values()][0]).toMatchObject({ state: "succeeded", code: "snapshot.committed", result: snapshots[0]!.snapshotId });
  });

  it("shows what changed since the last one", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    shop.source.records = [...shop.source.records.filter(({ id }) => !id.endsWith("/1003") && !id.endsWith("/5003")), customer(900)].map((record) =>
      record.id.endsWith("/1004") ? customer(4, "SYNTHETIC changed") : record,
    );
    const second = await snapshot(shop);
    expect(second).toMatchObject({ kind: "committed", snapshot: { added: 1, changed: 1, removed: 2, unchanged: 47 } });
  });

  it("is not green when the shop counts more than was read", async () => {
    shop = await linkedShop();
    shop.source.counts = { Customer: { expected: 27, at: "2026-11-22T09:00:00.000Z" } };
    const outcome = await snapshot(shop);
    expect(outcome).toMatchObject({ kind: "committed", snapshot: { complete: false, gapCount: 1, gaps: [{ code: "count.mismatch", kind: "Customer", expected: 27, found: 25 }] } });
    expect([...shop.process.runs.runs.values()][0]?.code).toBe("snapshot.committed_with_gaps");
  });

  it("shows progress with counts while it runs", async () => {
    shop = await linkedShop();
    shop.source.onBatch = async () => {
      shop.process.time.advance(3000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    };
    await snapshot(shop);
    const steps = shop.process.runs.progress.map(({ step }) => step);
    expect(steps).toContain("running");
    expect(steps).toContain("downloading");
    expect(shop.process.runs.progress.at(-1)).toMatchObject({ step: "committing", records: 50 });
  });

  it("answers the run that is under way instead of starting a second one", async () => {
    shop = await linkedShop();
    const first = await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
    const second = await requestSnapshot(shop.process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP } });
    expect(second).toEqual({ kind: "already-running", run: first.kind === "requested" ? first.run : null });
  });

  it("refuses another shop's staff and a shop without storage", async () => {
    shop = await linkedShop();
    expect(await requestSnapshot(shop.process, { shop: SHOP, actor: { ...STAFF, shop: "other.myshopify.com" } })).toEqual({ kind: "refused", code: "access.other_shop" });
    expect(await requestSnapshot(shop.process, { shop: "new.myshopify.com", actor: { kind: "schedule", shop: "new.myshopify.com" } })).toMatchObject({ kind: "not-linked" });
  });
});

describe("a run that does not end well", () => {
  it("is recorded with the source's code and leaves no snapshot", async () => {
    shop = await linkedShop();
    shop.source.failAfter = { records: 20, error: new SourceError("source.unreachable", "gone", { retry: "later" }) };
    expect(await snapshot(shop)).toEqual({ kind: "failed", code: "source.unreachable", retry: "later" });
    expect(manifests()).toEqual([]);
    expect([...shop.process.runs.runs.values()][0]).toMatchObject({ state: "failed", code: "source.unreachable" });
    expect((await entries(shop)).at(-1)).toMatchObject({ action: "snapshot.failed", outcome: "failed", subject: { code: "source.unreachable" } });
    expect((await listSnapshots(shop.process, { shop: SHOP })).lastFailure?.code).toBe("source.unreachable");
    shop.source.failAfter = null;
    expect((await snapshot(shop)).kind).toBe("committed");
  });

  it("is recorded with the store's code when the storage refuses a write", async () => {
    shop = await linkedShop();
    const put = shop.store.putIfAbsent.bind(shop.store);
    shop.store.putIfAbsent = (key, body) => (key.startsWith("snapshots/") ? Promise.reject(new StoreError("store.no_space", "full")) : put(key, body));
    expect(await snapshot(shop)).toMatchObject({ kind: "failed", code: "store.no_space" });
    expect(manifests()).toEqual([]);
  });

  it("throws what is nobody's expected outcome, after recording that it happened", async () => {
    shop = await linkedShop();
    shop.source.failAfter = { records: 0, error: new TypeError("a fault of ours") };
    await expect(snapshot(shop)).rejects.toThrow("a fault of ours");
    expect([...shop.process.runs.runs.values()][0]).toMatchObject({ state: "failed", code: "unexpected" });
  });

  it("stops when a person cancels, and leaves no snapshot", async () => {
    shop = await linkedShop();
    shop.source.onBatch = async (n) => {
      if (n === 1) expect(await requestCancel(shop.process, { shop: SHOP, actor: STAFF, runId: "run-1" })).toEqual({ kind: "asked" });
      shop.process.time.advance(3000);
      await new Promise((resolve) => setImmediate(resolve));
    };
    expect(await snapshot(shop)).toEqual({ kind: "cancelled" });
    expect(manifests()).toEqual([]);
    expect(shop.process.runs.runs.get("run-1")).toMatchObject({ state: "cancelled", code: "snapshot.cancelled" });
  });

  it("does not let one shop cancel another's run", async () => {
    shop = await linkedShop();
    await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
    const other = "other.myshopify.com";
    expect(await requestCancel(shop.process, { shop: other, actor: { kind: "staff", id: "1", shop: other }, runId: "run-1" })).toEqual({ kind: "nothing-to-stop" });
  });

  it("writes nothing more when another worker has taken the lease", async () => {
    shop = await linkedShop();
    shop.source.onBatch = (n) => {
      // The very last batch: only the look right before the commit can notice.
      if (n === 4) shop.process.runs.heartbeat = "lost";
    };
    expect(await snapshot(shop)).toEqual({ kind: "not-claimed" });
    expect(manifests()).toEqual([]);
    shop.process.runs.workerDied("run-1");
  });
});

describe("after a restart in the middle", () => {
  it("goes on with what the source had under way", async () => {
    shop = await linkedShop();
    const stop = new AbortController();
    shop.source.onBatch = (n) => {
      if (n === 2) stop.abort();
    };
    await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
    expect(await takeSnapshot(shop.process, { runId: "run-1", signal: stop.signal })).toEqual({ kind: "interrupted" });
    expect(manifests()).toEqual([]);
    shop.process.runs.workerDied("run-1");
    shop.source.onBatch = () => undefined;
    expect((await takeSnapshot(shop.process, { runId: "run-1" })).kind).toBe("committed");
    expect(shop.source.resumedWith).toEqual([null, { version: 1, operation: "gid://shopify/BulkOperation/1" }]);
    expect(manifests()).toHaveLength(1);
  });

  it("does not take a second snapshot when the first worker died right after its commit", async () => {
    shop = await linkedShop();
    const put = shop.store.putIfAbsent.bind(shop.store);
    shop.store.putIfAbsent = (key, body) => (key.startsWith("ledger/") && manifests().length > 0 ? Promise.reject(new StoreError("store.unreachable", "died")) : put(key, body));
    await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
    expect((await takeSnapshot(shop.process, { runId: "run-1" })).kind).toBe("failed");
    expect(manifests()).toHaveLength(1);
    // What a killed process leaves: the run still "running", nobody holding it.
    Object.assign(shop.process.runs.runs.get("run-1")!, { state: "running", code: null });
    shop.store.putIfAbsent = put;
    const again = await takeSnapshot(shop.process, { runId: "run-1" });
    expect(again.kind).toBe("committed");
    expect(manifests()).toHaveLength(1);
    const late = (await entries(shop)).filter(({ action }) => action === "snapshot.committed");
    expect(late).toHaveLength(1);
    expect(late[0]).toMatchObject({ actor: "system", reason: expect.stringContaining("interrupted") as unknown });
    expect((await listSnapshots(shop.process, { shop: SHOP })).total).toBe(1);
  });
});

describe("the catalog is only a view", () => {
  it("is the same again after it was dropped", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    shop.source.gaps = [{ code: "stream.cut", stream: "customers" }];
    await snapshot(shop);
    const before = await shop.process.catalog.snapshots(SHOP);
    expect(before).toHaveLength(2);
    shop.process.catalog.rows.clear();
    expect(await rebuildCatalog(shop.process, { shop: SHOP })).toEqual({ kind: "rebuilt", snapshots: 2, drills: 0 });
    expect(await shop.process.catalog.snapshots(SHOP)).toEqual(before);
  });

  it("keeps its rows when the vault cannot be read", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    shop.store.list = () => {
      throw new StoreError("store.unreachable", "away");
    };
    expect(await rebuildCatalog(shop.process, { shop: SHOP })).toEqual({ kind: "failed", code: "store.unreachable" });
    expect(await shop.process.catalog.snapshots(SHOP)).toHaveLength(1);
  });
});
