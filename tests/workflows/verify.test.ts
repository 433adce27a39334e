/** The one check behind the command, the application and repair; and the run that does it by itself every week. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { tmpdir } from "node:os";
import { openJournalWriter, putRoster, readVaultDescription, StoreError, verifyVault } from "#app/vault/index.ts";
import { checkVault, overview, requestVerify, runVerify, vaultLedger, verifyShopVault, type CheckedVault, type VerifyRunOutcome } from "#app/workflows/index.ts";
import { verifyIsDue } from "#app/workflows/verify/request-verify.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { customer } from "#tests/vault/journal/kit.ts";
import { linkedShop, SHOP, snapshot, STAFF, type LinkedShop } from "./support/linked-shop.ts";

let shop: LinkedShop;
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

const keys = (prefix: string) => [...shop.store.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
const entries = async () => {
  const { vaultId } = shop.process.linked.get(SHOP)!;
  const found = [];
  for await (const entry of (await vaultLedger(shop.process, vaultId, shop.store)).entries()) found.push(entry);
  return found;
};
async function check(o: { readonly store?: MemoryStore; readonly hostKeys?: boolean; readonly keptCheckpoint?: string } = {}): Promise<CheckedVault> {
  const store = o.store ?? shop.store;
  const { vaultId } = shop.process.linked.get(SHOP)!;
  return checkVault({
    store,
    readData: true,
    opener: null,
    hostKeys: o.hostKeys === false ? null : shop.process.hostKeys.get(vaultId)!,
    scratchDirectory: tmpdir(),
    keptCheckpoint: o.keptCheckpoint,
    ledger: (id) => vaultLedger(shop.process, id, store),
    onProgress: () => undefined,
  });
}
const codes = ({ findings }: CheckedVault) => findings.map(({ code, object }) => [code, object]);
async function twoSnapshots(): Promise<void> {
  shop = await linkedShop();
  await snapshot(shop);
  await snapshot(shop);
}
/** The ledger as it was when the first snapshot was taken. */
function truncate(): void {
  for (const key of keys("ledger/")) if (!/checkpoints\/0{19}[12]$|\/000\.p\/[12]$|staged\/[01]-/.test(key)) shop.store.objects.delete(key);
}
const head = async () => (await vaultLedger(shop.process, shop.process.linked.get(SHOP)!.vaultId, shop.store)).head();

