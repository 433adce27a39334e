/** A full copy of the host after a run, with a copy of the storage, opens nothing; and the search would find each kind of key if it were there. */
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { newIdentity, openerFor, writeIdentityFiles, type Identity } from "#app/keys/index.ts";
import { contentKeys, openVaultWithIdentity, readKeyFacts } from "#app/vault/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import { everythingOn, filesBelow, Thief } from "#tests/support/thief.ts";
import { finished, Host } from "./support.ts";

// Each command is a process of its own, and a busy machine starts one in seconds.
jest.setTimeout(180_000);

let host: Host;
let officer: Identity;
let storage: string;
let environment: Record<string, string>;
let places: Map<string, Buffer>;
let thief: Thief;

beforeAll(async () => {
  // The identity is made on another machine; the host gets its public half.
  const [elsewhere, made] = [new Host(), await newIdentity()];
  officer = made;
  const { recipientFile } = await writeIdentityFiles(elsewhere.path("officer"), officer);
  storage = elsewhere.path("bucket");
  mkdirSync(storage);
  host = new Host();
  mkdirSync(host.path("tmp"));
  copyFileSync(recipientFile, host.path("recipient.jwk"));
  environment = { TMPDIR: host.path("tmp"), HOLDFAST_SHOPIFY_ACCESS_TOKEN: "shpat_synthetic00000000000000000000000" };
  const run = async (...args: string[]): Promise<void> => {
    const ran = await finished(host.start(args, environment));
    if (ran.code !== 0) throw new Error(`${args.join(" ")}: ${ran.stderr}`);
  };
  const lines = (day: number): string => Array.from({ length: 60 }, (_, i) => `${JSON.stringify({ id: `gid://shopify/Customer/${i}`, note: `SYNTHETIC ${i % 7 === 0 ? day : 0} ${"x".repeat(200)}` })}\n`).join("");
  await run("vault", "create", `file://${storage}`, "--recipient", host.path("recipient.jwk"));
  for (const day of [1, 2]) {
    writeFileSync(elsewhere.path("source.jsonl"), lines(day));
    await run("snapshot", `file://${storage}`, "--source", `jsonl:${elsewhere.path("source.jsonl")}`);
  }
  await run("verify", `file://${storage}`, "--read-data");
  places = everythingOn([host.directory], environment);
  thief = new Thief(storage);
});

describe("a copy of the host's disk and environment", () => {
  test("holds what the host needs, and opens no record", async () => {
    expect(filesBelow(host.home).some((file) => /vaults\/[0-9a-f]{32}\.json$/.test(file))).toBe(true);
    const haul = await thief.tryEverything(places);
    expect(haul.loot).toEqual([]);
    expect(haul.tried).toBeGreaterThan(500);
    // The signing key, which opens nothing.
    expect(haul.privateKeys).toBe(1);
  });
});

describe("the same search", () => {
  const planted = async (name: string, content: Buffer | string) => (await thief.tryEverything(new Map([[name, Buffer.from(content)]]))).loot.map(({ what }) => what);

  test("finds a content key, in a log line, in hex and in the midst of a core dump", async () => {
    const store = new FilesystemStore(storage);
    const keyId = (await readKeyFacts(store)).snapshots[0]?.keyIds[0] ?? "";
    const key = Buffer.from((await contentKeys(store, openerFor(officer)).get(keyId))!);
    expect(await planted("log", `{"level":"info","msg":"wrote with ${key.toString("base64url")} today"}`)).toContain("content key");
    expect(await planted("log", `key=${key.toString("hex")}`)).toContain("content key");
    expect(await planted("core", Buffer.concat([Buffer.alloc(1001, 3), key, Buffer.alloc(500, 4)]))).toContain("content key");
    // What the content key wraps: a pack's own secret, and the key of its frames.
    const pack = filesBelow(`${storage}/packs`).find((file) => file.endsWith(".key") && readFileSync(file).toString("hex", 8, 24) === keyId) ?? "";
    const wrapped = readFileSync(pack);
    const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(24, 36));
    const secret = decipher.update(wrapped.subarray(36, -16));
    expect(await planted("page file", secret)).toEqual(["pack secret"]);
    const salt = readFileSync(pack.slice(0, -".key".length)).subarray(8, 40);
    expect(await planted("page file", Buffer.from(hkdfSync("sha256", secret, salt, "holdfast frame v1", 32)))).toEqual(["frame key"]);
  });

  test("finds a private key, as JWK, inside other JSON, and as its bare number", async () => {
    expect(await planted("identity.jwk", JSON.stringify(officer.jwk))).toContain("private key");
    expect(await planted("row", JSON.stringify({ note: JSON.stringify(officer.jwk) }))).toContain("private key");
    expect(await planted("swap", Buffer.concat([Buffer.alloc(99, 1), Buffer.from(String(officer.jwk.d), "base64url")]))).toContain("private key");
  });

  test("is over a vault that an identity does open", async () => {
    const store = new FilesystemStore(storage);
    const vault = await openVaultWithIdentity({ store, opener: openerFor(officer) });
    let records = 0;
    for await (const batch of vault.read(await vault.resolve("latest"), contentKeys(store, openerFor(officer))).records()) records += batch.length;
    expect(records).toBe(60);
    expect(readFileSync(host.path("recipient.jwk"), "utf8")).not.toContain('"d"');
  });
});
