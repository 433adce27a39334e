/** Prune, holds and redact as the product does them: in step with the ledger, and minded by restores. */
import { describe, expect, it } from "@jest/globals";
import { openLedger, originOf, type Ledger, type LedgerEntry } from "#app/ledger/index.ts";
import { contentKeys, openVault, parsePolicy, readHolds, type HostKeys, type KeepPolicy, type Vault } from "#app/vault/index.ts";
import { requestDrill, runDrill } from "#app/workflows/index.ts";
import { holdSnapshots, releaseHeld } from "#app/workflows/prune/hold-snapshots.ts";
import { pruneVault, type PrunedVault } from "#app/workflows/prune/prune-vault.ts";
import { redactRecords, type RedactedRecords } from "#app/workflows/redact/redact-records.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";
import { fakeRehearsal, smallShop } from "#tests/support/fakes-source.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, URL_OF_STORE, type LinkedShop } from "./support/linked-shop.ts";

const DAY = 24 * 60 * 60 * 1000;
const CUSTOMER = smallShop()[0]!.id;

interface World {
  readonly shop: LinkedShop;
  readonly store: RetentionStore;
  readonly hostKeys: HostKeys;
  readonly ledger: Ledger;
  readonly open: () => Promise<Vault>;
  readonly entries: () => Promise<LedgerEntry[]>;
  readonly prune: (keep: string, more?: { dryRun?: boolean; graceMs?: number }) => Promise<PrunedVault>;
  readonly redact: (ids: readonly string[], reason?: string) => Promise<RedactedRecords>;
}

/** `snapshots` days, one snapshot each, one customer more each day. */
async function world(snapshots: number): Promise<World> {
  const shop = await linkedShop();
  const store = new RetentionStore();
  for (const [key, body] of shop.store.objects) store.objects.set(key, body);
  shop.process.byUrl.set(URL_OF_STORE, store);
  for (let day = 0; day < snapshots; day++) {
    shop.source.records = smallShop(25 + day);
    const taken = await snapshot(shop);
    if (taken.kind !== "committed") throw new Error(JSON.stringify(taken));
    shop.process.time.advance(DAY);
  }
  const { clock, random } = shop.process;
  const link = await shop.process.links.get(SHOP);
  const hostKeys = (await shop.process.keyring.get(link?.vaultId ?? "")) as HostKeys;
  const origin = originOf(hostKeys.vaultId);
  const ledger = openLedger({ store, origin, clock, signer: { name: origin, privateKey: { ...hostKeys.signingKey } } });
  const open = (): Promise<Vault> => openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH });
  return {
    shop: { ...shop, store },
    store,
    hostKeys,
    ledger,
    open,
    entries: async () => {
      const all: LedgerEntry[] = [];
      for await (const entry of ledger.entries()) all.push(entry);
      return all;
    },
    prune: async (keep, more = {}) => pruneVault({ store, vault: await open(), hostKeys, ledger, clock, policy: parsePolicy(keep) as KeepPolicy, actor: "staff:42", ...more }),
    redact: async (ids, reason = "request 17") =>
      redactRecords({ store, vault: await open(), hostKeys, contentKeys: contentKeys(store, shop.identity.opener), ledger, clock, random, ids, tree: true, actor: "staff:42", reason }),
  };
}

const last = async (w: World): Promise<LedgerEntry> => (await w.entries()).at(-1) as LedgerEntry;

