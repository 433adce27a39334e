/** Reading all of a vault, on threads and without: the same records, the same findings. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { contentKeys, openVault, verifyVault } from "#app/vault/index.ts";
import type { Vault } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, SCRATCH, shopRecords, snapshotOf } from "#tests/support/vault-kit.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";

const shop = shopRecords(400);
/** Ids that do not stand in their records as they are, and a record with line ends. */
const odd = [record("customers", 'gid://synthetic/"quoted"', '{"id":"gid://synthetic/\\"quoted\\"","note":"SYNTHETIC"}'), record("orders", "o1", "SYNTHETIC\nin\nlines o1", "gid://synthetic/none")];
let store: MemoryStore;
let test: TestVault;
let vault: Vault;

beforeAll(async () => {
  store = new MemoryStore();
  test = await newTestVault(store, "reading");
  vault = await openVault({ store, hostKeys: test.hostKeys, clock: test.clock, random: test.random, scratchDirectory: SCRATCH, tuning: { frameBytes: 3000, packBytes: 20_000 } });
  await snapshotOf(vault, shop);
  await snapshotOf(vault, [...shop.slice(1, 300), record("customers", shop[0]?.id ?? "", '{"note":"SYNTHETIC, changed"}'), ...odd]);
});

async function linesOf(reference: string, threads: number): Promise<{ lines: string[]; records: number }> {
  const parts: Buffer[] = [];
  let records = 0;
  for await (const { bytes, records: some } of vault.read(await vault.resolve(reference), contentKeys(store, test.identity.opener), { threads }).lines()) {
    parts.push(Buffer.from(bytes));
    records += some;
  }
  return { lines: Buffer.concat(parts).toString("utf8").split("\n"), records };
}

describe("a whole snapshot", () => {
  it("comes back line by line in the order of arrival, on threads as without", async () => {
    const expected = [...shop.map((item) => Buffer.from(item.bytes).toString("utf8")), ""];
    for (const threads of [0, 1, 2]) expect(await linesOf("latest~1", threads)).toEqual({ lines: expected, records: shop.length });
  }, 30_000);

  it("leaves out what was replaced and removed, and keeps records that hold line ends", async () => {
    const { lines, records } = await linesOf("latest", 1);
    expect(records).toBe(299 + 1 + odd.length);
    expect(lines.join("\n")).toContain("SYNTHETIC\nin\nlines o1\n");
    expect(lines).not.toContain(Buffer.from(shop[0]?.bytes ?? []).toString("utf8"));
    expect(lines).not.toContain(Buffer.from(shop[300]?.bytes ?? []).toString("utf8"));
  }, 30_000);

  it("comes as records too, with their keys, whether or not an id stands in its record", async () => {
    const found: string[] = [];
    for await (const batch of vault.read(await vault.resolve("latest"), test.keys).records({ order: "stored" })) for (const { kind, id, parentId, bytes } of batch) found.push(JSON.stringify([kind, id, parentId, Buffer.from(bytes).toString("utf8")]));
    for (const { kind, id, parentId, bytes } of odd) expect(found).toContain(JSON.stringify([kind, id, parentId, Buffer.from(bytes).toString("utf8")]));
    expect(found).toHaveLength(299 + 1 + odd.length);
  });

  it("that lost a record to a changed frame ends in an error, on threads as without", async () => {
    const key = [...store.objects.keys()].find((name) => /^packs\/..\/[0-9a-f]{64}$/.test(name)) as string;
    for (const threads of [0, 1]) {
      const tampered = store.clone();
      const body = tampered.objects.get(key) as Uint8Array;
      body[body.length - 40] = (body[body.length - 40] as number) ^ 1;
      const reopened = await test.reopen(tampered);
      const reader = reopened.read(await reopened.resolve("latest~1"), contentKeys(tampered, test.identity.opener), { threads });
      await expect((async () => { for await (const _ of reader.lines()); })()).rejects.toMatchObject({ code: "vault.damaged_object", object: key });
    }
  }, 30_000);
});

describe("a verifier with an identity", () => {
  it("checks every record of every snapshot once, on threads as without", async () => {
    for (const threads of [0, 2]) {
      const report = await verifyVault({ store, readData: true, hostKeys: test.hostKeys, opener: test.identity.opener, scratchDirectory: SCRATCH, threads });
      expect(report).toMatchObject({ ok: true, findings: [], recordsChecked: shop.length + 1 + odd.length });
    }
  }, 30_000);
});
