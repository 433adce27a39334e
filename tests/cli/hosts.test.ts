/** More than one host, more than one identity, and what each may do. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Host, ONE_SENTENCE } from "./support.ts";

const host = new Host();
const other = new Host();
const VAULT = host.url("vault");
const LINE = '{"id":"gid://shopify/Customer/1","note":"SYNTHETIC CANARY-2718"}';
const key = (name: string) => host.path(name, "identity.jwk");

beforeAll(async () => {
  writeFileSync(host.path("pass"), "correct horse battery\n");
  writeFileSync(host.path("wrong"), "incorrect\n");
  await Promise.all([
    host.expect(0, "keys", "new", "--out", "a"),
    host.expect(0, "keys", "new", "--out", "b", "--type", "P-384", "--passphrase-file", "pass"),
    host.expect(0, "keys", "new", "--out", "stranger"),
  ]);
  await host.expect(0, "vault", "create", VAULT, "--recipient", "a/recipient.jwk", "b/recipient.jwk");
  writeFileSync(host.path("in.jsonl"), `${LINE}\n`);
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:in.jsonl");
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:in.jsonl");
}, 60_000);

describe("key files", () => {
  test("keys new says where they are, guards the identity, and never writes over one", async () => {
    const made = (await host.expect(0, "keys", "new", "--out", "c", "--json")).json();
    expect(made).toMatchObject({ recipient: host.path("c", "recipient.jwk"), keyId: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), sealed: false });
    expect(statSync(host.path("c", "identity.jwk")).mode & 0o777).toBe(0o600);
    const before = readFileSync(host.path("c", "identity.jwk"));
    expect((await host.expect(1, "keys", "new", "--out", "c")).stderr).toMatch(ONE_SENTENCE);
    expect(readFileSync(host.path("c", "identity.jwk")).equals(before)).toBe(true);
  });

  test("a vault is not sealed to a private key, nor made twice in one place", async () => {
    const ran = await host.expect(1, "vault", "create", host.url("never"), "--recipient", "a/identity.jwk");
    expect(ran.stderr).toMatch(/private key.*keep identity\.jwk away/);
    expect(existsSync(host.path("never"))).toBe(false);
    expect((await host.expect(1, "vault", "create", VAULT, "--recipient", "a/recipient.jwk")).stderr).toMatch(/already.*another directory/);
  });
});

describe("identities", () => {
  test("each recipient opens the vault, a sealed one with its passphrase", async () => {
    const get = (...rest: string[]) => other.run("get", VAULT, "latest", "gid://shopify/Customer/1", ...rest);
    expect((await get("--identity", key("a"))).stdout.toString()).toBe(LINE);
    expect((await get("--identity", key("b"), "--passphrase-file", host.path("pass"))).stdout.toString()).toBe(LINE);
    for (const [rest, words] of [
      [["--identity", key("b")], /sealed with a passphrase; give --passphrase-file/],
      [["--identity", key("b"), "--passphrase-file", host.path("wrong")], /does not open/],
      [["--identity", key("stranger")], /not among those the vault is sealed to/],
      [["--identity", host.path("a", "recipient.jwk")], /public key.*identity\.jwk/],
      [["--identity", host.path("in.jsonl")], /not a JSON Web Key/],
      [["--identity", host.path("nowhere")], /cannot be read/],
    ] as const) {
      const ran = await get(...rest);
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(ONE_SENTENCE) });
      expect(ran.stderr).toMatch(words);
      expect(ran.stdout.length).toBe(0);
    }
  });
});

describe("a host that did not make the vault", () => {
  test("reads everything with an identity and no state of its own", async () => {
    const identity = ["--identity", key("a")];
    expect((await other.expect(0, "snapshots", VAULT, ...identity, "--json")).json().snapshots).toHaveLength(2);
    expect((await other.expect(0, "export", VAULT, "latest~1", ...identity, "--out", "-")).stdout.toString()).toBe(`${LINE}\n`);
    expect((await other.expect(0, "diff", VAULT, "latest~1", "latest", ...identity, "--json")).json()).toMatchObject({ added: 0, changed: 0, removed: 0 });
    expect((await other.expect(0, "verify", VAULT, "--read-data", ...identity, "--json")).json()).toMatchObject({ ok: true, findings: [] });
    expect((await other.expect(0, "verify", VAULT, "--json")).json()).toMatchObject({ ok: true });
    expect((await other.expect(0, "checkpoint", VAULT, "--out", "kept", "--json")).json()).toMatchObject({ size: 4 });
    expect((await other.expect(0, "ledger", "verify", host.path("vault"), "--checkpoint", other.path("kept"), "--json")).json()).toMatchObject({ ok: true, size: 4 });
    expect(existsSync(path.join(other.home, "vaults"))).toBe(false);
  });

  test("takes no snapshot, and says where the keys are to be had", async () => {
    const ran = await other.expect(1, "snapshot", VAULT, "--source", `jsonl:${host.path("in.jsonl")}`);
    expect(ran.stderr).toMatch(ONE_SENTENCE);
    expect(ran.stderr).toMatch(/no keys for vault [0-9a-f]{32}.*vault adopt/);
    expect((await other.expect(1, "snapshots", VAULT)).stderr).toMatch(/--identity FILE/);
  });
});

describe("this host's state", () => {
  test("host keys are readable by their owner only, and open no record", () => {
    const directory = path.join(host.home, "vaults");
    const files = readdirSync(directory);
    expect(files).toHaveLength(1);
    expect(statSync(path.join(directory, files[0]!)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o077).toBe(0);
  });

  test("nothing of a record is left in it, and no scratch", async () => {
    await host.expect(0, "export", VAULT, "latest", "--identity", key("a"), "--out", "out.jsonl");
    expect(readdirSync(path.join(host.home, "scratch"))).toEqual([]);
    for (const file of readdirSync(host.home, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(path.join(file.parentPath, file.name)).includes("CANARY-2718")).toBe(false);
    }
    for (const file of readdirSync(host.path("vault"), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(path.join(file.parentPath, file.name)).includes("CANARY-2718")).toBe(false);
    }
  });

  test("damaged host keys are told from missing ones", async () => {
    const directory = path.join(host.home, "vaults");
    const file = path.join(directory, readdirSync(directory)[0]!);
    const good = readFileSync(file);
    writeFileSync(file, good.subarray(0, 50));
    expect((await host.expect(1, "snapshots", VAULT)).stderr).toMatch(/damaged.*vault adopt/);
    writeFileSync(file, good);
    await host.expect(0, "snapshots", VAULT);
  });

  test("a home that cannot be written is named", async () => {
    const lost = new Host();
    rmSync(lost.home, { recursive: true, force: true });
    writeFileSync(lost.home, "a file stands here");
    expect((await lost.expect(1, "vault", "create", lost.url("v"), "--recipient", host.path("a", "recipient.jwk"))).stderr).toMatch(/HOLDFAST_HOME/);
    expect(existsSync(lost.path("v"))).toBe(false);
  });
});
