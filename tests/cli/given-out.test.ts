/** No record leaves a vault by the command line without an entry in its ledger, or, where none can be made, without one that waits and words that say so. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { FilesystemStore } from "#app/stores/index.ts";
import { openLedger, originOf, type LedgerEntry } from "#app/ledger/index.ts";
import { program } from "#app/cli/program.ts";
import { finished, Host, type Ran } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
/** A machine with nothing but an identity. */
const AWAY = host.path("home-away");
const elsewhere = (...args: readonly string[]): Promise<Ran> => finished(host.start(args, { HOLDFAST_HOME: AWAY }));
const ID = "gid://shopify/Customer/1";
const KEY = ["--identity", "keys/identity.jwk"];

/** Commands that take an identity and let nothing of a record out but its id. */
const KEEPS_TO_ITSELF: Readonly<Record<string, string>> = {
  "keys rotate": "wraps keys",
  "keys split": "shares of the identity itself",
  "keys unseal-share": "an officer's own share",
  "vault adopt": "puts the host's half of the keys here",
  "vault repair": "mends what lies in the vault",
  snapshots: "lists snapshots",
  "search rebuild": "writes what is searched by",
  diff: "ids of what changed",
  verify: "opens to check",
  holds: "lists holds",
  redact: "erases, and enters that",
  requests: "lists requests",
  drill: "restores into a simulated shop, and enters that",
  restore: "enters its plan, its end and its recipient by entries of its own (restore.test.ts)",
};

/** Those that give records out, how they are called, and what the ledger then says. */
const GIVES_OUT: Readonly<Record<string, { readonly args: (out: string) => readonly string[]; readonly action: string; readonly subject: Readonly<Record<string, unknown>>; readonly reason: boolean }>> = {
  get: { args: () => ["get", VAULT, "latest", ID], action: "record.read", subject: { records: 1, record: expect.stringMatching(/^[0-9a-f]{32}$/), snapshot: expect.stringMatching(/^[0-9a-f]{16}$/) }, reason: true },
  find: { args: () => ["find", VAULT, "--id", "1"], action: "record.found", subject: { by: "id", hits: 1 }, reason: false },
  export: { args: (out) => ["export", VAULT, "latest", "--out", out], action: "snapshot.exported", subject: { records: 2, snapshot: expect.stringMatching(/^[0-9a-f]{16}$/) }, reason: true },
  disclose: { args: (out) => ["disclose", VAULT, "--person", ID, "--out", out], action: "disclosure.made", subject: { request: "none", person: expect.stringMatching(/^[0-9a-f]{32}$/), unopened: 0 }, reason: true },
  recover: { args: (out) => ["recover", VAULT, "--out", out], action: "vault.recovered", subject: {}, reason: true },
};

async function entries(directory = host.path("vault")): Promise<LedgerEntry[]> {
  const { vaultId } = JSON.parse(Buffer.from((JSON.parse(readFileSync(`${directory}/vault.json`, "utf8")) as { payload: string }).payload, "base64url").toString()) as { vaultId: string };
  const found: LedgerEntry[] = [];
  for await (const entry of openLedger({ store: new FilesystemStore(directory), origin: originOf(vaultId), clock: { now: () => new Date(0) } }).entries()) found.push(entry);
  return found;
}

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  writeFileSync(host.path("shop.jsonl"), [1, 2].map((n) => `${JSON.stringify({ id: `gid://shopify/Customer/${n}`, note: "SYNTHETIC" })}\n`).join(""));
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:shop.jsonl");
}, 300_000);

test("every command that takes an identity is here, as one that gives records out or as one that does not", () => {
  const named: string[] = [];
  const walk = (command: Command, path: readonly string[]): void => {
    if (command.options.some(({ long }) => long === "--identity")) named.push(path.join(" "));
    for (const child of command.commands) walk(child, [...path, child.name()]);
  };
  walk(program({ start: () => { throw new Error("not run"); }, print: () => Promise.resolve() }), []);
  expect(named.sort()).toEqual([...Object.keys(KEEPS_TO_ITSELF), ...Object.keys(GIVES_OUT)].sort());
});

