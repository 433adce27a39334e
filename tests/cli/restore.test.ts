/** Putting records back from the command line: a plan that changes nothing, then the plan carried out. */
import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SCOPES } from "#app/sources/shopify/index.ts";
import { finished, Host } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

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
      const planned = (await host.expect(0, "restore", VAULT, "latest", "--to", to, "--record", ...deleted, ...customers, "--plan", "plan.json", ...identity, "--json")).json();
      expect(planned).toMatchObject({ create: 3, update: customers.length });
      const file = path.join(host.directory, "plan.json");
      const plan = readFileSync(file, "utf8");
      expect(plan).not.toContain("SYNTHETIC");
      // The shop has let the app read only.
      expect(planned).toMatchObject({ rights: ["write_customers", "write_store_credit_account_transactions"], missing: [] });
      const grant = (scopes: readonly string[]): Promise<Response> => fetch(`${shop.url}/sandbox/scopes`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ scopes }) });
      await grant(SCOPES);
      const refused = await host.expect(1, "restore", "--apply", "plan.json", ...identity);
      expect(refused.stderr).toMatch(/has not granted write_customers, write_store_credit_account_transactions, which this plan takes, so nothing was written.*grant these access scopes/s);
      await grant([...SCOPES, "write_customers", "write_store_credit_account_transactions"]);
      const done = (await host.expect(0, "restore", "--apply", "plan.json", ...identity, "--json")).json();
      expect(done).toMatchObject({ created: 3, refused: 0, differing: 0 });
      // Once more: it is all done.
      expect((await host.expect(0, "restore", "--apply", "plan.json", ...identity, "--json")).json()).toMatchObject({ created: 3, differing: 0 });
      expect((await host.expect(0, "restore", VAULT, "latest", "--to", to, "--record", ...customers, "--plan", "again.json", ...identity, "--json")).json()).toMatchObject({ create: 0, update: 0 });
      writeFileSync(file, plan.replace(deleted[0]!, deleted[1]!));
      await host.expect(2, "restore", "--apply", "plan.json", ...identity);
    } finally {
      child.kill("SIGINT");
      await ended;
    }
  }, 180_000);
});
