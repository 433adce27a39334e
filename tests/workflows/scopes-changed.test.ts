/** The platform's word on what the app may do in a shop, in the shop's log. */
import { expect, it } from "@jest/globals";
import { vaultLedger } from "#app/workflows/index.ts";
import { recordScopesChanged } from "#app/workflows/setup/scopes-changed.ts";
import { linkedShop, SHOP } from "./support/linked-shop.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { enterShopEvents } from "#app/workflows/shared/outbox.ts";

it("is entered as what was granted and what was taken back; words that are no scope, and no change, are not", async () => {
  const { process: ports, store } = await linkedShop(smallShop());
  await recordScopesChanged(ports, { shop: SHOP, previous: ["read_customers"], current: ["read_customers", "write_customers", "a note about jane@example.test"] });
  await recordScopesChanged(ports, { shop: SHOP, previous: ["write_customers", "read_customers"], current: ["read_customers", "write_customers"] });
  await recordScopesChanged(ports, { shop: SHOP, previous: ["read_customers", "write_customers"], current: ["read_customers"] });
  await enterShopEvents(ports, SHOP);
  const found: unknown[] = [];
  for await (const { actor, action, subject } of (await vaultLedger(ports, [...ports.hostKeys.keys()][0]!, store)).entries()) if (action === "scopes.changed") found.push([actor, subject]);
  expect(found).toEqual([
    ["platform", { shop: SHOP, granted: "write_customers" }],
    ["platform", { shop: SHOP, revoked: "write_customers" }],
  ]);
});
