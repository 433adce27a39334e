/** A pair of real storages: a bucket of Ceph's gateway under Object Lock, and a directory. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { openStore } from "#app/stores/index.ts";
import { writeExportFile } from "#tests/bench/export-file.ts";
import { cephIsHere, startCeph, type S3Server } from "#tests/support/servers/ceph.ts";
import { contract, vaultThroughTheCommand } from "./support/stores.ts";

const HOLDFAST = resolve(import.meta.dirname, "../../bin/holdfast");

describe("a bucket and a directory as one storage", { timeout: 900_000, skip: cephIsHere() ? false : "radosgw is not installed" }, () => {
  let ceph: S3Server;
  let admin: S3Client;
  let folder: string;
  const bucket = (name: string, more = ""): string => `s3://${name}/vault?endpoint=${encodeURIComponent(ceph.endpoint)}${more}`;
  const pairOf = (name: string, more = ""): string => `replicated:?first=${encodeURIComponent(bucket(name, more))}&second=${encodeURIComponent(`file://${folder}/${name}`)}`;
  const env = (): Readonly<Record<string, string>> => ({ AWS_ACCESS_KEY_ID: ceph.accessKeyId, AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey });

  before(async () => {
    ceph = await startCeph();
    folder = mkdtempSync(join(tmpdir(), "holdfast-pair-"));
    admin = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
    for (const Bucket of ["contract", "command", "healed"]) await admin.send(new CreateBucketCommand({ Bucket, ...(Bucket === "healed" ? { ObjectLockEnabledForBucket: true } : {}) }));
  });
  after(async () => {
    admin.destroy();
    rmSync(folder, { recursive: true, force: true });
    await ceph.stop();
  });

  contract("the pair", () => openStore(pairOf("contract"), { credentials: () => ({ kind: "s3", accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }) }));

  it("holds a vault, from the command line", () => vaultThroughTheCommand(pairOf("command"), env()));

  it("is verified in both halves, exported while both are damaged, and healed each from the other, from the command line", async () => {
    const run = async (...args: string[]): Promise<Record<string, unknown>> => {
      const done = await promisify(execFile)(HOLDFAST, [...args, "--json"], { env: { ...process.env, HOLDFAST_HOME: join(folder, "home"), ...env() }, encoding: "utf8", maxBuffer: 1 << 26 }).catch((error: { stdout: string; stderr: string }) => {
        if (error.stdout === "") throw new Error(`${args.join(" ")}: ${error.stderr}`);
        return error;
      });
      return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    };
    const address = pairOf("healed", "&lock=compliance&lock-days=1");
    const data = join(folder, "data.jsonl");
    await writeExportFile({ path: data, bytes: 2 << 20, seed: 12 });
    const identity = join(folder, "keys/identity.jwk");
    await run("keys", "new", "--out", join(folder, "keys"));
    await run("vault", "create", address, "--recipient", join(folder, "keys/recipient.jwk"));
    await run("snapshot", address, "--source", `jsonl:${data}`);
    const listed = (await admin.send(new ListObjectsV2Command({ Bucket: "healed" }))).Contents!.map(({ Key }) => Key!);
    const bodyOf = async (Key: string): Promise<Buffer> => Buffer.from(await (await admin.send(new GetObjectCommand({ Bucket: "healed", Key }))).Body!.transformToByteArray());
    const pack = listed.find((key) => /packs\/..\/[0-9a-f]{64}$/.test(key))!;
    const manifest = listed.find((key) => key.includes("/snapshots/"))!;
    const tree = listed.find((key) => key.includes("/tree/"))!;
    const local = (key: string): string => join(folder, "healed", key.replace(/^vault\//, ""));

    // The bucket's half: other bytes on a pack, and the manifest hidden; the directory's: a rotten block, and the ledger's checkpoint gone.
    const rotten = await bodyOf(pack);
    rotten[rotten.length >> 1]! ^= 1;
    await admin.send(new PutObjectCommand({ Bucket: "healed", Key: pack, Body: rotten }));
    await admin.send(new DeleteObjectCommand({ Bucket: "healed", Key: manifest }));
    const block = readFileSync(local(tree));
    block[block.length >> 1]! ^= 1;
    rmSync(local(tree));
    writeFileSync(local(tree), block);
    const checkpoint = listed.filter((key) => key.includes("/ledger/checkpoints/")).at(-1)!;
    rmSync(local(checkpoint));

    const found = (await run("verify", address, "--read-data", "--identity", identity))["findings"] as { code: string; object: string; copy?: string }[];
    const name = (key: string): string => key.replace(/^vault\//, "");
    for (const [code, key, copy] of [["pack.damaged", pack, "first"], ["copy.missing", manifest, "first"], ["copy.missing", checkpoint, "second"]] as const) {
      assert.ok(found.some((finding) => finding.code === code && finding.object === name(key) && finding.copy === copy), `${code} ${key} in the ${copy}: ${JSON.stringify(found)}`);
    }
    assert.ok(found.some((finding) => finding.object === name(tree) && finding.copy === "second"), JSON.stringify(found));

    const lines = (path: string): string[] => readFileSync(path, "utf8").split("\n").sort();
    await run("export", address, "latest", "--identity", identity, "--out", join(folder, "out.jsonl"));
    assert.deepEqual(lines(join(folder, "out.jsonl")), lines(data), "nothing is lost to a reader meanwhile");

    const repaired = await run("vault", "repair", address);
    assert.deepEqual([repaired["ok"], repaired["unmended"]], [true, []], JSON.stringify(repaired));
    const verdict = await run("verify", address, "--read-data", "--identity", identity);
    assert.deepEqual([verdict["ok"], verdict["findings"]], [true, []]);
    for (const key of [pack, manifest, tree, checkpoint]) assert.deepEqual(await bodyOf(key), readFileSync(local(key)), `${key} is the same in both`);
    for (const half of [bucket("healed"), `file://${folder}/healed`]) assert.equal((await run("verify", half, "--read-data", "--identity", identity))["ok"], true, half);
    assert.ok(statSync(join(folder, "healed/vault.json")).size > 0 && readdirSync(join(folder, "healed")).length > 4);
  });
});
