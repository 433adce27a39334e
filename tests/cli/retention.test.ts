import { beforeAll, describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Host, NO_TRACE, ONE_SENTENCE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const IDENTITY = ["--identity", "keys/identity.jwk"];
/** Stands in the record that is to be erased, and nowhere else. */
const CANARY = "SYNTHETIC-CANARY-7f3a";
const line = (id: string, more: Record<string, unknown> = {}): string => JSON.stringify({ id: `gid://shopify/${id}`, note: "SYNTHETIC", ...more });

async function take(name: string, lines: readonly string[]): Promise<string> {
  writeFileSync(host.path(name), `${lines.join("\n")}\n`);
  return (await host.expect(0, "snapshot", VAULT, "--source", `jsonl:${name}`, "--json")).json().snapshotId;
}

const sealed = (): number => files("vault").filter((file) => /\/(packs|tree|keys)\//.test(file)).length;
const files = (directory: string): string[] => readdirSync(host.path(directory), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
const json = async (...args: string[]): Promise<Record<string, never>> => (await host.expect(0, ...args, "--json")).json() as never;

const ids: string[] = [];
beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  const person = (note: string): string[] => [line("Customer/1", { note }), line("Metafield/1", { value: note, __parentId: "gid://shopify/Customer/1" })];
  ids.push(await take("1.jsonl", [...person(CANARY), line("Customer/2")]));
  ids.push(await take("2.jsonl", [...person(`${CANARY} changed`), line("Customer/2"), line("Customer/3")]));
  ids.push(await take("3.jsonl", [...person(`${CANARY} changed`), line("Customer/2"), line("Customer/3"), line("Customer/4")]));
}, 120_000);

describe("prune and holds", () => {
  test("a dry run says what would go and why, and what would be freed", async () => {
    const dry = await host.expect(0, "prune", VAULT, "--keep", "last=2", "--dry-run");
    expect(dry.stdout.toString()).toMatch(new RegExp(`keep    ${ids[2]}  .* newest, newest whole one, last\\n.*\\nexpire  ${ids[0]}  .* older than what is to be kept\\nWould have expired 1 snapshot\\.\\n`));
    expect(dry.stdout.toString()).toContain("Nothing was changed.");
    expect(dry.stderr).toContain("younger than six years would go");
    expect(await json("snapshots", VAULT)).toMatchObject({ snapshots: { length: 3 } });
  });

  test("a hold keeps its snapshot until it is released", async () => {
    const held = await json("hold", VAULT, ids[0]!, "--name", "incident 7", "--reason", "suspected intrusion");
    expect(await json("prune", VAULT, "--keep", "last=1", "--dry-run")).toMatchObject({ expire: [{ snapshotId: ids[1] }] });
    expect((await host.expect(0, "holds", VAULT)).stdout.toString()).toMatch(/incident 7: 1 snapshot; suspected intrusion \(cli\)/);
    expect(await json("release", VAULT, "incident 7", "--reason", "closed")).toMatchObject({ holdId: (held as unknown as { holdId: string }).holdId, reason: "closed" });
    expect(await json("holds", VAULT)).toMatchObject({ holds: [], released: [{ release: { reason: "closed" } }] });
  });

  test("an emergency snapshot is taken and held in one command, for a time or for an incident", async () => {
    const vault = host.url("emergency");
    await host.expect(0, "vault", "create", vault, "--recipient", "keys/recipient.jwk");
    const taken = async (...more: string[]): Promise<{ snapshotId: string; hold: { holdId: string; name: string; until: string | null } }> => (await json("snapshot", vault, "--source", "jsonl:1.jsonl", "--emergency", ...more)) as never;
    const [forHours, forIncident] = [await taken("--hold", "1h"), await taken("--incident", "2026-014")];
    expect(Date.parse(forHours.hold.until ?? "") - Date.now()).toBeGreaterThan(59 * 60_000);
    expect(Date.parse(forHours.hold.until ?? "") - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(forIncident.hold).toMatchObject({ name: "incident 2026-014", until: null });
    await host.expect(0, "snapshot", vault, "--source", "jsonl:2.jsonl");
    // Neither goes while it is held.
    expect((await json("prune", vault, "--keep", "last=1"))["expired"]).toEqual([]);
    await json("release", vault, "incident 2026-014", "--reason", "closed");
    expect((await json("prune", vault, "--keep", "last=1"))["expired"]).toEqual([forIncident.snapshotId]);
    for (const wrong of [["--hold", "72h"], ["--emergency", "--hold", "3 days"], ["--emergency", "--hold", "9000d"], ["--emergency", "--incident", "a b"], ["--emergency", "--hold", "1h", "--incident", "7"]]) {
      expect((await host.expect(2, "snapshot", vault, "--source", "jsonl:1.jsonl", ...wrong)).stderr).toMatch(ONE_SENTENCE);
    }
  }, 120_000);

  test("a prune expires, keeps what verify and the ledger say true, and frees after the grace", async () => {
    expect(await json("prune", VAULT, "--keep", "last=2")).toMatchObject({ expired: [ids[0]], removed: { objects: 0 }, dryRun: false });
    const before = sealed();
    expect(await json("verify", VAULT, "--read-data", ...IDENTITY)).toMatchObject({ ok: true, findings: [] });
    await host.expect(0, "export", VAULT, ids[1]!, ...IDENTITY, "--out", "second.jsonl");
    const lines = (file: string): string[] => readFileSync(host.path(file), "utf8").split("\n").sort();
    expect(lines("second.jsonl")).toEqual(lines("2.jsonl"));
    const swept = (await json("prune", VAULT, "--keep", "last=1", "--grace", "0")) as unknown as { expired: string[]; removed: { objects: number } };
    expect(swept.expired).toEqual([ids[1]]);
    expect(swept.removed.objects).toBeGreaterThan(0);
    expect(sealed()).toBeLessThan(before);
    expect(await json("verify", VAULT, "--read-data", ...IDENTITY)).toMatchObject({ ok: true, findings: [] });
  }, 60_000);

  test.each([
    ["prune", ["prune", VAULT, "--keep", "sometimes"], 2],
    ["a hold on nothing", ["hold", VAULT, "--name", "x", "--reason", "y"], 2],
    ["a hold with a bad reason", ["hold", VAULT, "--all", "--name", "x", "--reason", "me@example.com"], 1],
    ["the release of no hold", ["release", VAULT, "nothing", "--reason", "x"], 1],
    ["a redaction of nobody", ["redact", VAULT, "gid://shopify/Customer/99", ...IDENTITY, "--reason", "request 9"], 1],
    ["a redaction without a reason", ["redact", VAULT, "gid://shopify/Customer/2", ...IDENTITY], 2],
  ])("%s is refused in one sentence", async (_, args, code) => {
    const ran = await host.expect(code, ...args);
    expect(ran.stderr).toMatch(ONE_SENTENCE);
    expect(ran.stderr).not.toMatch(NO_TRACE);
    expect(ran.stderr).not.toContain("Customer/99");
  });
});

describe("redact", () => {
  test("erases a person from every snapshot, certifies it, and nothing anywhere on this machine or in the vault has them", async () => {
    await take("4.jsonl", [line("Customer/1", { note: `${CANARY} again` }), line("Customer/2"), line("Customer/5")]);
    const done = (await json("redact", VAULT, "gid://shopify/Customer/1", "--tree", ...IDENTITY, "--reason", "erasure request 17", "--certificate", "certificate.json")) as unknown as { records: number; versions: number; certificates: { digest: string; certificate: object }[] };
    expect(done).toMatchObject({ records: 2, remaining: [] });
    expect(done.versions).toBeGreaterThanOrEqual(3);
    expect(done.certificates[0]?.certificate).toMatchObject({ reason: "erasure request 17", actor: "cli", records: 2 });
    expect(JSON.stringify(done)).not.toContain("Customer/1");
    expect(JSON.parse(readFileSync(host.path("certificate.json"), "utf8"))).toMatchObject({ payload: expect.any(String), signature: expect.any(String) });

    for (const snapshot of ["latest", "latest~1"]) {
      await host.expect(0, "export", VAULT, snapshot, ...IDENTITY, "--out", "out.jsonl");
      const out = readFileSync(host.path("out.jsonl"), "utf8");
      expect(out).not.toContain(CANARY);
      expect(out).toContain("Customer/2");
    }
    const got = await host.expect(1, "get", VAULT, "latest", "gid://shopify/Customer/1", ...IDENTITY);
    expect(got.stderr).toMatch(ONE_SENTENCE);
    expect(await json("verify", VAULT, "--read-data", ...IDENTITY)).toMatchObject({ ok: true, findings: [] });
    expect(await json("prune", VAULT, "--keep", "last=2", "--grace", "0")).toBeDefined();
    expect(await json("verify", VAULT, "--read-data", ...IDENTITY)).toMatchObject({ ok: true, findings: [], orphans: [] });
    for (const file of [...files("vault"), ...files("home"), host.path("certificate.json")]) expect(readFileSync(file).includes(CANARY)).toBe(false);

    expect(await json("redact", VAULT, "gid://shopify/Customer/1", "--tree", ...IDENTITY, "--reason", "again")).toMatchObject({ sequence: null, records: 0 });
  }, 60_000);
});
