/** Keys on the command line: rotation, a key in a service, officers' shares, a new host, the plan. */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CREDENTIALS, FakeKms } from "#tests/keys/support/fake-kms.ts";
import { finished, Host, ONE_SENTENCE, type Ran } from "./support.ts";

// Each command is a process of its own, and a busy machine starts one in seconds.
jest.setTimeout(180_000);

const RECORDS = Array.from({ length: 20 }, (_, i) => JSON.stringify({ id: `gid://shopify/Customer/${i}`, note: `SYNTHETIC ${i}` })).join("\n");

/** A host with a vault of one snapshot, sealed to `first`. */
async function vaultOn(host: Host): Promise<string> {
  writeFileSync(host.path("customers.jsonl"), `${RECORDS}\n`);
  for (const name of ["first", "second"]) await host.expect(0, "keys", "new", "--out", host.path(name));
  const vault = host.url("vault");
  await host.expect(0, "vault", "create", vault, "--recipient", host.path("first", "recipient.jwk"));
  await host.expect(0, "snapshot", vault, "--source", `jsonl:${host.path("customers.jsonl")}`);
  return vault;
}

const keyIdOf = (host: Host, name: string): string => (JSON.parse(readFileSync(host.path(name, "recipient.jwk"), "utf8")) as { kid: string }).kid;
const exported = (host: Host, vault: string, key: string): Promise<Ran> => host.run("export", vault, "latest", "--identity", key, "--out", "-");

describe("keys rotate", () => {
  test("gives the vault to another key, enters it into the ledger, and everything verifies", async () => {
    const host = new Host();
    const vault = await vaultOn(host);
    const [first, second] = [keyIdOf(host, "first"), keyIdOf(host, "second")];
    const rotated = await host.expect(0, "keys", "rotate", vault, "--identity", host.path("first", "identity.jwk"), "--add", host.path("second", "recipient.jwk"), "--remove", first, "--reason", "synthetic rotation", "--json");
    expect(rotated.json()).toMatchObject({ changed: true, added: [second], removed: [first], recipients: [second], kept: [] });
    expect(rotated.stderr).toContain("Copies of the storage that were made before");
    expect((await exported(host, vault, host.path("second", "identity.jwk"))).stdout.toString()).toBe(`${RECORDS}\n`);
    expect((await host.run("export", vault, "latest", "--identity", host.path("first", "identity.jwk"), "--out", host.path("none"), "--json")).json().error.code).toBe("vault.no_key");
    await host.expect(0, "snapshot", vault, "--source", `jsonl:${host.path("customers.jsonl")}`);
    expect((await host.expect(0, "verify", vault, "--read-data", "--identity", host.path("second", "identity.jwk"), "--json")).json()).toMatchObject({ ok: true, orphans: [] });
    const again = await host.expect(0, "keys", "rotate", vault, "--identity", host.path("second", "identity.jwk"), "--json");
    expect(again.json()).toMatchObject({ changed: false, recipients: [second] });
    const ledger = readAll(host.path("vault", "ledger"));
    expect(ledger.includes(`"added":"${second}"`)).toBe(true);
    expect(ledger.includes("synthetic rotation")).toBe(true);
  });

  test("refuses to leave nobody, says so in one sentence, and enters the refusal", async () => {
    const host = new Host();
    const vault = await vaultOn(host);
    const refused = await host.expect(1, "keys", "rotate", vault, "--identity", host.path("first", "identity.jwk"), "--remove", keyIdOf(host, "first"));
    expect(refused.stderr).toMatch(ONE_SENTENCE);
    expect(readAll(host.path("vault", "ledger")).includes('"code":"vault.last_recipient"')).toBe(true);
    expect((await exported(host, vault, host.path("first", "identity.jwk"))).code).toBe(0);
  });
});