describe("checking vault and ledger together", () => {
  it("finds nothing in a sound vault, with host keys or without, and says which snapshot was sound", async () => {
    await twoSnapshots();
    const newest = keys("snapshots/").at(-1)!.slice(-16);
    for (const hostKeys of [true, false]) expect(await check({ hostKeys })).toMatchObject({ ok: true, findings: [], report: { snapshots: 2 }, ledger: { ok: true }, soundSnapshot: newest });
  });

  it("misses the newest snapshot when it was cleanly taken away, which the vault alone cannot", async () => {
    await twoSnapshots();
    const newest = keys("snapshots/").at(-1)!;
    shop.store.objects.delete(newest);
    expect((await verifyVault({ store: shop.store, readData: false })).findings).toEqual([]);
    expect(codes(await check())).toEqual([["snapshot.missing", `snapshots/*-${newest.slice(-16)}`]]);
  });

  it("enters a roster whose writer died before entering it, once, and tells from then on when it is gone", async () => {
    await twoSnapshots();
    const { vaultId } = shop.process.linked.get(SHOP)!;
    const description = await readVaultDescription(shop.store);
    await putRoster({ store: shop.store, description, signingKey: shop.process.hostKeys.get(vaultId)!.signingKey, clock: shop.process.clock }, { shop: SHOP, signIn: null, responders: ["one"] });
    const verify = () => verifyShopVault(shop.process, { shop: SHOP, actor: "system", readData: false });
    for (let time = 0; time < 2; time++) expect(await verify()).toMatchObject({ kind: "verified", entered: true, checked: { ok: true } });
    expect((await entries()).filter(({ action }) => action === "roster.published")).toMatchObject([{ actor: "system", subject: { sequence: 1, responders: 1 }, outcome: "done" }]);
    shop.store.objects.delete(keys("access/roster/")[0]!);
    expect(await verify()).toMatchObject({ checked: { findings: [{ code: "roster.missing" }] } });
  });

  it("names the segment of the journal that the ledger entered, when it was cleanly taken away or another stands in its place", async () => {
    await twoSnapshots();
    const { vaultId } = shop.process.linked.get(SHOP)!;
    const description = await readVaultDescription(shop.store);
    const at = shop.process.clock.now();
    const sealOne = async (version: string) => {
      const writer = await openJournalWriter({ store: shop.store, description, hostKeys: shop.process.hostKeys.get(vaultId)!, clock: shop.process.clock, random: shop.process.random });
      const records = customer(1, version, 0);
      return (await writer.append([{ change: "upsert", kind: "Customer", id: records[0]!.id, occurredAt: null, receivedAt: at, fetchedAt: at, records }])).segment;
    };
    await sealOne("first");
    const before = new Map(shop.store.objects);
    const { sequence, digest, objectKey } = await sealOne("second");
    await (await vaultLedger(shop.process, vaultId, shop.store)).append([{ actor: "system", action: "journal.sealed", subject: { vault: vaultId, sequence, digest }, outcome: "done" }]);
    expect(codes(await check())).toEqual([]);
    // As it was before the second segment: its pack and its key are gone as well.
    for (const key of shop.store.objects.keys()) if (!before.has(key) && !key.startsWith("ledger/")) shop.store.objects.delete(key);
    expect((await verifyVault({ store: shop.store, readData: false })).findings).toEqual([]);
    expect(codes(await check())).toEqual([["journal.rolled_back", objectKey]]);
    shop.process.time.advance(1_000);
    expect((await sealOne("another")).objectKey).toBe(objectKey);
    expect(codes(await check())).toEqual([["journal.mismatch", objectKey]]);
  });

  it("names a snapshot that the ledger never entered, unless it is the newest", async () => {
    await twoSnapshots();
    const { vaultId } = shop.process.linked.get(SHOP)!;
    const real = await vaultLedger(shop.process, vaultId, shop.store);
    const without = async function* () {
      for await (const entry of real.entries()) if (entry.action !== "snapshot.committed") yield entry;
    };
    const checked = await checkVault({ store: shop.store, readData: false, opener: null, hostKeys: null, scratchDirectory: tmpdir(), keptCheckpoint: undefined, ledger: () => ({ ...real, entries: without }), onProgress: () => undefined });
    expect(codes(checked)).toEqual([["snapshot.not_entered", keys("snapshots/")[0]]]);
  });

  it("names the snapshot whose ledger is not part of the ledger any more", async () => {
    await twoSnapshots();
    const { vaultId } = shop.process.linked.get(SHOP)!;
    truncate();
    const ledger = await vaultLedger(shop.process, vaultId, shop.store);
    await ledger.append(Array.from({ length: 5 }, () => ({ actor: "cli", action: "vault.linked", subject: { vault: vaultId, shop: SHOP }, outcome: "done" as const })));
    const { findings } = await check();
    // The second snapshot was signed over a ledger that had the first one's entry: that history is gone.
    expect(findings).toEqual([expect.objectContaining({ code: "ledger.forked", object: keys("snapshots/")[1] })]);
  });

  it("names the snapshot whose ledger was longer when the newest entries were taken away", async () => {
    await twoSnapshots();
    truncate();
    expect(codes(await check())).toEqual([["ledger.rolled_back", keys("snapshots/")[1]]]);
  });

  it("sees a roll-back of the whole storage only with a checkpoint kept elsewhere", async () => {
    await twoSnapshots();
    const older = shop.store.clone();
    await snapshot(shop);
    const kept = (await head())!.note;
    expect(codes(await check({ store: older }))).toEqual([]);
    expect(codes(await check({ store: older, keptCheckpoint: kept }))).toEqual([["ledger.rolled_back", "checkpoint"]]);
  });

  it("sees a fork: the same vault going on from an older state", async () => {
    await twoSnapshots();
    const older = shop.store.clone();
    await snapshot(shop);
    const kept = (await head())!.note;
    shop.process.byUrl.set("memory://vault", older);
    await snapshot({ ...shop, process: shop.process });
    await snapshot({ ...shop, process: shop.process });
    expect(codes(await check({ store: older, keptCheckpoint: kept }))).toEqual([["ledger.forked", "checkpoint"]]);
  });

  it.each(["missing", "damaged"])("goes on with the host's keys when the description is %s", async (what) => {
    await twoSnapshots();
    if (what === "missing") shop.store.objects.delete("vault.json");
    else shop.store.objects.get("vault.json")![40]! ^= 1;
    const newest = keys("snapshots/").at(-1)!;
    shop.store.objects.delete(newest);
    const found = codes(await check());
    expect(found).toContainEqual([`description.${what}`, "vault.json"]);
    expect(found).toContainEqual(["snapshot.missing", `snapshots/*-${newest.slice(-16)}`]);
    expect(await check({ hostKeys: false })).toMatchObject({ ok: false, ledger: null, vaultId: null });
  });

  it("does not call a snapshot missing whose manifest is damaged", async () => {
    await twoSnapshots();
    const [oldest] = keys("snapshots/");
    shop.store.objects.get(oldest!)![100]! ^= 1;
    expect(codes(await check()).map(([code]) => code)).not.toContain("snapshot.missing");
  });

  it("does not accuse a snapshot that is committed while it reads", async () => {
    await twoSnapshots();
    const { list } = shop.store;
    let between = 0;
    shop.store.list = async function* (prefix: string) {
      // Right after the manifests were listed, before the ledger is read.
      const found = [];
      for await (const one of list.call(shop.store, prefix)) found.push(one);
      if (prefix === "snapshots/" && between++ === 0) {
        shop.store.list = list;
        await snapshot(shop);
      }
      yield* found;
    };
    expect(codes(await check())).toEqual([]);
    expect(keys("snapshots/")).toHaveLength(3);
  });

  it("does not accuse a ledger that grows while it reads", async () => {
    await twoSnapshots();
    const { list } = shop.store;
    shop.store.list = async function* (prefix: string) {
      if (prefix === "ledger/tile/") {
        shop.store.list = list;
        await snapshot(shop);
      }
      yield* list.call(shop.store, prefix);
    };
    expect(codes(await check())).toEqual([]);
  });
});