describe("a prune", () => {
  it("is entered with what went, and says which of it is younger than HIPAA keeps documentation", async () => {
    const w = await world(4);
    const outcome = await w.prune("last=2");
    expect(outcome).toMatchObject({ kind: "done", youngerThanSixYears: 2, report: { sequence: 1 } });
    expect(await last(w)).toMatchObject({ actor: "staff:42", action: "prune.done", outcome: "done", subject: { vault: w.hostKeys.vaultId, prune: 1, policy: "last=2", expired: 2, kept: 2, objects: 0, bytes: 0 } });
    w.shop.process.time.advance(DAY);
    const swept = await w.prune("last=2");
    if (swept.kind !== "done") throw new Error(swept.code);
    expect(await last(w)).toMatchObject({ action: "prune.done", subject: { expired: 0, objects: swept.report.removed.objects, bytes: swept.report.removed.bytes } });
    expect(swept.report.removed.objects).toBeGreaterThan(0);
  });

  it("in a dry run enters nothing", async () => {
    const w = await world(3);
    const before = await w.entries();
    expect((await w.prune("last=1", { dryRun: true })).kind).toBe("done");
    expect(await w.entries()).toEqual(before);
  });

  it("keeps the snapshot that a drill passed last", async () => {
    const w = await world(2);
    w.shop.process.startShop = () => Promise.resolve(fakeRehearsal());
    const [, second] = await (await w.open()).snapshots();
    const asked = await requestDrill(w.shop.process, { shop: SHOP, actor: STAFF, snapshotId: second!.snapshotId, keys: await unwrapped(w.shop, second!.snapshotId) });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    expect(await runDrill(w.shop.process, { runId: asked.run.id })).toMatchObject({ kind: "finished", drill: { passed: true } });
    await snapshot(w.shop);
    const outcome = await w.prune("last=1");
    if (outcome.kind !== "done") throw new Error(outcome.code);
    expect(outcome.report.plan.keep.map(({ snapshotId, reasons }) => [snapshotId, reasons.some(({ code }) => code === "verified")])).toContainEqual([second!.snapshotId, true]);
  });

  it("refuses while the ledger knows a snapshot that somebody took away, and enters the refusal", async () => {
    const w = await world(3);
    const [, second] = await (await w.open()).snapshots();
    w.store.objects.delete(second!.objectKey);
    const objects = w.store.objects.size;
    expect(await w.prune("last=1", { graceMs: 0 })).toEqual({ kind: "refused", code: "prune.snapshot_missing", objects: [second!.snapshotId] });
    expect(await last(w)).toMatchObject({ action: "prune.refused", outcome: "refused", subject: { code: "prune.snapshot_missing" } });
    for (const { objectKey } of await (await w.open()).snapshots()) expect(w.store.objects.has(objectKey)).toBe(true);
    expect(w.store.objects.size).toBeGreaterThanOrEqual(objects);
  });

  it("whose process ended before its entry is entered by the next", async () => {
    const w = await world(3);
    await expect(
      pruneVault({ store: w.store, vault: await w.open(), hostKeys: w.hostKeys, ledger: { ...w.ledger, append: () => Promise.reject(new Error("gone")) }, clock: w.shop.process.clock, policy: parsePolicy("last=1") as KeepPolicy, actor: "cli" }),
    ).rejects.toThrow("gone");
    await w.prune("last=1");
    expect((await w.entries()).filter(({ action }) => action === "prune.done").map(({ actor, subject }) => [actor, subject["prune"], subject["expired"]])).toEqual([["system", 1, 2]]);
  });
});

describe("a hold", () => {
  it("is entered when it is placed and when it ends, and stops a prune when somebody takes it away", async () => {
    const w = await world(3);
    const o = async () => ({ store: w.store, vault: await w.open(), hostKeys: w.hostKeys, ledger: w.ledger, clock: w.shop.process.clock, random: w.shop.process.random, actor: "staff:42" });
    const placed = await holdSnapshots(await o(), { name: "incident 7", reason: "synthetic", snapshots: ["latest~2"] });
    if (placed.kind !== "held") throw new Error(placed.code);
    expect(await last(w)).toMatchObject({ action: "hold.placed", reason: "synthetic", subject: { hold: placed.hold.holdId, name: "incident 7", snapshots: (placed.hold.snapshots as string[]).join(" ") } });
    const object = `holds/${placed.hold.holdId}.json`;
    const body = w.store.objects.get(object) as Uint8Array;
    w.store.objects.delete(object);
    expect(await w.prune("last=1")).toEqual({ kind: "refused", code: "prune.hold_missing", objects: [object] });
    w.store.objects.set(object, body);
    expect(await w.prune("last=1")).toMatchObject({ kind: "done", report: { expired: { length: 1 } } });
    expect(await releaseHeld(await o(), { hold: "incident 8", reason: "x" })).toEqual({ kind: "refused", code: "hold.not_found" });
    expect(await releaseHeld(await o(), { hold: "incident 7", reason: "closed" })).toMatchObject({ kind: "released" });
    expect(await last(w)).toMatchObject({ action: "hold.released", reason: "closed" });
    expect(await w.prune("last=1")).toMatchObject({ kind: "done", report: { expired: { length: 1 } } });
  });

  it("with a name or reason that the ledger would not take is not placed at all", async () => {
    const w = await world(1);
    const o = { store: w.store, vault: await w.open(), hostKeys: w.hostKeys, ledger: w.ledger, clock: w.shop.process.clock, random: w.shop.process.random, actor: "staff:42" };
    expect(await holdSnapshots(o, { name: "", reason: "x", snapshots: "all" })).toEqual({ kind: "refused", code: "hold.bad_name" });
    expect(await holdSnapshots(o, { name: "x", reason: "ask me@example.com", snapshots: "all" })).toEqual({ kind: "refused", code: "hold.bad_reason" });
    expect((await readHolds(w.store, o.vault.description)).inForce).toEqual([]);
  });
});

