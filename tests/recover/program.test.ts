/** recover.mjs as it lies in a vault: one file, node, and a folder; nothing else within reach. */
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newIdentity, openerFor, shareFile, shareSheet, splitIdentity, writeIdentityFiles } from "#app/keys/index.ts";
import { recoveryKit, recoveryProgram, type RecoverReport } from "#app/recover/index.ts";
import { contentKeys, openVault, openVaultWithIdentity } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, SCRATCH, shopRecords, snapshotOf } from "#tests/support/vault-kit.ts";

let root = "";
let exported: Buffer;
let store: MemoryStore;
const PASSPHRASE = "synthetic passphrase";
/** Everything of the machine but node is kept away: no PATH, no home, no environment. */
const CAN_CUT_NETWORK = spawnSync("unshare", ["--net", "true"]).status === 0;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "holdfast-recover-"));
  const identity = await newIdentity();
  await writeIdentityFiles(path.join(root, "keys"), identity);
  await writeIdentityFiles(path.join(root, "sealed"), identity, PASSPHRASE);
  await writeIdentityFiles(path.join(root, "strange"), await newIdentity("P-384"));
  writeFileSync(path.join(root, "passphrase.txt"), `${PASSPHRASE}\n`);
  writeFileSync(path.join(root, "wrong.txt"), "another\n");
  const shares = await splitIdentity(identity, { shares: 3, threshold: 2, random: (bytes) => randomBytes(bytes) });
  for (const share of shares) writeFileSync(path.join(root, `share-${share.number}`), share.number === 1 ? shareSheet(share) : JSON.stringify(shareFile(share)));
  store = new MemoryStore();
  const opener = openerFor(identity);
  const made = await newTestVault(store, "program", { recipient: identity.recipient, opener });
  const vault = await openVault({ store, hostKeys: made.hostKeys, clock: made.clock, random: made.random, scratchDirectory: SCRATCH, tuning: { frameBytes: 8000, packBytes: 40_000 } });
  const records = shopRecords(800);
  await snapshotOf(vault, records.slice(0, 1500));
  await snapshotOf(vault, records);
  for (const [key, bytes] of store.objects) put(path.join(root, "bucket", key), bytes);
  put(path.join(root, "bucket", "recover.mjs"), await recoveryProgram());
  const reader = await openVaultWithIdentity({ store, opener });
  exported = Buffer.concat((await readAll(reader, "latest", contentKeys(store, opener))).flatMap(({ bytes }) => [Buffer.from(bytes), Buffer.from("\n")]));
  expect(exported.length).toBeGreaterThan(100_000);
}, 60_000);
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(file: string, bytes: Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let number = 0;
/** In an empty directory, with an empty environment, without a network where that may be had. */
function run(args: readonly string[], nodeArgs: readonly string[] = []): Promise<Ran> {
  const cwd = path.join(root, `empty-${++number}`);
  mkdirSync(cwd);
  const command = [process.execPath, ...nodeArgs, path.join(root, "bucket", "recover.mjs"), ...args];
  const [file, ...rest] = CAN_CUT_NETWORK ? ["/usr/bin/unshare", "--net", ...command] : command;
  return new Promise((resolve) => {
    execFile(file as string, rest, { cwd, env: { PATH: "", HOME: cwd } as unknown as NodeJS.ProcessEnv, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const out = (name: string): string => path.join(root, name);
const report = (name: string): RecoverReport => JSON.parse(readFileSync(path.join(out(name), "report.json"), "utf8")) as RecoverReport;
const bucket = (): string => path.join(root, "bucket");
const NO_TRACE = /\n\s+at |\.ts:\d+|node:internal/;

describe("the program", () => {
  test("is one file that takes nothing but parts of node, has no name of this machine in it, and is the same bytes every time", async () => {
    const text = (await recoveryProgram()).toString("utf8");
    const taken = [...text.matchAll(/\brequire\("([^"]+)"\)|\bimport\s*\(\s*"([^"]+)"|\bfrom\s*"([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? match[3]);
    expect(taken.length).toBeGreaterThan(5);
    expect(taken.filter((name) => !/^node:[a-z/_]+$/.test(name as string))).toEqual([]);
    expect(text).not.toContain("is not part of the recovery program");
    expect(text).not.toContain(path.resolve(import.meta.dirname, "../.."));
    const again = spawnSync(process.execPath, ["--input-type=module", "-e", `import { recoveryProgram } from ${JSON.stringify(path.resolve(import.meta.dirname, "../../app/recover/bundle.ts"))}; process.stdout.write(await recoveryProgram());`], { cwd: tmpdir(), maxBuffer: 2 ** 26 });
    expect(again.stderr.toString()).toBe("");
    expect(Buffer.compare(again.stdout, Buffer.from(text, "utf8"))).toBe(0);
    expect([...(await recoveryKit()).files.keys()].sort()).toEqual(["FORMAT.md", "README.txt", "recover.mjs"]);
  }, 60_000);

  test("restores everything from the bucket's files, byte for byte as an export, with nothing else within reach", async () => {
    for (let up = root; up !== path.dirname(up); up = path.dirname(up)) expect(existsSync(path.join(up, "node_modules"))).toBe(false);
    const ran = await run([bucket(), "--identity", path.join(root, "keys/identity.jwk"), "--out", out("whole")]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain("Whole: every digest and signature held");
    expect(Buffer.compare(readFileSync(path.join(out("whole"), "records.jsonl")), exported)).toBe(0);
    expect(readdirSync(out("whole")).sort()).toEqual(["records.jsonl", "report.json"]);
    expect(report("whole")).toMatchObject({ outcome: "whole", error: null, findingCount: 0, lost: 0, signaturesChecked: true });
  });

  test("opens an identity that is sealed with a passphrase, and says in one sentence when the passphrase is wrong or nobody can be asked", async () => {
    const sealed = ["--identity", path.join(root, "sealed/identity.jwk")];
    expect((await run([bucket(), ...sealed, "--passphrase-file", path.join(root, "passphrase.txt"), "--out", out("sealed-out")])).code).toBe(0);
    expect(Buffer.compare(readFileSync(path.join(out("sealed-out"), "records.jsonl")), exported)).toBe(0);
    const wrong = await run([bucket(), ...sealed, "--passphrase-file", path.join(root, "wrong.txt"), "--out", out("wrong-out")]);
    expect(wrong).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^recover: The passphrase [^\n]+; [^\n]+\.\n$/) });
    expect(report("wrong-out")).toMatchObject({ outcome: "failed", error: { code: "keys.passphrase_wrong" } });
    const nobody = await run([bucket(), ...sealed, "--out", out("nobody")]);
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/no terminal to ask/) });
  }, 60_000);

  test.each([
    ["an identity of somebody else", ["--identity", "strange/identity.jwk"], 1, "partial"],
    ["a recipient instead of an identity", ["--identity", "keys/recipient.jwk"], 1, "failed"],
    ["an identity that is not there", ["--identity", "none.jwk"], 1, "failed"],
    ["a snapshot that is not there", ["--identity", "keys/identity.jwk", "--snapshot", "latest~9"], 1, "failed"],
    ["a folder that is no vault", ["--identity", "keys/identity.jwk", "--from", "keys"], 1, "failed"],
    ["a folder that is not there", ["--identity", "keys/identity.jwk", "--from", "nowhere"], 1, "failed"],
  ])("%s ends with exit code 1, one sentence and a report", async (what, given, code, outcome) => {
    const name = what.replaceAll(" ", "-");
    const from = given.indexOf("--from");
    const folder = from < 0 ? bucket() : path.join(root, given[from + 1] as string);
    const args = (from < 0 ? given : given.slice(0, from)).map((arg) => (arg.includes(".jwk") ? path.join(root, arg) : arg));
    const ran = await run([folder, ...args, "--out", out(name)]);
    expect({ what, code: ran.code, outcome: report(name).outcome }).toEqual({ what, code, outcome });
    expect(ran.stderr + ran.stdout).not.toMatch(NO_TRACE);
    if (outcome === "failed") expect(ran.stderr).toMatch(/^recover: [^\n]+; [^\n]+\.\n$/);
  });

  test.each([
    ["nothing but an identity", ["--identity", "i"]],
    ["no identity", ["folder", "--out", "o"]],
    ["no place for results", ["folder", "--identity", "i"]],
    ["an unknown option", ["folder", "--identity", "i", "--out", "o", "--frob"]],
    ["two folders", ["one", "two", "--identity", "i", "--out", "o"]],
    ["an address of a bucket", ["s3://bucket/shop", "--identity", "i", "--out", "o"]],
  ])("%s is wrong usage", async (_, args) => {
    expect(await run(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^recover: [^\n]+; run it with --help[^\n]+\.\n$/) });
  });

  test("takes officers' shares in place of an identity, from paper or file, and says when there are too few", async () => {
    const share = (n: number): string[] => ["--share", path.join(root, `share-${n}`)];
    const ran = await run([bucket(), ...share(3), ...share(1), "--out", out("by-shares")]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(Buffer.compare(readFileSync(path.join(out("by-shares"), "records.jsonl")), exported)).toBe(0);
    const few = await run([bucket(), ...share(2), "--out", out("too-few")]);
    expect(few).toMatchObject({ code: 1, stderr: expect.stringMatching(/^recover: 1 of the 2 shares [^\n]+; give one more --share\.\n$/) });
    expect(report("too-few")).toMatchObject({ outcome: "failed", error: { code: "keys.shares_too_few" } });
    expect((await run([bucket(), ...share(1), ...share(4), "--out", out("no-share")])).stderr).toMatch(/^recover: The share [^\n]+ cannot be read; [^\n]+\.\n$/);
  });

  test("never writes over the results of an earlier recovery", async () => {
    const args = [bucket(), "--identity", path.join(root, "keys/identity.jwk"), "--out", out("twice")];
    expect((await run(args)).code).toBe(0);
    const before = readFileSync(path.join(out("twice"), "report.json"), "utf8");
    expect(await run(args)).toMatchObject({ code: 1, stderr: expect.stringMatching(/never written over; choose another --out\.\n$/) });
    expect(readFileSync(path.join(out("twice"), "report.json"), "utf8")).toBe(before);
  });

  test("recovers the rest of a damaged bucket, names what is damaged, and ends with 1", async () => {
    const damaged = path.join(root, "damaged");
    cpSync(bucket(), damaged, { recursive: true });
    const pack = [...store.objects.keys()].filter((key) => /^packs\/..\/[0-9a-f]{64}$/.test(key)).sort()[0] as string;
    const bytes = readFileSync(path.join(damaged, pack));
    bytes.fill(0, bytes.length - 60, bytes.length - 40);
    writeFileSync(path.join(damaged, pack), bytes);
    const ran = await run([damaged, "--identity", path.join(root, "keys/identity.jwk"), "--out", out("rest"), "--json"]);
    expect(ran.code).toBe(1);
    const told = report("rest");
    expect(JSON.parse(ran.stdout)).toEqual(told);
    expect(told.findings.map(({ code, object }) => [code, object])).toEqual([["pack.damaged", pack], ["frame.damaged", pack]]);
    expect(told.records + (told.lost as number)).toBe(told.snapshot?.records);
    const lines = readFileSync(path.join(out("rest"), "records.jsonl"), "utf8").split("\n").slice(0, -1);
    const all = new Set(exported.toString("utf8").split("\n"));
    expect(lines.filter((line) => !all.has(line))).toEqual([]);
    expect(lines).toHaveLength(told.records);
    const lost = readFileSync(path.join(out("rest"), "lost.jsonl"), "utf8").split("\n").slice(0, -1).map((line) => (JSON.parse(line) as { id: string }).id);
    expect(lost).toHaveLength(told.lost as number);
    expect(lost.every((id) => !lines.some((line) => line.startsWith(`{"id":"${id}"`)))).toBe(true);
  });

  test("says which Node it needs when the one at hand is too old", async () => {
    const old = path.join(root, "old.mjs");
    writeFileSync(old, 'import zlib from "node:zlib"; delete zlib.zstdDecompressSync;');
    expect(await run(["--help"], ["--import", old])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^recover: This needs Node\.js 22\.15 or newer, and this is v/) });
  });

  test("its help names every option", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    for (const option of ["--identity", "--share", "--passphrase-file", "--out", "--snapshot", "--vault-id", "--json"]) expect(stdout).toContain(option);
  });
});

test("the network was cut off, or this says why not", () => {
  if (!CAN_CUT_NETWORK) process.stderr.write("recover.mjs was run with the network within reach: unshare --net is not permitted here\n");
  expect(typeof CAN_CUT_NETWORK).toBe("boolean");
});
