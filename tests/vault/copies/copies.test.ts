/** A vault in two copies: what is wrong in either is named, either is mended from the other, and a read goes on where one is rotten. */
import { describe, expect, it } from "@jest/globals";
import { ReadOnlyStore, MeasuredStore, ReplicatedStore } from "#app/stores/index.ts";
import { contentKeys, openVault, openVaultWithIdentity, parsePolicy, placeHold, prune, repairVault, verifyVault } from "#app/vault/index.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";
import { newTestVault, readAll, SCRATCH, seededRandom, snapshotOf, testIdentity, type TestIdentity } from "#tests/support/vault-kit.ts";
import { people } from "../retention/kit.ts";

const tuning = { frameBytes: 2_000, packBytes: 5_000 };

/** As those of app/keys, it says so when what it unwraps is damaged. */
function holderLike({ recipient, opener }: TestIdentity): TestIdentity {
  const open: TestIdentity["opener"]["open"] = (jwe) => opener.open(jwe).catch((cause: unknown) => Promise.reject(Object.assign(new Error("damaged", { cause }), { code: "keys.damaged" })));
  return { recipient, opener: { ...opener, open } };
}

async function pair() {
  const [first, second] = [new RetentionStore(), new RetentionStore()];
  const store = new ReplicatedStore(first, second);
  const test = await newTestVault(store, "pair", holderLike(await testIdentity()));
  const vault = await openVault({ store, hostKeys: test.hostKeys, clock: test.clock, random: test.random, scratchDirectory: SCRATCH, tuning });
  await snapshotOf(vault, people(0, 40));
  await snapshotOf(vault, people(0, 40, (n) => n % 3));
  /** Opened anew: what another process sees, which knows of no doubt. */
  const fresh = () => new ReplicatedStore(first, second);
  const verified = async () => (await verifyVault({ store: fresh(), readData: true, opener: test.identity.opener, scratchDirectory: SCRATCH })).findings.map(({ code, object, copy }) => `${copy ?? "every"} ${code} ${object}`).sort();
  const all = async (order: "stored" | "key" = "stored") => {
    const seen = new MeasuredStore(new ReadOnlyStore(fresh()));
    const opened = await openVaultWithIdentity({ store: seen, opener: test.identity.opener, scratchDirectory: SCRATCH });
    return (await readAll(opened, "latest", contentKeys(seen, test.identity.opener), order)).map(({ id, bytes }) => `${id} ${Buffer.from(bytes).toString()}`);
  };
  const names = (pattern: RegExp): string[] => [...first.objects.keys()].filter((key) => pattern.test(key)).sort();
  return { first, second, store, test, vault, fresh, verified, all, names };
}

const PACK = /^packs\/..\/[0-9a-f]{64}$/;
function flip(store: RetentionStore, key: string, at = 0.7): void {
  const bytes = Uint8Array.from(store.objects.get(key)!);
  bytes[Math.floor(bytes.length * at)]! ^= 1;
  store.objects.set(key, bytes);
}

