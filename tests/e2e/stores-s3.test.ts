/** The S3 adapter against Ceph's gateway, a server other people wrote, with conditional writes, versions and Object Lock. */
import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { openStore, type OpenOptions } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { faultProxy, type FaultProxy } from "#tests/support/fault-proxy.ts";
import { cephIsHere, startCeph, type S3Server } from "#tests/support/servers/ceph.ts";
import { contract, IMPATIENT, networkFaults, vaultThroughTheCommand } from "./support/stores.ts";

describe("a bucket of Ceph's S3 gateway as a store", { timeout: 240_000, skip: cephIsHere() ? false : "radosgw is not installed" }, () => {
  let ceph: S3Server;
  let proxy: FaultProxy;
  let admin: S3Client;
  const credentials = (secret = ceph.secretAccessKey): NonNullable<OpenOptions["credentials"]> => () => ({ kind: "s3", accessKeyId: ceph.accessKeyId, secretAccessKey: secret });
  const address = (bucket: string, more = "", port = ceph.port): string => `s3://${bucket}/pre/fix?endpoint=${encodeURIComponent(`http://127.0.0.1:${String(port)}`)}${more}`;
  const open = (bucket: string, more = "", port?: number): Promise<ObjectStore> => openStore(address(bucket, more, port), { credentials: credentials(), retry: null });

  before(async () => {
    ceph = await startCeph();
    proxy = await faultProxy(ceph.port);
    admin = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }, requestChecksumCalculation: "WHEN_REQUIRED" });
    await admin.send(new CreateBucketCommand({ Bucket: "plain" }));
    await admin.send(new CreateBucketCommand({ Bucket: "versioned" }));
    await admin.send(new PutBucketVersioningCommand({ Bucket: "versioned", VersioningConfiguration: { Status: "Enabled" } }));
    await admin.send(new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }));
  });
  after(async () => {
    admin.destroy();
    await proxy.close();
    await ceph.stop();
  });

  contract("plain", () => open("plain"));
  contract("with versions and Object Lock", () => open("locked", "&lock=compliance"));
  networkFaults(() => proxy, () => openStore(address("plain", "", proxy.port), { credentials: credentials(), retry: null, patience: IMPATIENT }), { http: true });

  it("locks for as long as it was told: not removed before, by nobody; gone after", async () => {
    const store = await open("locked", "&lock=compliance");
    const until = Date.now() + 4000;
    await store.putIfAbsent("lock/it", Buffer.from("x"), { lockUntil: new Date(until) });
    await assert.rejects(store.remove("lock/it"), { code: "store.locked" });
    await assert.rejects((await open("locked")).remove("lock/it"), { code: "store.refused" }, "who does not know of the lock is refused all the same");
    assert.equal(await store.putIfAbsent("lock/it", Buffer.from("y")), "already-there");
    assert.equal(Buffer.from((await store.get("lock/it"))!).toString(), "x");
    await new Promise((resolve) => setTimeout(resolve, until - Date.now() + 1000));
    await store.remove("lock/it");
    assert.equal(await store.get("lock/it"), null);
  });

  it("removes every version and every delete marker of a name, and of no other", async () => {
    const Key = "pre/fix/erase/me";
    for (const Body of ["first", "second", "third"]) await admin.send(new PutObjectCommand({ Bucket: "versioned", Key, Body }));
    await admin.send(new PutObjectCommand({ Bucket: "versioned", Key: `${Key}.key`, Body: "other" }));
    await (await open("versioned")).remove("erase/me");
    const left = await admin.send(new ListObjectVersionsCommand({ Bucket: "versioned", Prefix: Key }));
    assert.deepEqual([(left.Versions ?? []).map((version) => version.Key), left.DeleteMarkers ?? []], [[`${Key}.key`], []]);
  });

  it("takes a name as free when somebody's delete marker lies on it", async () => {
    const store = await open("versioned");
    const { DeleteObjectCommand } = await import("@aws-sdk/client-s3");
    await store.putIfAbsent("marked", Buffer.from("old"));
    await admin.send(new DeleteObjectCommand({ Bucket: "versioned", Key: "pre/fix/marked" }));
    assert.equal(await store.get("marked"), null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await store.putIfAbsent("marked", Buffer.from("new")), "stored");
    assert.equal(Buffer.from((await store.get("marked"))!).toString(), "new");
  });

  it("sends large objects in parts that are one object, once", async () => {
    const store = await open("plain");
    const body = Buffer.alloc(65 * 1024 * 1024 + 7, "synthetic ");
    assert.equal(await store.putIfAbsent("large", body), "stored");
    assert.equal(await store.putIfAbsent("large", body), "already-there");
    assert.match((await admin.send(new GetObjectCommand({ Bucket: "plain", Key: "pre/fix/large", Range: "bytes=0-0" }))).ETag ?? "", /-5"?$/, "it went in five parts");
    assert.deepEqual(Buffer.from((await store.get("large", { offset: 64 * 1024 * 1024 - 3, length: 20 }))!), body.subarray(64 * 1024 * 1024 - 3, 64 * 1024 * 1024 + 17));
    await store.remove("large");
  });

  it("reads a listing of many pages, of names and of versions, to its end", async () => {
    const { S3Store } = await import("#app/stores/s3/s3-store.ts");
    const sdk = await import("@aws-sdk/client-s3");
    const paged = (Bucket: string, prefix: string): ObjectStore => new S3Store({ sdk, client: admin, bucket: Bucket, prefix, lock: { mode: "COMPLIANCE", days: 1 }, trustConditions: false, encryption: null, patience: IMPATIENT, pageSize: 3 });
    const store = paged("plain", "pages");
    const names = Array.from({ length: 11 }, (_, n) => `n/${String(n).padStart(2, "0")}`);
    for (const name of names) await admin.send(new PutObjectCommand({ Bucket: "plain", Key: `pages/${name}`, Body: "x" }));
    const listed: string[] = [];
    for await (const { key } of store.list("n/")) listed.push(key);
    assert.deepEqual(listed, names);

    const versioned = paged("versioned", "pages");
    for (let n = 0; n < 8; n++) await admin.send(new PutObjectCommand({ Bucket: "versioned", Key: "pages/many", Body: `version ${String(n)}` }));
    for (const name of ["hidden-1", "hidden-2", "hidden-3"]) {
      await admin.send(new PutObjectCommand({ Bucket: "versioned", Key: `pages/${name}`, Body: "x" }));
      await admin.send(new sdk.DeleteObjectCommand({ Bucket: "versioned", Key: `pages/${name}` }));
    }
    await admin.send(new PutObjectCommand({ Bucket: "versioned", Key: "pages/plain", Body: "x" }));
    const hidden: string[] = [];
    for await (const name of versioned.locks!.hidden("")) hidden.push(name);
    assert.deepEqual(hidden, ["hidden-1", "hidden-2", "hidden-3", "many"]);
    await versioned.remove("many");
    assert.deepEqual((await admin.send(new ListObjectVersionsCommand({ Bucket: "versioned", Prefix: "pages/many" }))).Versions ?? [], []);
  });

  it("sends the key and the algorithm that the address names, with objects in one piece and in parts", async () => {
    const { createServer } = await import("node:http");
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method ?? ""} ${(request.url ?? "").replace(/\?.*uploads.*/, "?uploads")} ${String(request.headers["x-amz-server-side-encryption"])} ${String(request.headers["x-amz-server-side-encryption-aws-kms-key-id"])}`);
      request.resume().on("end", () => response.writeHead(request.method === "HEAD" ? 404 : 403).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      const store = await open("plain", "&sse=aws:kms&kms-key=alias%2Fbackups", port);
      await assert.rejects(store.putIfAbsent("small", Buffer.from("x")));
      await assert.rejects(store.putIfAbsent("large", Buffer.alloc(65 * 1024 * 1024)));
    } finally {
      server.closeAllConnections();
      server.close();
    }
    assert.ok(seen.some((line) => /^PUT .*\/small.* aws:kms alias\/backups$/.test(line)), seen.join("\n"));
    assert.ok(seen.some((line) => /^POST .*\?uploads aws:kms alias\/backups$/.test(line)), seen.join("\n"));
  });

  it("asks for encryption at rest with every write when the address says so", async () => {
    const sent: string[] = [];
    const { S3Store } = await import("#app/stores/s3/s3-store.ts");
    const sdk = await import("@aws-sdk/client-s3");
    admin.middlewareStack.add((next) => (args) => {
      sent.push(JSON.stringify((args.request as { headers?: object }).headers ?? {}));
      return next(args);
    }, { step: "finalizeRequest", name: "look" });
    const store = new S3Store({ sdk, client: admin, bucket: "plain", prefix: "", lock: null, trustConditions: false, encryption: { algorithm: "AES256" }, patience: IMPATIENT });
    await store.putIfAbsent("encrypted", Buffer.from("x"));
    admin.middlewareStack.remove("look");
    assert.ok(sent.some((headers) => /"x-amz-server-side-encryption":"AES256"/.test(headers) && /"content-md5"/i.test(headers) && /"if-none-match":"\*"/i.test(headers)));
  });

  it("names what is wrong: the secret, the bucket, the server", async () => {
    const wrong = await openStore(address("plain"), { credentials: credentials("wrong"), retry: null });
    await assert.rejects(wrong.get("a"), { code: "store.refused", retry: "never" });
    await assert.rejects(wrong.putIfAbsent("a", Buffer.from("x")), { code: "store.refused" });
    await assert.rejects((await open("nowhere")).get("a"), { code: "store.bad_address" });
    await assert.rejects((await open("nowhere")).putIfAbsent("a", Buffer.from("x")), { code: "store.bad_address" });
    await assert.rejects((await open("plain", "", 9)).get("a"), { code: "store.unreachable", retry: "later" });
    await assert.rejects(open("plain", "&unknown=1"), { code: "store.bad_address" });
  });

  it("holds a vault, from the command line, in a bucket with Object Lock", async () => {
    await vaultThroughTheCommand(address("locked", "&lock=compliance"), { AWS_ACCESS_KEY_ID: ceph.accessKeyId, AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey });
  });
});
