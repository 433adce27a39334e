/**
 * Object Lock as a vault uses it, against Ceph's gateway: what whoever has the credentials cannot destroy, what erasure still can, when prune may, and that locks
 * are made longer while a snapshot rests on them.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectRetentionCommand, ListObjectVersionsCommand, PutBucketPolicyCommand, PutObjectCommand, PutObjectRetentionCommand, S3Client } from "@aws-sdk/client-s3";
import { LockingStore, openStore } from "#app/stores/index.ts";
import { openS3, S3_PARAMETERS } from "#app/stores/s3/open-s3.ts";
import { parseAddress } from "#app/stores/shared/address.ts";
import { contentKeys, createVault, lockClassOf, openVault, parsePolicy, prune, redact, repairVault, verifyVault } from "#app/vault/index.ts";
import type { ObjectStore, Vault } from "#app/vault/index.ts";
import { PackReader } from "#app/vault/pack/pack-reader.ts";
import { cephIsHere, startCeph, type S3Server } from "#tests/support/servers/ceph.ts";
import { readAll, record, SCRATCH, seededRandom, snapshotOf, testIdentity } from "#tests/support/vault-kit.ts";

const DAY = 24 * 3_600_000;
const people = (version: number, count = 30) => Array.from({ length: count }, (_, n) => record("customers", `person-${n}`, `synthetic person ${n}, version ${n % 3 === 0 ? version : 0}, ${Buffer.from(seededRandom(`${n}`)(60)).toString("hex")}`));

describe("a vault in a bucket with Object Lock", { timeout: 240_000, skip: cephIsHere() ? false : "radosgw is not installed" }, () => {
  let ceph: S3Server;
  let admin: S3Client;
  before(async () => {
    ceph = await startCeph();
    admin = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
    await admin.send(new CreateBucketCommand({ Bucket: "vaults", ObjectLockEnabledForBucket: true }));
  });
  after(async () => {
    admin.destroy();
    await ceph.stop();
  });

  const raw = (folder: string, more = "lock=compliance", now?: () => Date): Promise<ObjectStore> =>
    openStore(`s3://vaults/${folder}?endpoint=${encodeURIComponent(ceph.endpoint)}&${more}`, { credentials: () => ({ kind: "s3", accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }), ...(now === undefined ? {} : { now }) });

  /** `ahead`: how far the host's clock is before the server's, ms. */
  async function vaultIn(folder: string, open: (now: () => Date) => Promise<ObjectStore>) {
    let ahead = 0;
    const now = (): Date => new Date(Date.now() + ahead);
    const store = await open(now);
    const identity = await testIdentity();
    const random = seededRandom(`${folder} ${Date.now()}`);
    const clock = { now };
    const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random });
    const opened = (): Promise<Vault> => openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 1000, packBytes: 2500 } });
    const faults = async () => (await verifyVault({ store, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH })).findings;
    const names = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { key } of store.list("")) found.push(key);
      return found;
    };
    return { store, identity, hostKeys, clock, random, opened, faults, names, pass: (ms: number) => void (ahead += ms), folder, take: async (version: number) => (await snapshotOf(await opened(), people(version))).manifest };
  }
  const versionsOf = async (name: string) => {
    const { Versions } = await admin.send(new ListObjectVersionsCommand({ Bucket: "vaults", Prefix: name }));
    return (Versions ?? []).filter(({ Key }) => Key === name);
  };
  const lockOf = async (name: string): Promise<Date | undefined> => (await admin.send(new GetObjectRetentionCommand({ Bucket: "vaults", Key: name })).catch(() => ({ Retention: undefined }))).Retention?.RetainUntilDate;

  it("no version of anything a snapshot rests on can be destroyed with the host's credentials, nor its lock shortened; pack keys can", async () => {
    const vault = await vaultIn("held", (now) => raw("held", "lock=compliance&lock-days=2", now));
    await vault.take(1);
    const names = await vault.names();
    const locked = names.filter((key) => lockClassOf(key) !== null);
    assert.deepEqual([...new Set(locked.map((key) => key.split("/")[0]))].sort(), ["keys", "packs", "snapshots", "tree", "vault.json"]);
    for (const key of locked) {
      const Key = `held/${key}`;
      for (const { VersionId } of await versionsOf(Key)) {
        await assert.rejects(admin.send(new DeleteObjectCommand({ Bucket: "vaults", Key, VersionId })), { name: "AccessDenied" }, key);
        await assert.rejects(admin.send(new DeleteObjectCommand({ Bucket: "vaults", Key, VersionId, BypassGovernanceRetention: true })), { name: "AccessDenied" }, key);
        await assert.rejects(admin.send(new PutObjectRetentionCommand({ Bucket: "vaults", Key, VersionId, Retention: { Mode: "COMPLIANCE", RetainUntilDate: new Date(Date.now() + 10_000) } })), { name: "AccessDenied" }, key);
      }
      const left = ((await lockOf(Key))!.getTime() - Date.now()) / DAY;
      assert.ok(left > 1.99 && left <= 2.001, `${key}: ${String(left)} days`);
    }
    const keys = names.filter((key) => !locked.includes(key));
    assert.ok(keys.length > 0 && keys.every((key) => /^packs\/..\/[0-9a-f]{64}\.key$/.test(key)), "all that is not locked are keys of packs");
    for (const key of keys) assert.equal(await lockOf(`held/${key}`), undefined);
  });

  it("what is hidden by a plain DELETE, or by other bytes put on top, is found, and repair takes it off: nothing was lost", async () => {
    const vault = await vaultIn("hidden", (now) => raw("hidden", "lock=compliance&lock-days=1", now));
    await vault.take(1);
    await vault.take(2);
    const names = await vault.names();
    const some = (pattern: RegExp): string => names.find((key) => pattern.test(key))!;
    const [manifest, pack, tree] = [some(/^snapshots\//), some(/^packs\/..\/[0-9a-f]{64}$/), some(/^tree\//)];
    for (const key of ["vault.json", manifest, tree]) await admin.send(new DeleteObjectCommand({ Bucket: "vaults", Key: `hidden/${key}` }));
    await admin.send(new PutObjectCommand({ Bucket: "vaults", Key: `hidden/${pack}`, Body: "garbage" }));
    assert.equal(await vault.store.get(manifest), null);
    const { mended, unmended } = await repairVault({ store: vault.store, vaultId: vault.hostKeys.vaultId });
    assert.deepEqual(unmended, []);
    assert.deepEqual(mended.map(({ object, by }) => `${by} ${object}`).sort(), [manifest, pack, tree, "vault.json"].map((key) => `earlier-version ${key}`).sort());
    assert.deepEqual(await vault.faults(), []);
    assert.equal((await (await vault.opened()).snapshots()).length, 2);
  });

  it("a person is erased on locked storage: the old packs stay locked and open to nothing, the certificate says so", async () => {
    const vault = await vaultIn("erased", (now) => raw("erased", "lock=compliance&lock-days=1", now));
    await vault.take(1);
    const { store, identity, hostKeys, clock } = vault;
    const opened = await vault.opened();
    const outcome = await redact({ store, description: opened.description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: contentKeys(store, identity.opener), clock, random: vault.random, ids: ["person-7"], tree: true, actor: "test", reason: "request 7" });
    assert.equal(outcome.kind, "done");
    if (outcome.kind !== "done") return;
    const { remaining } = outcome.report.certificates[0]!.certificate;
    assert.ok(remaining.length > 0 && remaining.every(({ code, object }) => code === "store.locked" && /^packs\/..\/[0-9a-f]{64}$/.test(object)));
    for (const { object } of remaining) {
      assert.notEqual(await store.get(object), null, "its bytes are there");
      assert.deepEqual(await versionsOf(`erased/${object}.key`), [], "no version of its key is");
      const reader = new PackReader(store, Buffer.from(hostKeys.vaultId, "hex"), contentKeys(store, identity.opener));
      await assert.rejects(async () => { for await (const _ of reader.frames(object.split("/").at(-1)!)) break; }, { code: "vault.missing_object" });
    }
    const left = await readAll(await vault.opened(), "latest", contentKeys(store, identity.opener));
    assert.deepEqual([left.length, left.some(({ id }) => id === "person-7")], [29, false]);
    assert.deepEqual(await vault.faults(), []);
  });

  it("locks are made longer for as long as a kept snapshot rests on an object, and not for what a prune gave up", async () => {
    const vault = await vaultIn("longer", (now) => raw("longer", "lock=compliance&lock-days=2", now));
    const first = await vault.take(1);
    await vault.take(2);
    const pruned = async (dryRun = false) => {
      const outcome = await prune({ store: vault.store, description: (await vault.opened()).description, signingKey: vault.hostKeys.signingKey, clock: vault.clock, policy: parsePolicy("last=1")!, actor: "test", verified: new Set(), graceMs: 0, dryRun });
      assert.equal(outcome.kind, "done");
      return outcome.kind === "done" ? outcome.report : null;
    };
    assert.deepEqual((await pruned(true))!.kept.filter(({ object }) => object.startsWith("snapshots/")), [{ object: first.objectKey, code: "store.locked" }]);
    assert.deepEqual((await pruned())!.expired, []);
    assert.ok((await vault.names()).includes(first.objectKey), "it is still there");
    const before = new Map(await Promise.all((await vault.names()).map(async (key) => [key, await lockOf(`longer/${key}`)] as const)));
    vault.pass(1.5 * DAY);
    await vault.take(2);
    let longer = 0;
    for (const [key, until] of before) {
      if (until === undefined) continue;
      const ends = (await lockOf(`longer/${key}`))!;
      if (ends > until) longer++;
      else assert.ok(key === first.objectKey || !(await needed(vault.store, key, vault.opened)), `${key} ran on`);
    }
    assert.ok(longer > 5);
    assert.equal((await lockOf(`longer/${first.objectKey}`))!.getTime(), before.get(first.objectKey)!.getTime());
  });

  it("prune removes what it gave up as soon as its lock has ended", async () => {
    // Seconds, for which an address has no words.
    const seconds = 8;
    const address = new URL(`s3://vaults/ended?endpoint=${encodeURIComponent(ceph.endpoint)}&lock=compliance`);
    const bucket = await openS3(parseAddress(address, S3_PARAMETERS), { kind: "s3", accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey });
    const vault = await vaultIn("ended", (now) => Promise.resolve(new LockingStore(bucket, seconds / 86_400, now)));
    const first = await vault.take(1);
    await vault.take(2);
    const pruned = async () => {
      const outcome = await prune({ store: vault.store, description: (await vault.opened()).description, signingKey: vault.hostKeys.signingKey, clock: vault.clock, policy: parsePolicy("last=1")!, actor: "test", verified: new Set(), graceMs: 0 });
      if (outcome.kind !== "done") throw new Error(outcome.code);
      return outcome.report;
    };
    const refused = await pruned();
    assert.deepEqual([refused.expired, refused.removed.objects], [[], 0]);
    assert.ok(refused.kept.some(({ object, code }) => object === first.objectKey && code === "store.locked"));
    await new Promise((resolve) => setTimeout(resolve, (seconds + 1) * 1000));
    const done = await pruned();
    assert.deepEqual([done.expired, done.kept], [[first.snapshotId], []]);
    assert.ok(done.removed.objects > 0);
    assert.deepEqual(await versionsOf(`ended/${first.objectKey}`), []);
    assert.deepEqual(await vault.faults(), []);
  });
});

