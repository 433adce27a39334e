/**
 * docs/recovery.md, section 2, as it stands there: its commands are taken out of the page and run with a shell, openssl, jose, jq, zstd and xxd; node is
 * not within their reach. `npm test` installs the tools where it may; elsewhere this says which are missing.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const HOLDFAST = join(ROOT, "bin/holdfast");
const TOOLS = ["openssl", "jose", "jq", "zstd", "xxd", "sh", "awk", "base64", "sha256sum"];
const missing = TOOLS.filter((tool) => !existsSync(`/usr/bin/${tool}`) && !existsSync(`/bin/${tool}`));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(", ")} (apt-get install openssl jose jq zstd xxd)`;

const commands = [...readFileSync(join(ROOT, "docs/recovery.md"), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]).join("\n");
let root = "";
const holdfast = (...args: string[]): void => void execFileSync(HOLDFAST, args, { cwd: root, env: { PATH: process.env["PATH"] ?? "", HOLDFAST_HOME: join(root, "home") } as unknown as NodeJS.ProcessEnv, stdio: ["ignore", "ignore", "inherit"] });

interface Record {
  readonly id: string;
  readonly version: number;
}

/** Orders with line items below them, as a bulk export gives them, and a note long enough to be worth compressing. */
function shop(version: (i: number) => number): string[] {
  return Array.from({ length: 1200 }, (_, i) => {
    const order = `gid://shopify/Order/${1000 + i - (i % 3)}`;
    const id = i % 3 === 0 ? order : `gid://shopify/LineItem/${5000 + i}`;
    return JSON.stringify({ id, synthetic: true, version: version(i), note: `synthetic {"${i}"} ${"ü{".repeat(i % 7)}`, ...(i % 3 === 0 ? {} : { __parentId: order }) });
  });
}

before(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-by-hand-"));
  writeFileSync(join(root, "passphrase"), "synthetic pass phrase");
  for (const type of ["P-256", "P-384", "RSA-4096"]) holdfast("keys", "new", "--type", type, "--out", type);
  holdfast("keys", "new", "--out", "sealed", "--passphrase-file", "passphrase");
  holdfast("vault", "create", `file://${root}/vault`, "--recipient", "P-256/recipient.jwk", "P-384/recipient.jwk", "RSA-4096/recipient.jwk", "sealed/recipient.jwk");
  writeFileSync(join(root, "first.jsonl"), `${shop(() => 1).join("\n")}\n`);
  writeFileSync(join(root, "second.jsonl"), `${shop((i) => (i % 100 === 0 ? 2 : 1)).join("\n")}\n`);
  for (const name of ["first", "second"]) holdfast("snapshot", `file://${root}/vault`, "--source", `jsonl:${name}.jsonl`);
});
after(() => {
  rmSync(root, { recursive: true, force: true });
});

interface ByHand {
  readonly directory: string;
  readonly status: number | null;
  readonly output: string;
}

let number = 0;
function byHand(variables: { readonly [name: string]: string }): ByHand {
  const directory = join(root, `by-hand-${++number}`);
  mkdirSync(directory);
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", commands], { cwd: directory, env: { PATH: "/usr/bin:/bin", VAULT: join(root, "vault"), ...variables } as unknown as NodeJS.ProcessEnv });
  return { directory, status, output: `${stdout.toString()}${stderr.toString()}` };
}
const lines = (directory: string, name: string): string[] => readFileSync(join(directory, name), "utf8").split("\n").slice(0, -1);

test("the page has commands", () => {
  assert.ok(commands.includes("openssl kdf") && commands.includes("jose jwe dec") && commands.includes("zstd -q -d"));
});

for (const type of ["P-256", "P-384", "RSA-4096"]) {
  test(`the page's commands give a whole pack and one record back to a ${type} identity`, { skip }, () => {
    const wanted = "gid://shopify/Order/1300";
    const { directory, status, output } = byHand({ IDENTITY: join(root, type, "identity.jwk"), RECORD: wanted });
    assert.equal(status, 0, output);
    assert.match(output, /ok: the list of packs is the one that was signed\n/);
    const first = readFileSync(join(root, "first.jsonl"), "utf8").split("\n").slice(0, -1);
    assert.deepEqual(lines(directory, "one-pack.jsonl").sort(), [...first].sort());
    const second = readFileSync(join(root, "second.jsonl"), "utf8").split("\n").slice(0, -1);
    const all = new Set(lines(directory, "all-versions.jsonl"));
    assert.deepEqual([...new Set([...first, ...second])].filter((line) => !all.has(line)), []);
    assert.equal(all.size, 1212);
    const record = JSON.parse(readFileSync(join(directory, "one-record.json"), "utf8")) as Record;
    assert.deepEqual([record.id, record.version], [wanted, 2]);
  });
}

test("the page's commands open an identity that is sealed with a passphrase, which then opens the vault", { skip }, () => {
  const unsealed = byHand({ IDENTITY: join(root, "P-256/identity.jwk"), SEALED_IDENTITY: join(root, "sealed/identity.jwk"), PASSPHRASE_FILE: join(root, "passphrase") });
  assert.equal(unsealed.status, 0, unsealed.output);
  const opened = byHand({ IDENTITY: join(unsealed.directory, "unsealed.jwk") });
  assert.equal(opened.status, 0, opened.output);
  assert.equal(lines(opened.directory, "all-versions.jsonl").length, 1212);
});

test("the page's commands stop at a pack that is not what its name says, and at a manifest that is not what was signed", { skip }, () => {
  execFileSync("cp", ["-r", join(root, "vault"), join(root, "altered")]);
  const VAULT = join(root, "altered");
  const IDENTITY = join(root, "P-256/identity.jwk");
  const find = (pattern: string): string => execFileSync("sh", ["-c", `ls ${pattern} | sort | tail -n 1`], { cwd: VAULT, encoding: "utf8" }).trim();
  const flip = (name: string, at: number): void => {
    const bytes = readFileSync(join(VAULT, name));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(join(VAULT, name), bytes);
  };
  const packs = execFileSync("sh", ["-c", "ls packs/*/* | grep -v key"], { cwd: VAULT, encoding: "utf8" }).trim().split("\n");
  for (const pack of packs) flip(pack, 300);
  const damaged = byHand({ VAULT, IDENTITY });
  assert.notEqual(damaged.status, 0);
  assert.match(damaged.output, /NOT OK: pack [0-9a-f]{64} is what its name says/);
  flip(find("snapshots/*"), 400);
  const forged = byHand({ VAULT, IDENTITY });
  assert.notEqual(forged.status, 0);
  assert.match(forged.output, /Signature Verification Failure|invalid input|parse error/);
});
