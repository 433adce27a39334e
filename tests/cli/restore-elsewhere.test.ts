/** Another shop as the target of the command line: one person with what names them, told as a disclosure, and not made twice. */
import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { finished, Host } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

interface Sandbox {
  readonly url: string;
  readonly shop: string;
  stop(): Promise<void>;
}

async function sandbox(...options: readonly string[]): Promise<Sandbox> {
  const child = host.start(["sandbox", "start", ...options, "--json"]);
  const ended = finished(child);
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return {
    ...(JSON.parse(line.toString()) as { url: string; shop: string }),
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

describe("restore into another shop", () => {
  test("makes a customer with their orders there under new ids, says to whom it discloses them, and finds them the next time", async () => {
    await host.expect(0, "keys", "new", "--out", "keys");
    await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
    const ours = await sandbox("--customers", "12", "--orders", "6", "--seed", "9");
    const theirs = await sandbox("--customers", "3", "--orders", "1", "--seed", "holdfast-b");
    try {
      expect(theirs.shop).not.toBe(ours.shop);
      await host.expect(0, "snapshot", VAULT, "--source", `shopify:${ours.shop}`, "--json");
      const identity = ["--identity", "keys/identity.jwk"];
      await host.expect(0, "export", VAULT, "latest", ...identity, "--reason", "a test, case 1", "--out", "all.jsonl");
      const found = readFileSync(host.path("all.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { id: string; customer?: { id: string } | null });
      const order = found.find(({ id, customer }) => id.startsWith("gid://shopify/Order/") && customer != null)!;
      const person = order.customer!.id;
      const orders = found.filter(({ id, customer }) => id.startsWith("gid://shopify/Order/") && customer?.id === person);
      const plan = async (file: string, ...more: readonly string[]): Promise<Record<string, unknown>> => (await host.expect(0, "restore", VAULT, ...more, "--to", `shopify:${theirs.shop}`, "--person", person, "--plan", file, ...identity, "--json")).json();

      for (const wrong of [["latest", "--at", new Date().toISOString()], ["--at", "2020-01-01T00:00:00Z"], ["--at", "yesterday"], ["--at", new Date(Date.now() + 3_600_000).toISOString()], ["latest", "--record", person]]) {
        await host.expect(2, "restore", VAULT, ...wrong, "--to", `shopify:${theirs.shop}`, "--person", person, "--plan", "none.json", ...identity);
      }
      const at = new Date().toISOString();
      const planned = await plan("plan.json", "latest");
      expect(planned).toMatchObject({ update: 0, disclosedTo: theirs.shop, missing: [] });
      expect(planned["create"]).toBeGreaterThanOrEqual(1 + orders.length);
      // The second after the snapshot is the snapshot, where nothing was told since.
      expect(await plan("at.json", "--at", at)).toMatchObject({ create: planned["create"], at, base: planned["base"] });
      const done = (await host.expect(0, "restore", "--apply", "plan.json", ...identity, "--reason", "a move, case 2", "--json")).json();
      expect(done).toMatchObject({ differing: 0, disclosedTo: theirs.shop });
      expect(done["created"]).toBeGreaterThanOrEqual(1 + orders.length);
      expect(await plan("again.json", "latest")).toMatchObject({ create: Number(planned["create"]) - Number(done["created"]), update: 0 });
      // Into their own shop nothing is told to anybody.
      const home = (await host.expect(0, "restore", VAULT, "latest", "--to", `shopify:${ours.shop}`, "--person", person, "--plan", "home.json", ...identity, "--json")).json();
      expect(home).toMatchObject({ create: 0, update: 0 });
      expect(home).not.toHaveProperty("disclosedTo");
    } finally {
      await ours.stop();
      await theirs.stop();
    }
  }, 240_000);
});