describe("a key in AWS KMS", () => {
  let kms: FakeKms;
  beforeAll(async () => {
    kms = await FakeKms.start();
  });
  afterAll(() => kms.stop());

  test("is a recipient like any other: the vault is made with it, opened with it, and rotated to it and away", async () => {
    const host = new Host();
    const address = kms.create("RSA_3072");
    const env = { AWS_ENDPOINT_URL_KMS: kms.endpoint, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_MAX_ATTEMPTS: "1" };
    const run = (...args: string[]) => finished(host.start(args, env));
    const vault = await vaultOn(host);
    const other = host.url("other");
    expect((await run("vault", "create", other, "--recipient", address)).code).toBe(0);
    expect((await run("snapshot", other, "--source", `jsonl:${host.path("customers.jsonl")}`)).code).toBe(0);
    expect((await run("export", other, "latest", "--identity", address, "--out", "-")).stdout.toString()).toBe(`${RECORDS}\n`);
    // Taking the snapshot asked the service for nothing but, at most, the public half.
    const rotated = await run("keys", "rotate", vault, "--identity", host.path("first", "identity.jwk"), "--add", address, "--remove", keyIdOf(host, "first"));
    expect({ code: rotated.code, stderr: rotated.stderr }).toMatchObject({ code: 0 });
    expect((await run("verify", vault, "--read-data", "--identity", address, "--json")).json()).toMatchObject({ ok: true });
    kms.denied.add("Decrypt");
    const denied = await run("export", vault, "latest", "--identity", address, "--out", host.path("none"), "--json");
    kms.denied.clear();
    expect(denied.code).toBe(1);
    expect(denied.json().error.code).toBe("keys.denied");
    expect(denied.stderr).toMatch(ONE_SENTENCE);
  });

  test("an address that names no key is told in one sentence", async () => {
    const host = new Host();
    const ran = await host.expect(1, "vault", "create", host.url("vault"), "--recipient", "aws-kms:nonsense", "--json");
    expect(ran.json().error.code).toBe("keys.bad_address");
    expect(ran.stderr).toMatch(ONE_SENTENCE);
  });
});

describe("officers' shares", () => {
  test("three of five give the identity back, from files and from typed sheets, and it opens the vault", async () => {
    const host = new Host();
    const vault = await vaultOn(host);
    const shares = host.path("shares");
    const split = await host.expect(0, "keys", "split", "--identity", host.path("first", "identity.jwk"), "--shares", "5", "--threshold", "3", "--out", shares, "--json");
    expect(split.json()).toMatchObject({ keyId: keyIdOf(host, "first"), shares: 5, threshold: 3 });
    expect(readdirSync(shares)).toHaveLength(10);
    for (const name of readdirSync(shares)) expect(statSync(host.path("shares", name)).mode & 0o777).toBe(0o600);
    rmSync(host.path("first"), { recursive: true });
    const share = (n: number, form: string): string => host.path("shares", `share-${n}.${form}`);
    const few = await host.expect(1, "keys", "join", share(1, "json"), share(4, "txt"), "--out", host.path("few"), "--json");
    expect(few.json().error.code).toBe("keys.shares_too_few");
    expect(existsSync(host.path("few"))).toBe(false);
    await host.expect(0, "keys", "join", share(1, "json"), share(4, "txt"), share(5, "json"), "--out", host.path("back"));
    expect((await exported(host, vault, host.path("back", "identity.jwk"))).stdout.toString()).toBe(`${RECORDS}\n`);
    writeFileSync(share(4, "txt"), readFileSync(share(4, "txt"), "utf8").replace(/^( 2 {2}.)(.)/m, (_, start: string, c: string) => start + (c === "7" ? "8" : "7")));
    const mistyped = await host.expect(1, "keys", "join", share(1, "json"), share(4, "txt"), share(5, "json"), "--out", host.path("no"));
    expect(mistyped.stderr).toContain("share-4.txt is mistyped or damaged: line 2 is not as it was printed");
    expect(mistyped.stderr).toMatch(ONE_SENTENCE);
  });

  test("sealed to officers, each opens only its own, and nothing readable is written", async () => {
    const host = new Host();
    for (const name of ["recovery", "ann", "ben"]) await host.expect(0, "keys", "new", "--out", host.path(name));
    const officers = ["ann", "ben"].map((name) => host.path(name, "recipient.jwk"));
    await host.expect(0, "keys", "split", "--identity", host.path("recovery", "identity.jwk"), "--shares", "2", "--threshold", "2", "--out", host.path("shares"), "--to", ...officers);
    expect(readdirSync(host.path("shares")).sort()).toEqual(["share-1.sealed.json", "share-2.sealed.json"]);
    const wrong = await host.expect(1, "keys", "unseal-share", host.path("shares", "share-1.sealed.json"), "--identity", host.path("ben", "identity.jwk"), "--out", host.path("x.json"), "--json");
    expect(wrong.json().error.code).toBe("keys.share_foreign");
    for (const [i, name] of ["ann", "ben"].entries()) {
      await host.expect(0, "keys", "unseal-share", host.path("shares", `share-${i + 1}.sealed.json`), "--identity", host.path(name, "identity.jwk"), "--out", host.path(`${name}.json`));
    }
    const joined = await host.expect(0, "keys", "join", host.path("ann.json"), host.path("ben.json"), "--out", host.path("back"), "--json");
    expect(joined.json()["keyId"]).toBe(keyIdOf(host, "recovery"));
    const missing = await host.expect(2, "keys", "split", "--identity", host.path("recovery", "identity.jwk"), "--shares", "3", "--threshold", "2", "--out", host.path("s"), "--to", ...officers);
    expect(missing.stderr).toMatch(ONE_SENTENCE);
  });
});

