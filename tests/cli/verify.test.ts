import { beforeAll, describe, expect, test } from "@jest/globals";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Host, NO_TRACE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const IDENTITY = ["--identity", "keys/identity.jwk"];

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  const lines = Array.from({ length: 3000 }, (_, n) => `{"id":"gid://shopify/Customer/${n}","note":"SYNTHETIC ${n * 7919}"}\n`);
  writeFileSync(host.path("one.jsonl"), lines.join(""));
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:one.jsonl");
  cpSync(host.path("vault"), host.path("older"), { recursive: true });
  writeFileSync(host.path("two.jsonl"), lines.slice(10).join(""));
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:two.jsonl");
  await host.expect(0, "checkpoint", VAULT, "--out", "kept");
}, 60_000);

function objects(vault: string): string[] {
  return readdirSync(host.path(vault), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(host.path(vault), path.join(entry.parentPath, entry.name)))
    .sort();
}

describe("verify", () => {
  test("a sound vault has no findings, by every depth", async () => {
    for (const options of [[], ["--read-data"], IDENTITY, ["--read-data", ...IDENTITY, "--checkpoint", "kept"]]) {
      expect((await host.expect(0, "verify", VAULT, ...options, "--json")).json()).toMatchObject({ ok: true, findings: [], snapshots: 2, ledger: { size: 4 } });
    }
  });

  test("one flipped bit in one object of every sort is found, and the object is named", async () => {
    const first = (prefix: string, end = "") => objects("vault").find((key) => key.startsWith(prefix) && key.endsWith(end))!;
    const sorts = ["vault.json", first("packs/", ".key"), first("packs/").replace(/\.key$/, ""), first("tree/"), first("snapshots/"), first("keys/"), first("ledger/checkpoints/"), "ledger/tile/0/000.p/4", "ledger/tile/entries/000.p/4"];
    for (const key of sorts) {
      const file = host.path("vault", key);
      const good = readFileSync(file);
      const bad = Buffer.from(good);
      bad[Math.floor(bad.length / 2)]! ^= 4;
      writeFileSync(file, bad);
      const ran = await host.expect(1, "verify", VAULT, "--read-data", "--json");
      writeFileSync(file, good);
      expect(ran.json().ok).toBe(false);
      expect(ran.json().findings.map((finding) => finding.object)).toContain(key);
      expect(ran.stderr).not.toMatch(NO_TRACE);
    }
    expect((await host.expect(0, "verify", VAULT, "--read-data", "--json")).json().ok).toBe(true);
  }, 60_000);

  test("a missing pack is named, and a missing snapshot is told by the ledger", async () => {
    const pack = objects("vault").find((key) => /^packs\/..\/[0-9a-f]+$/.test(key))!;
    renameSync(host.path("vault", pack), host.path("aside"));
    const ran = await host.expect(1, "verify", VAULT);
    expect(ran.stdout.toString()).toContain(pack);
    renameSync(host.path("aside"), host.path("vault", pack));

    const newest = objects("vault").filter((key) => key.startsWith("snapshots/")).at(-1)!;
    renameSync(host.path("vault", newest), host.path("aside"));
    const findings = (await host.expect(1, "verify", VAULT, "--json")).json().findings;
    expect(findings.map((finding) => finding.code)).toContain("snapshot.missing");
    renameSync(host.path("aside"), host.path("vault", newest));
  });

  test("a roll-back of the whole storage is seen with a kept checkpoint, and the checkpoint is not given up for it", async () => {
    const older = host.url("older");
    expect((await host.expect(0, "verify", older, "--json")).json().ok).toBe(true);
    const ran = await host.expect(1, "verify", older, "--checkpoint", "kept", "--json");
    expect(ran.json().findings).toEqual([expect.objectContaining({ code: "ledger.rolled_back", object: "checkpoint" })]);
    expect((await host.expect(1, "ledger", "verify", "older", "--checkpoint", "kept", "--json")).json().findings).toHaveLength(1);
    const kept = readFileSync(host.path("kept"));
    expect((await host.expect(1, "checkpoint", older, "--out", "kept")).stderr).toMatch(/had 4/);
    expect(readFileSync(host.path("kept")).equals(kept)).toBe(true);
  });

  test("a checkpoint goes only over an older checkpoint of the same ledger", async () => {
    writeFileSync(host.path("letter"), "dear auditor");
    expect((await host.expect(1, "checkpoint", VAULT, "--out", "letter")).stderr).toMatch(/not a checkpoint/);
    expect(readFileSync(host.path("letter"), "utf8")).toBe("dear auditor");
    await host.expect(0, "checkpoint", host.url("older"), "--out", "growing");
    const head = (await host.expect(0, "checkpoint", VAULT, "--out", "growing", "--json")).json();
    expect(head).toMatchObject({ size: 4, root: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(readFileSync(host.path("growing")).equals(readFileSync(host.path("kept")))).toBe(true);
    expect((await host.expect(0, "checkpoint", VAULT, "--out", "-")).stdout.equals(readFileSync(host.path("kept")))).toBe(true);
  });

  test("a missing or foreign checkpoint file is not mistaken for a sound one", async () => {
    expect((await host.expect(1, "verify", VAULT, "--checkpoint", "none")).stderr).toMatch(/cannot be read/);
    expect((await host.expect(1, "verify", VAULT, "--checkpoint", "one.jsonl", "--json")).json().findings[0]?.code).toBe("ledger.bad_signature");
  });

  test("reading a damaged record fails with its object's name and writes nothing", async () => {
    const pack = objects("older").find((key) => /^packs\/..\/[0-9a-f]+$/.test(key))!;
    const file = host.path("older", pack);
    const bad = readFileSync(file);
    bad[bad.length - 100]! ^= 1;
    writeFileSync(file, bad);
    const ran = await host.expect(1, "export", host.url("older"), "latest", ...IDENTITY, "--out", "never.jsonl");
    expect(ran.stderr).toContain(pack.replace(/^packs\/..\//, ""));
    expect(ran.stderr).not.toMatch(NO_TRACE);
    expect(readdirSync(host.directory).filter((name) => name.includes("never"))).toEqual([]);
    rmSync(host.path("older"), { recursive: true });
  });
});