describe.each(Object.entries(GIVES_OUT))("%s", (name, { args, action, subject, reason }) => {
  test("leaves an entry on the vault's host, with what it was for", async () => {
    const before = (await entries()).length;
    const ran = await host.expect(0, ...args(host.path(`${name}.out`)), ...KEY, ...(reason ? ["--reason", "case 17"] : []), "--json");
    expect(ran.json()).toMatchObject({ recorded: true });
    expect(ran.stderr).toBe("");
    const added = (await entries()).slice(before);
    expect(added).toEqual([expect.objectContaining({ actor: "cli", action, outcome: "done", subject: expect.objectContaining({ vault: expect.any(String), ...subject }), ...(reason ? { reason: "case 17" } : {}) })]);
    expect(JSON.stringify(added)).not.toContain("Customer/1");
  }, 120_000);

  test("elsewhere says that it left none, and keeps it", async () => {
    const before = (await entries()).length;
    const ran = await elsewhere(...args(host.path(`${name}.away`)), ...KEY, "--json");
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({ recorded: false });
    expect(ran.stderr).toMatch(/^holdfast: Nothing could be entered into the vault's ledger \(this machine has no keys of the vault's host\)\. What is done here is kept in .*outbox.*'holdfast ledger enter'/m);
    expect(await entries()).toHaveLength(before);
  }, 120_000);
});

test("the vault's host enters later what was kept elsewhere, once each and with its own times", async () => {
  const before = (await entries()).length;
  expect((await elsewhere("ledger", "enter", VAULT)).stderr).toMatch(/no keys for vault/);
  cpSync(`${AWAY}/viewer`, `${host.home}/viewer`, { recursive: true });
  expect((await host.expect(0, "ledger", "enter", VAULT, "--json")).json()).toMatchObject({ entered: 5 });
  expect((await host.expect(0, "ledger", "enter", VAULT, "--json")).json()).toMatchObject({ entered: 0 });
  const added = (await entries()).slice(before);
  expect(added.map(({ action }) => action)).toEqual(Object.values(GIVES_OUT).map(({ action }) => action));
  expect(added.map(({ at }) => at)).toEqual(added.map(({ at }) => at).sort());
  rmSync(`${host.home}/viewer`, { recursive: true });
}, 120_000);

test("what could not be entered because the storage takes nothing goes in with the next command, first", async () => {
  const before = (await entries()).length;
  const checkpoints = host.path("vault", "ledger", "checkpoints");
  const staged = host.path("vault", "ledger", "staged");
  // Root may write anywhere; a file in a folder's place stops everybody.
  rmSync(`${staged}-away`, { recursive: true, force: true });
  cpSync(staged, `${staged}-away`, { recursive: true });
  rmSync(staged, { recursive: true });
  writeFileSync(staged, "");
  try {
    const ran = await host.expect(0, "get", VAULT, "latest", ID, ...KEY, "--json");
    expect(ran.json()).toMatchObject({ recorded: false });
    expect(ran.stderr).toMatch(/\(store\.[a-z_]+\)/);
  } finally {
    rmSync(staged);
    cpSync(`${staged}-away`, staged, { recursive: true });
    rmSync(`${staged}-away`, { recursive: true });
  }
  expect(existsSync(checkpoints)).toBe(true);
  expect((await host.expect(0, "get", VAULT, "latest", ID, ...KEY, "--json")).json()).toMatchObject({ recorded: true });
  expect((await entries()).slice(before).map(({ action }) => action)).toEqual(["record.read", "record.read"]);
  expect((await host.expect(0, "verify", VAULT, "--json")).json()).toMatchObject({ ok: true });
}, 120_000);

test("where an entry can neither be made nor kept, nothing is given out", async () => {
  const home = host.path("home-shut");
  writeFileSync(host.path("not-a-folder"), "");
  cpSync(host.home, home, { recursive: true });
  rmSync(`${home}/vaults`, { recursive: true });
  rmSync(`${home}/viewer`, { recursive: true, force: true });
  writeFileSync(`${home}/viewer`, "");
  chmodSync(`${home}/viewer`, 0o400);
  const ran = await finished(host.start(["get", VAULT, "latest", ID, ...KEY], { HOLDFAST_HOME: home }));
  expect(ran.code).toBe(1);
  expect(ran.stdout.toString()).toBe("");
}, 120_000);