describe("vault adopt", () => {
  test("makes another host the vault's host: it goes on where the lost one stopped", async () => {
    const [lost, fresh] = [new Host(), new Host()];
    const vault = await vaultOn(lost);
    rmSync(lost.home, { recursive: true });
    const without = await fresh.expect(1, "snapshot", vault, "--source", `jsonl:${lost.path("customers.jsonl")}`, "--json");
    expect(without.json().error.code).toBe("cli.no_host_keys");
    await fresh.expect(0, "vault", "adopt", vault, "--identity", lost.path("first", "identity.jwk"));
    const snapshot = await fresh.expect(0, "snapshot", vault, "--source", `jsonl:${lost.path("customers.jsonl")}`, "--json");
    expect(snapshot.json()).toMatchObject({ added: 0, unchanged: 20 });
    expect((await fresh.expect(0, "verify", vault, "--read-data", "--identity", lost.path("first", "identity.jwk"), "--json")).json().ok).toBe(true);
    expect(readAll(lost.path("vault", "ledger")).includes('"action":"vault.adopted"')).toBe(true);
    expect((await fresh.expect(1, "vault", "adopt", lost.url("nothing"), "--identity", lost.path("first", "identity.jwk"), "--json")).json().error.code).toBe("vault.not_found");
  });
});

describe("keys plan", () => {
  test("needs no key, says what is due, and refuses what would lose a snapshot", async () => {
    const host = new Host();
    const vault = await vaultOn(host);
    const first = keyIdOf(host, "first");
    const stranger = new Host();
    const plan = await stranger.expect(0, "keys", "plan", vault, "--retention", "6y", "--json");
    expect(plan.json()).toMatchObject({ ok: true, recipients: [{ keyId: first, removed: null }], due: expect.arrayContaining([expect.objectContaining({ what: "replace recipient", key: first }), expect.objectContaining({ what: "add a second recipient" })]) });
    const refused = await stranger.expect(1, "keys", "plan", vault, "--retention", "6y", "--destroy", first, "--rotate-every", "never", "--json");
    expect((refused.json()["refusals"] as { code: string }[]).map(({ code }) => code)).toEqual(["plan.past_cryptoperiod", "plan.key_life_too_short", "plan.still_a_recipient", "plan.retained_snapshot_unreadable"]);
    expect((await stranger.expect(2, "keys", "plan", vault, "--retention", "long")).stderr).toMatch(ONE_SENTENCE);
  });
});

function readAll(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, "utf8")).join("\n");
}