describe("the rights that docs/stores.md names", { timeout: 240_000, skip: cephIsHere() ? false : "radosgw is not installed" }, () => {
  let ceph: S3Server;
  let admin: S3Client;
  const policies = [...readFileSync(join(import.meta.dirname, "../../docs/stores.md"), "utf8").matchAll(/```json\n([^`]*)```/g)].map(([, text]) => text!);
  before(async () => {
    ceph = await startCeph();
    admin = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
  });
  after(async () => {
    admin.destroy();
    await ceph.stop();
  });

  /** A bucket on which a user of that name has these rights and no others. */
  async function bucketFor(name: string, without: readonly string[] = []): Promise<{ theirs: ObjectStore; menders: ObjectStore }> {
    await admin.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
    const [user, mender] = [ceph.addUser(name), ceph.addUser(`${name}-mender`)];
    const policy = JSON.parse(policies[0]!.replaceAll("BUCKET", name).replaceAll("PREFIX", "vault")) as { Statement: { Action: string[] }[] };
    const grant = (to: string, but: readonly string[]) => policy.Statement.map((statement) => ({ ...statement, Action: statement.Action.filter((action) => !but.includes(action)), Principal: { AWS: [`arn:aws:iam:::user/${to}`] } }));
    const Statement = [...grant(name, without), ...grant(`${name}-mender`, [])];
    await admin.send(new PutBucketPolicyCommand({ Bucket: name, Policy: JSON.stringify({ ...policy, Statement }) }));
    const as = (credentials: { accessKeyId: string; secretAccessKey: string }) => openStore(`s3://${name}/vault?endpoint=${encodeURIComponent(ceph.endpoint)}&lock=compliance&lock-days=1`, { credentials: () => ({ kind: "s3", ...credentials }), retry: null });
    return { theirs: await as(user), menders: await as(mender) };
  }
  async function vaultOn(store: ObjectStore) {
    const identity = await testIdentity();
    const random = seededRandom(`rights ${Date.now()}`);
    const clock = { now: () => new Date() };
    const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random });
    const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 1000, packBytes: 2500 } });
    await snapshotOf(vault, people(1));
    return { identity, hostKeys, clock, random, vault };
  }

  it("are enough to make a vault, take snapshots, erase a person and be told what is locked", async () => {
    const { theirs } = await bucketFor("enough");
    assert.equal(await theirs.get("not/there"), null);
    const { identity, hostKeys, clock, random, vault } = await vaultOn(theirs);
    const outcome = await redact({ store: theirs, description: vault.description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: contentKeys(theirs, identity.opener), clock, random, ids: ["person-7"], tree: true, actor: "test", reason: "request" });
    assert.equal(outcome.kind, "done");
    if (outcome.kind === "done") assert.ok(outcome.report.certificates[0]!.certificate.remaining.every(({ code }) => code === "store.locked"));
    assert.deepEqual((await verifyVault({ store: theirs, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH })).findings, []);
  });

  it("without s3:DeleteObjectVersion destroy nothing, keys of packs included: what was hidden is brought back by whoever may", async () => {
    const { theirs, menders } = await bucketFor("nothing", ["s3:DeleteObjectVersion"]);
    const { identity, hostKeys } = await vaultOn(theirs);
    const user = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: "holdfastnothing", secretAccessKey: "synthetic-secret-of-nothing" }, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
    const keys: string[] = [];
    for await (const { key } of theirs.list("packs/")) if (key.endsWith(".key")) keys.push(key);
    assert.ok(keys.length > 1);
    for (const key of keys) {
      await assert.rejects(theirs.remove(key), { code: "store.refused" });
      await user.send(new DeleteObjectCommand({ Bucket: "nothing", Key: `vault/${key}` }));
      assert.equal(await theirs.get(key), null, "it is hidden");
    }
    user.destroy();
    const { unmended } = await repairVault({ store: menders });
    assert.deepEqual(unmended, []);
    assert.deepEqual((await verifyVault({ store: theirs, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH })).findings, []);
  });
});

async function needed(store: ObjectStore, key: string, opened: () => Promise<Vault>): Promise<boolean> {
  const [newest] = await (await opened()).snapshots();
  const text = Buffer.from((await store.get(`tree/${newest!.packs.object.slice(0, 2)}/${newest!.packs.object}`))!).toString();
  return text.includes(key.split("/").at(-1)!) || newest!.runs.some((run) => run.objects.some(({ id }) => key.endsWith(id)));
}
