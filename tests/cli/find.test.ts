/** Finding from the command line: for a responder with an identity and the bucket. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Host, type Ran } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const IDENTITY = ["--identity", "keys/identity.jwk"];
const line = (id: string, more: Record<string, unknown>): string => JSON.stringify({ id: `gid://shopify/${id}`, note: "SYNTHETIC", ...more });
const CANARY = "synthetic.quillfeather@example.com";

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  writeFileSync(host.path("shop.jsonl"), `${[line("Customer/1", { lastName: "Quillfeather", email: CANARY }), line("Customer/2", { lastName: "Brandt" }), line("Order/7", { name: "#1001", customer: { id: "gid://shopify/Customer/1" } })].join("\n")}\n`);
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:shop.jsonl");
}, 120_000);

const find = (code: number, ...args: string[]): Promise<Ran> => host.expect(code, "find", VAULT, ...IDENTITY, ...args);

describe("find", () => {
  test("answers with ids and kinds, and enters the search into the ledger", async () => {
    const ran = await find(0, "--email", CANARY.toUpperCase(), "--json");
    expect(ran.json()).toMatchObject({ found: [{ kind: "Customer", id: "gid://shopify/Customer/1", state: "current", within: null }], more: false, unsearched: 0, faults: [], recorded: true });
    expect((await find(0, "--order", "1001")).stdout.toString()).toMatch(/^gid:\/\/shopify\/Order\/7 {2}Order\n1 record found\.\n$/);
    expect((await find(0, "--id", "2", "--json")).json()).toMatchObject({ found: [{ id: "gid://shopify/Customer/2" }] });
    expect((await find(0, "--name", "nobody")).stdout.toString()).toBe("Nothing was found.\n");
  }, 60_000);

  test("prints and keeps the value nowhere", async () => {
    const ran = await find(0, "--email", CANARY);
    expect(ran.stdout.toString() + ran.stderr).not.toMatch(/quillfeather/i);
    const kept = globSync(`${host.directory}/{vault,home}/**/*`, { withFileTypes: true }).filter((entry) => entry.isFile());
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.filter((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, "latin1").toLowerCase().includes("quillfeather")).map(({ name }) => name)).toEqual([]);
  }, 60_000);

  test("says what is wrong with a question", async () => {
    expect((await find(2, "x")).stderr).toMatch(/one of --email, --phone, --name, --order, --id/);
    expect((await find(2, "--email", "--name", "x")).stderr).toMatch(/one of/);
    expect((await find(2, "--email", "no address")).stderr).toMatch(/cannot be an e-mail address/);
  }, 60_000);

  test("says what could not be searched, and a rebuild makes it searchable", async () => {
    const [part] = globSync(`${host.path("vault")}/search/*/*`) as [string];
    rmSync(part);
    const ran = await find(0, "--email", CANARY, "--json");
    expect(ran.json()).toMatchObject({ found: [], unsearched: 1 });
    expect((await host.expect(1, "verify", VAULT, "--json")).json().findings).toMatchObject([{ code: "search.missing" }]);
    expect((await host.expect(0, "search", "rebuild", VAULT, ...IDENTITY, "--json")).json()).toMatchObject({ packs: 1, opened: 1, parts: 1, unopened: 0, damaged: [] });
    expect(existsSync(part)).toBe(false);
    expect((await find(0, "--email", CANARY, "--json")).json()).toMatchObject({ found: [{ id: "gid://shopify/Customer/1" }], unsearched: 0 });
    expect((await host.expect(0, "verify", VAULT, "--json")).json()).toMatchObject({ ok: true });
  }, 60_000);

  test("is mended by a repair with an identity, where a part was damaged", async () => {
    const [part] = globSync(`${host.path("vault")}/search/*/*`) as [string];
    chmodSync(part, 0o600);
    writeFileSync(part, readFileSync(part).map((byte, i) => (i === 77 || i === 99 ? byte ^ 1 : byte)));
    expect((await host.expect(1, "verify", VAULT, "--read-data", ...IDENTITY, "--json")).json().findings).toMatchObject([{ code: "search.damaged" }]);
    expect((await host.expect(1, "vault", "repair", VAULT)).stdout.toString()).toMatch(/made anew by whoever opens them: --identity/);
    const repaired = (await host.expect(0, "vault", "repair", VAULT, ...IDENTITY, "--json")).json();
    expect(repaired).toMatchObject({ ok: true, mended: [{ by: "records", object: expect.stringMatching(/^search\//) }], unmended: [] });
    expect((await find(0, "--email", CANARY, "--json")).json()).toMatchObject({ found: [{ id: "gid://shopify/Customer/1" }], unsearched: 0 });
    expect((await host.expect(0, "verify", VAULT, "--read-data", ...IDENTITY, "--json")).json()).toMatchObject({ ok: true });
  }, 60_000);
});