describe("a redaction", () => {
  it("is entered with its certificate's digest and without any id", async () => {
    const w = await world(2);
    const outcome = await w.redact([CUSTOMER]);
    if (outcome.kind !== "done") throw new Error(outcome.code);
    expect(outcome.report).toMatchObject({ sequence: 1, records: 2 });
    const entry = await last(w);
    expect(entry).toMatchObject({ action: "redaction.done", actor: "staff:42", reason: "request 17", subject: { redaction: 1, records: 2, remaining: 0, certificate: outcome.report.certificates[0]?.digest } });
    expect(JSON.stringify(entry)).not.toContain("Customer");
  });

  it("that is refused is entered, too; one whose process ended before its entry is entered by the next", async () => {
    const w = await world(1);
    expect(await w.redact(["gid://shopify/Customer/nobody"])).toEqual({ kind: "refused", code: "redaction.not_found", details: [] });
    expect(await last(w)).toMatchObject({ action: "redaction.refused", outcome: "refused", subject: { code: "redaction.not_found" } });
    expect(await w.redact([CUSTOMER], "write to a@b.example")).toEqual({ kind: "refused", code: "redaction.bad_reason", details: [] });
    const entries = await w.entries();
    await expect(
      redactRecords({ store: w.store, vault: await w.open(), hostKeys: w.hostKeys, contentKeys: contentKeys(w.store, w.shop.identity.opener), ledger: { ...w.ledger, append: () => Promise.reject(new Error("gone")) }, clock: w.shop.process.clock, random: w.shop.process.random, ids: [CUSTOMER], tree: true, actor: "cli", reason: "request 18" }),
    ).rejects.toThrow("gone");
    expect(await w.entries()).toEqual(entries);
    expect(await w.redact([CUSTOMER])).toMatchObject({ kind: "done", report: { sequence: null } });
    expect((await w.entries()).filter(({ action }) => action === "redaction.done").map(({ actor, reason }) => [actor, reason])).toEqual([["cli", "request 18"]]);
  });

  it("is minded by restores: a drill brings everybody back but the erased, also where the shop sent them again", async () => {
    const w = await world(1);
    await w.redact([CUSTOMER]);
    // The shop had not erased them yet when the next snapshot was taken.
    await snapshot(w.shop);
    const [newest] = await (await w.open()).snapshots();
    for (const [snapshotId, compared] of [[newest!.snapshotId, 50], [newest!.parent!.snapshotId, 48]] as const) {
      let restored: string[] = [];
      w.shop.process.startShop = () => Promise.resolve(fakeRehearsal({ spoil: (records) => ((restored = records.map(({ id }) => id)), records) }));
      const asked = await requestDrill(w.shop.process, { shop: SHOP, actor: STAFF, snapshotId, keys: await unwrapped(w.shop, snapshotId) });
      if (asked.kind !== "requested") throw new Error(asked.kind);
      const outcome = await runDrill(w.shop.process, { runId: asked.run.id });
      expect(outcome).toMatchObject({ kind: "finished", drill: { passed: true, code: "drill.passed", compared, restored: 48 } });
      expect(restored.length).toBe(48);
    }
  });
});
