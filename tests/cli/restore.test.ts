/** Putting records back from the command line: a plan that changes nothing, then the plan carried out. */
import { describe, expect, test } from "@jest/globals";
import { generalDecrypt, importJWK } from "jose";
import type { GeneralJWE, JWK } from "jose";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openLedger, originOf, type LedgerEntry } from "#app/ledger/index.ts";
import { SCOPES } from "#app/sources/shopify/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import { finished, Host } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

async function said(action: RegExp): Promise<LedgerEntry[]> {
  const directory = host.path("vault");
  const { vaultId } = JSON.parse(Buffer.from((JSON.parse(readFileSync(path.join(directory, "vault.json"), "utf8")) as { payload: string }).payload, "base64url").toString()) as { vaultId: string };
  const found: LedgerEntry[] = [];
  for await (const entry of openLedger({ store: new FilesystemStore(directory), origin: originOf(vaultId), clock: { now: () => new Date(0) } }).entries()) if (action.test(entry.action)) found.push(entry);
  return found;
}

/** Segments of the vault's journal. */
function segments(): readonly string[] {
  const folder = host.path("vault", "journal");
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).filter((name) => /\d/.test(name)) : [];
}

describe("restore", () => {
  test("plans what was corrupted and deleted, puts back exactly that, and has nothing left to do", async () => {
    await host.expect(0, "keys", "new", "--out", "keys");
    await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
    const child = host.start(["sandbox", "start", "--customers", "30", "--orders", "5", "--seed", "9", "--json"]);
    const ended = finished(child);
    const [line] = (await once(child.stdout!, "data")) as [Buffer];
    const shop = JSON.parse(line.toString()) as { url: string; shop: string };
    const to = `shopify:${shop.shop}`;
    try {
      await host.expect(0, "snapshot", VAULT, "--source", to, "--json");
      const ruin = await fetch(`${shop.url}/sandbox/corrupt`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ metafields: 0.5, deleteCustomers: 3, seed: 1 }) });
      const { deleted, customers } = (await ruin.json()) as { deleted: string[]; customers: string[] };
      const identity = ["--identity", "keys/identity.jwk"];
      const reason = ["--reason", "intake overwritten, case 2026-14"];
      const planned = (await host.expect(0, "restore", VAULT, "latest", "--to", to, "--record", ...deleted, ...customers, "--plan", "plan.json", ...identity, "--json")).json();
      expect(planned).toMatchObject({ create: 3, update: customers.length });
      const file = path.join(host.directory, "plan.json");
      const plan = readFileSync(file, "utf8");
      expect(plan).not.toContain("SYNTHETIC");
      // The shop has let the app read only.
      expect(planned).toMatchObject({ rights: ["write_customers", "write_store_credit_account_transactions"], missing: [] });
      const grant = (scopes: readonly string[]): Promise<Response> => fetch(`${shop.url}/sandbox/scopes`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ scopes }) });
      await grant(SCOPES);
      for (const none of [[], ["--reason", " "], ["--reason", "ask a@b.example"]]) expect((await host.expect(2, "restore", "--apply", "plan.json", ...identity, ...none)).stderr).toMatch(/reason/);
      const refused = await host.expect(1, "restore", "--apply", "plan.json", ...identity, ...reason);
      expect(refused.stderr).toMatch(/has not granted write_customers, write_store_credit_account_transactions, which this plan takes, so nothing was written.*grant these access scopes/s);
      await grant([...SCOPES, "write_customers", "write_store_credit_account_transactions"]);
      const before = segments().length;
      const done = (await host.expect(0, "restore", "--apply", "plan.json", ...identity, ...reason, "--json")).json();
      expect(done).toMatchObject({ created: 3, refused: 0, differing: 0, recorded: true, kept: true });
      // Nobody else was asked, and that stands in the log with the reason; what the shop had before can be had back.
      const told = await said(/^restore\./);
      const about = { vault: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown, plan: planned["planId"] };
      expect(told.map(({ action, outcome, reason: why }) => [action, outcome, why ?? ""])).toEqual([["restore.planned", "done", ""], ["restore.applied", "done", "intake overwritten, case 2026-14"], ["restore.finished", "done", ""]]);
      expect(told[1]).toMatchObject({ actor: "cli", subject: { ...about, digest: planned["digest"] } });
      expect(told[1]!.subject).not.toHaveProperty("approvedBy");
      expect(told[2]!.subject).toMatchObject({ ...about, digest: planned["digest"], restored: done["restored"], restoredWithLosses: done["restoredWithLosses"], refused: 0, differing: 0 });
      expect(segments().length).toBeGreaterThan(before);
      const undo = new Date().toISOString();
      const kept = segments().length;
      // Once more: it is all done.
      expect((await host.expect(0, "restore", "--apply", "plan.json", ...identity, ...reason, "--json")).json()).toMatchObject({ created: 3, differing: 0 });
      // What was there before is kept once for each plan; and from it the restore itself can be undone.
      expect(segments().length).toBe(kept);
      const back = (await host.expect(0, "restore", VAULT, "--at", undo, "--to", to, "--record", ...customers, "--plan", "undo.json", ...identity, "--json")).json();
      expect(back).toMatchObject({ create: 0, update: customers.length });
      expect((await host.expect(0, "restore", VAULT, "latest", "--to", to, "--record", ...customers, "--plan", "again.json", ...identity, "--json")).json()).toMatchObject({ create: 0, update: 0 });
      // For somebody who is given a file instead: nobody but them opens it.
      await host.expect(0, "keys", "new", "--out", "theirs");
      await host.expect(2, "restore", VAULT, "latest", "--to", "export:for-them.jwe", "--plan", "export.json", ...identity);
      const asked = (await host.expect(0, "restore", VAULT, "latest", "--to", `export:${path.join(host.directory, "for-them.jwe")}`, "--recipient", "theirs/recipient.jwk", "--record", ...deleted, "--plan", "export.json", ...identity, "--json")).json();
      expect(asked).toMatchObject({ create: 3, update: 0, at: expect.stringMatching(/^20\d\d-/) as unknown });
      const sealedSoFar = (await said(/^restore\./)).length;
      expect((await host.expect(0, "restore", "--apply", "export.json", ...identity, ...reason, "--json")).json()).toMatchObject({ exported: 3, parts: 1, code: "restore.done" });
      const recipient = (JSON.parse(readFileSync(path.join(host.directory, "export.json"), "utf8")) as { recipient: { keyId: string } }).recipient.keyId;
      expect((await said(/^restore\./)).slice(sealedSoFar).map(({ action, subject }) => [action, subject["recipient"]])).toEqual([["restore.applied", recipient], ["restore.finished", recipient]]);
      const sealed = readFileSync(path.join(host.directory, "for-them.jwe"), "utf8").trimEnd().split("\n");
      const key = async (folder: string): Promise<CryptoKey> => (await importJWK(JSON.parse(readFileSync(path.join(host.directory, folder, "identity.jwk"), "utf8")) as JWK, "ECDH-ES+A256KW")) as CryptoKey;
      const { plaintext } = await generalDecrypt(JSON.parse(sealed[0]!) as GeneralJWE, await key("theirs"));
      const ids = Buffer.from(plaintext).toString("utf8").trimEnd().split("\n").map((text) => (JSON.parse(text) as { id: string }).id);
      expect(deleted.every((id) => ids.includes(id))).toBe(true);
      await expect(generalDecrypt(JSON.parse(sealed[0]!) as GeneralJWE, await key("keys"))).rejects.toThrow();
      writeFileSync(file, plan.replace(deleted[0]!, deleted[1]!));
      await host.expect(2, "restore", "--apply", "plan.json", ...identity, ...reason);
    } finally {
      child.kill("SIGINT");
      await ended;
    }
  }, 180_000);
});