describe("a run that verifies", () => {
  const ask = async (): Promise<VerifyRunOutcome> => {
    shop.process.time.advance(60_000);
    const asked = await requestVerify(shop.process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP } });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    return runVerify(shop.process, { runId: asked.run.id });
  };

  it("enters what it found, with the newest sound snapshot, and the overview stays green", async () => {
    await twoSnapshots();
    expect(await ask()).toMatchObject({ kind: "verified", entered: true, checked: { ok: true } });
    const newest = keys("snapshots/").at(-1)!.slice(-16);
    expect((await entries()).at(-1)).toMatchObject({ actor: "schedule", action: "vault.verified", outcome: "done", subject: { shop: SHOP, readData: true, snapshots: 2, findings: 0, snapshot: newest } });
    expect((await overview(shop.process, { shop: SHOP })).reasons.map(({ code }) => code)).not.toContain("verify.findings");
    expect((await overview(shop.process, { shop: SHOP })).lastVerify).toMatchObject({ code: "vault.sound" });
    expect((await check()).findings).toEqual([]);
  });

  it("enters damage by code and object, and the overview is red", async () => {
    await twoSnapshots();
    const pack = keys("packs/").find((key) => !key.endsWith(".key"))!;
    shop.store.objects.get(pack)![100]! ^= 1;
    expect(await ask()).toMatchObject({ kind: "verified", entered: true, checked: { ok: false } });
    expect((await entries()).at(-1)).toMatchObject({ action: "vault.verified", outcome: "failed", subject: { code: "pack.damaged", object: pack } });
    expect((await entries()).at(-1)!.subject).not.toHaveProperty("snapshot");
    expect(await overview(shop.process, { shop: SHOP })).toMatchObject({ state: "not-safe", reasons: [expect.objectContaining({ code: "verify.findings", detail: "pack.damaged" }), expect.anything()] });
  });

  it("signs nothing on top of a ledger that does not hold together", async () => {
    await twoSnapshots();
    shop.store.objects.get(keys("ledger/tile/entries/").at(-1)!)![30]! ^= 1;
    const before = shop.store.objects.size;
    expect(await ask()).toMatchObject({ kind: "verified", entered: false, checked: { ok: false } });
    expect(shop.store.objects.size).toBe(before);
  });

  it("goes through with a damaged description, which opening the vault would not", async () => {
    await twoSnapshots();
    shop.store.objects.delete("vault.json");
    expect(await ask()).toMatchObject({ kind: "verified", checked: { ok: false } });
  });

  it("ends with the storage's code when it cannot be read, and can be tried again", async () => {
    await twoSnapshots();
    shop.store.list = () => {
      throw new StoreError("store.unreachable", "away", { retry: "later" });
    };
    expect(await ask()).toEqual({ kind: "failed", code: "store.unreachable", retry: "later" });
  });

  it("stops when it is cancelled, and enters nothing", async () => {
    await twoSnapshots();
    const before = (await entries()).length;
    const asked = await requestVerify(shop.process, { shop: SHOP, actor: STAFF });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    shop.process.runs.heartbeat = "cancel-requested";
    expect(await runVerify(shop.process, { runId: asked.run.id })).toEqual({ kind: "cancelled" });
    shop.process.runs.heartbeat = null;
    expect(await entries()).toHaveLength(before);
  });

  it("is asked for once at a time, by those who may", async () => {
    await twoSnapshots();
    const first = await requestVerify(shop.process, { shop: SHOP, actor: STAFF });
    const second = await requestVerify(shop.process, { shop: SHOP, actor: STAFF });
    expect([first.kind, second.kind]).toEqual(["requested", "already-running"]);
    expect(await requestVerify(shop.process, { shop: SHOP, actor: { kind: "responder", id: "9", shop: SHOP } })).toEqual({ kind: "refused", code: "access.not_for_you" });
    expect(await requestVerify(shop.process, { shop: "new.myshopify.com", actor: { kind: "cli" } })).toMatchObject({ kind: "not-linked" });
  });

  it("is due after the first snapshot, then every week, and a day after one that failed", async () => {
    shop = await linkedShop();
    const HOUR = 3_600_000;
    expect(await verifyIsDue(shop.process, SHOP)).toBe(false);
    await snapshot(shop);
    expect(await verifyIsDue(shop.process, SHOP)).toBe(true);
    await ask();
    expect(await verifyIsDue(shop.process, SHOP)).toBe(false);
    shop.process.time.advance(6 * 24 * HOUR);
    expect(await verifyIsDue(shop.process, SHOP)).toBe(false);
    shop.process.time.advance(24 * HOUR);
    expect(await verifyIsDue(shop.process, SHOP)).toBe(true);
    shop.process.byUrl.delete("memory://vault");
    expect(await ask()).toMatchObject({ kind: "failed", code: "store.bad_address" });
    expect(await verifyIsDue(shop.process, SHOP)).toBe(false);
    shop.process.time.advance(25 * HOUR);
    expect(await verifyIsDue(shop.process, SHOP)).toBe(true);
  });

  it("by hand does the same", async () => {
    await twoSnapshots();
    expect(await verifyShopVault(shop.process, { shop: SHOP, actor: "staff:42", readData: false })).toMatchObject({ kind: "verified", entered: true });
    expect(await verifyShopVault(shop.process, { shop: "new.myshopify.com", actor: "staff:42", readData: false })).toMatchObject({ kind: "failed", code: "vault.not_linked" });
  });
});
