/** Privacy requests from the command line: for a merchant who has the bucket, an identity, and no app any more. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { HostKeyring } from "#app/cli/host-keyring.ts";
import { FilesystemStore } from "#app/stores/filesystem/filesystem-store.ts";
import { putRequest, readVaultDescription } from "#app/vault/index.ts";
import { seededRandom } from "#tests/support/vault-kit.ts";
import { Host } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const IDENTITY = ["--identity", "keys/identity.jwk"];
const line = (id: string, more: Record<string, unknown> = {}): string => JSON.stringify({ id: `gid://shopify/${id}`, note: "SYNTHETIC", ...more });
const json = async (code: number, ...args: string[]): Promise<Record<string, never>> => (await host.expect(code, ...args, "--json")).json() as never;

async function request(requestId: string, topic: string, customerId: string | null, orderIds: readonly string[] = []): Promise<void> {
  const store = new FilesystemStore(host.path("vault"));
  const description = await readVaultDescription(store);
  const hostKeys = (await new HostKeyring(host.home).get(description.vaultId))!;
  await putRequest({ store, description, ...hostKeys, clock: { now: () => new Date("2026-03-02T00:00:00Z") }, random: seededRandom(requestId) }, { requestId, topic, customerId, orderIds: [...orderIds], receivedAt: "2026-03-02T00:00:00.000Z", dueAt: "2126-04-01T00:00:00.000Z" });
}

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  const shop = (note: string): string => `${[line("Customer/1", { note }), line("Metafield/1", { __parentId: "gid://shopify/Customer/1" }), line("Customer/2"), line("Order/7"), line("Order/8"), line("DraftOrder/3", { customer: { id: "gid://shopify/Customer/1" } })].join("\n")}\n`;
  for (const note of ["SYNTHETIC one", "SYNTHETIC two"]) {
    writeFileSync(host.path("shop.jsonl"), shop(note));
    await host.expect(0, "snapshot", VAULT, "--source", "jsonl:shop.jsonl");
  }
  await request("ask-1", "customers/data_request", "1", ["7"]);
  await request("erase-1", "customers/redact", "1", ["7"]);
  await request("erase-2", "customers/redact", "2");
}, 120_000);

describe("privacy requests from the command line", () => {
  test("are listed with what is due", async () => {
    const listed = (await host.expect(0, "requests", VAULT)).stdout.toString();
    expect(listed).toMatch(/ask-1 {2}customers\/data_request {2}due in \d+ days\n/);
    expect(await json(0, "requests", VAULT)).toMatchObject({ requests: { length: 3 }, damaged: [] });
  });

  test("a data request is answered with every version, in clear, in a file for its owner only", async () => {
    expect(await json(0, "disclose", VAULT, "--request", "ask-1", ...IDENTITY, "--out", "person.jsonl")).toMatchObject({ records: 4, versions: 5, unopened: 0 });
    const [head, ...lines] = readFileSync(host.path("person.jsonl"), "utf8").trimEnd().split("\n").map((text) => JSON.parse(text) as { kind?: string; id?: string; record?: { note?: string }; recordsInStore?: null });
    expect(head).toMatchObject({ request: "ask-1", recordsInStore: null });
    expect(lines.filter(({ kind }) => kind === "Customer").map(({ record }) => record?.note)).toEqual(["SYNTHETIC one", "SYNTHETIC two"]);
    expect(lines.map(({ id }) => id)).not.toContain("gid://shopify/Order/8");
    expect(await json(0, "disclose", VAULT, "--person", "gid://shopify/Customer/2", ...IDENTITY, "--out", "other.jsonl")).toMatchObject({ records: 1 });
    await host.expect(2, "disclose", VAULT, ...IDENTITY, "--out", "x.jsonl");
  });

  test("a legal hold with a basis is the answer, and its release lets the erasure go on", async () => {
    const held = await json(0, "hold", VAULT, "--all", "--name", "case 14", "--reason", "litigation", "--basis", "litigation", "--citation", "Doe v. Roe, No. 14", "--person", "gid://shopify/Customer/1");
    const holdId = (held as unknown as { holdId: string }).holdId;
    const refused = await json(1, "redact", VAULT, "--request", "erase-1", "erase-2", ...IDENTITY);
    expect(refused).toMatchObject({ answers: [{ id: "erase-1", code: "compliance.held", hold: { id: holdId } }, { id: "erase-2", code: "compliance.erased" }] });
    expect((await host.expect(0, "holds", VAULT)).stdout.toString()).toContain("no erasure of 1 person (litigation: Doe v. Roe, No. 14)");
    await host.expect(1, "redact", VAULT, "gid://shopify/Customer/1", "--reason", "asked", ...IDENTITY);
    await host.expect(0, "release", VAULT, "case 14", "--reason", "settled");
    const done = await json(0, "redact", VAULT, "--request", "erase-1", ...IDENTITY, "--certificate", "certificate.json");
    expect(done).toMatchObject({ answers: [{ id: "erase-1", code: "compliance.erased", final: true }] });
    expect(JSON.parse(readFileSync(host.path("certificate.json"), "utf8"))).toHaveProperty("payload");
    await host.expect(0, "export", VAULT, "latest", ...IDENTITY, "--out", "left.jsonl");
    expect(readFileSync(host.path("left.jsonl"), "utf8").trimEnd().split("\n").map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(["gid://shopify/Order/8"]);
    expect(await json(0, "verify", VAULT, "--read-data", ...IDENTITY)).toMatchObject({ ok: true, findings: [] });
  });

  test("what is asked wrongly is said so", async () => {
    await host.expect(2, "redact", VAULT, ...IDENTITY);
    await host.expect(2, "redact", VAULT, "gid://shopify/Customer/1", ...IDENTITY);
    await host.expect(2, "redact", VAULT, "--request", "ask-1", ...IDENTITY);
    expect((await host.expect(1, "redact", VAULT, "--request", "nobody", ...IDENTITY)).stderr).toContain("The vault has no request nobody");
    await host.expect(2, "hold", VAULT, "--all", "--name", "x", "--reason", "y", "--basis", "only");
  });
});