describe("verifying a pair", () => {
  it("names what is wrong in either copy, and in which", async () => {
    const { first, second, verified, names } = await pair();
    expect(await verified()).toEqual([]);
    const [pack, other] = names(PACK) as [string, string];
    const [tree] = names(/^tree\//) as [string];
    flip(second, pack);
    flip(first, other);
    second.objects.delete(tree);
    const both = first.written.find((key) => PACK.test(key) && key !== pack && key !== other)!;
    for (const store of [first, second]) flip(store, both);
    const found = await verified();
    expect(found).toEqual(expect.arrayContaining([`second pack.damaged ${pack}`, `first pack.damaged ${other}`, `every pack.damaged ${both}`]));
    expect(found.some((line) => line === `second tree.missing ${tree}` || line === `second pack_list.missing ${tree}`)).toBe(true);
  });

  it("names a newest manifest, hold or list that only one has, though that one alone looks whole, and bytes that differ", async () => {
    const { first, second, test, vault, verified, store } = await pair();
    await placeHold({ store, description: vault.description, signingKey: test.hostKeys.signingKey, clock: test.clock, random: seededRandom("hold") }, { name: "h", reason: "r", by: "b", snapshots: "all" });
    const hold = [...first.objects.keys()].find((key) => key.startsWith("holds/"))!;
    first.objects.delete(hold);
    expect(await verified()).toEqual([`first copy.missing ${hold}`]);
    const manifest = [...second.objects.keys()].filter((key) => key.startsWith("snapshots/")).sort().at(-1)!;
    const bytes = second.objects.get(manifest)!;
    second.objects.delete(manifest);
    expect(await verified()).toEqual([`first copy.missing ${hold}`, `second copy.missing ${manifest}`]);
    // What only that manifest needs is asked of the copy that lacks it, too.
    const needed = second.written.findLast((key) => PACK.test(key))!;
    const packBytes = second.objects.get(needed)!;
    flip(second, needed);
    expect(await verified()).toContain(`second pack.damaged ${needed}`);
    second.objects.set(needed, packBytes);
    second.objects.set(manifest, bytes);
    second.objects.set("ledger/checkpoints/00000000000000000001", Buffer.from("one"));
    first.objects.set("ledger/checkpoints/00000000000000000001", Buffer.from("another"));
    expect(await verified()).toEqual(["every copy.diverged ledger/checkpoints/00000000000000000001", `first copy.missing ${hold}`]);
  });
});

describe("repairing a pair", () => {
  it("heals each copy from the other, both ways, and leaves both byte for byte as they were", async () => {
    const { first, second, fresh, verified, names, store, test, vault } = await pair();
    await placeHold({ store, description: vault.description, signingKey: test.hostKeys.signingKey, clock: test.clock, random: seededRandom("hold") }, { name: "h", reason: "r", by: "b", snapshots: "all" });
    const [before] = [new Map([...first.objects].map(([key, bytes]) => [key, Buffer.from(bytes).toString("base64")]))];
    const of = (from: RetentionStore): Map<string, string> => new Map([...from.objects].map(([key, bytes]) => [key, Buffer.from(bytes).toString("base64")]).sort(([a], [b]) => (a! < b! ? -1 : 1)) as [string, string][]);
    const packs = names(PACK);
    flip(first, packs[0]!);
    flip(second, packs[1]!);
    first.objects.delete(names(/^snapshots\//).at(-1)!);
    second.objects.delete(names(/^holds\//)[0]!);
    second.objects.delete("vault.json");
    flip(first, names(/^keys\/[0-9a-f]{32}\.jwe$/)[0]!, 0.5);
    second.objects.delete(`${packs[2]!}.key`);
    const { mended, unmended } = await repairVault({ store: fresh() });
    expect(unmended).toEqual([]);
    expect(mended.length).toBeGreaterThanOrEqual(7);
    expect(await verified()).toEqual([]);
    for (const store_ of [first, second]) expect(of(store_)).toEqual(new Map([...before].sort(([a], [b]) => (a < b ? -1 : 1))));
    expect((await repairVault({ store: fresh() })).mended).toEqual([]);
  });

  it("says what is rotten in both, and does not bring back a snapshot that a prune expired", async () => {
    const { first, second, fresh, names, store, test, vault } = await pair();
    const old = names(/^snapshots\//)[0]!;
    const bytes = first.objects.get(old)!;
    const outcome = await prune({ store, description: vault.description, signingKey: test.hostKeys.signingKey, clock: test.clock, policy: parsePolicy("last=1")!, actor: "test", verified: new Set(), graceMs: 0 });
    expect(outcome.kind).toBe("done");
    first.objects.set(old, bytes);
    const newest = names(/^snapshots\//).at(-1)!;
    const pack = names(PACK)[0]!;
    for (const half of [first, second]) flip(half, pack);
    const { unmended } = await repairVault({ store: fresh() });
    expect(unmended.map(({ code, object, copy }) => [code, object, copy])).toContainEqual(["pack.damaged", pack, undefined]);
    expect([...second.objects.keys()].filter((key) => key.startsWith("snapshots/"))).toEqual([newest]);
  });
});

describe("reading a pair of which one copy is rotten", () => {
  it.each(["stored", "key"] as const)("gives every record once, in the order %s, from whichever copy has it", async (order) => {
    const { first, second, all, names } = await pair();
    const expected = await all(order);
    expect(expected).toHaveLength(120);
    for (const [n, pack] of names(PACK).entries()) flip(n % 2 === 0 ? first : second, pack, n % 3 === 0 ? 0.2 : 0.8);
    for (const [n, tree] of names(/^tree\//).entries()) flip(n % 2 === 0 ? first : second, tree);
    for (const key of names(/^(vault\.json|snapshots\/.*|keys\/.*)$/)) flip(first, key, 0.5);
    expect(await all(order)).toEqual(expected);
  });

  it("ends with an error where both are", async () => {
    const { first, second, all, names } = await pair();
    for (const half of [first, second]) flip(half, names(PACK)[1]!);
    await expect(all()).rejects.toMatchObject({ code: "vault.damaged_object", object: names(PACK)[1]! });
  });

  it("finds one record, and what belongs to it", async () => {
    const { first, fresh, test, names } = await pair();
    for (const pack of names(PACK)) flip(first, pack, 0.5);
    for (const key of names(/^packs\/.*\.key$/)) flip(first, key, 0.5);
    const store = fresh();
    const vault = await openVaultWithIdentity({ store, opener: test.identity.opener, scratchDirectory: SCRATCH });
    const reader = vault.read(await vault.resolve("latest"), contentKeys(store, test.identity.opener));
    expect((await reader.tree("person-7")).map(({ id }) => id)).toEqual(["person-7", "field-7-a", "field-7-b"]);
    expect((await reader.get("field-9-b"))?.record?.id).toBe("field-9-b");
  });
});
