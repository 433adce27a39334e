/** The end of an emergency hold that no process waits for. */
import { describe, expect, test } from "@jest/globals";
import { readHolds } from "#app/vault/index.ts";
import { holdNow, releaseEmergencies } from "#app/cli/emergency.ts";
import { vaultLedger } from "#app/workflows/shared/vault-ledger.ts";
import { linkedShop, SHOP, snapshot } from "../workflows/support/linked-shop.ts";
import { openShopVault } from "#app/workflows/shared/open-shop-vault.ts";

describe("releaseEmergencies", () => {
  test("ends a hold when its time is over and not before, and none that is an incident's or somebody's own", async () => {
    const shop = await linkedShop([]);
    const outcome = await snapshot(shop);
    if (outcome.kind !== "committed") throw new Error(outcome.kind);
    const { vault, store, hostKeys } = await openShopVault(shop.process, SHOP, "");
    const ledger = await vaultLedger(shop.process, vault.description.vaultId, store);
    const holding = { store, vault, hostKeys, ledger, clock: shop.process.clock, random: shop.process.random, actor: "cli" };
    const { snapshotId } = outcome.snapshot;
    await holdNow(holding, snapshotId, { incident: "7" });
    await holdNow(holding, snapshotId, { hours: 2 });
    shop.process.time.advance(2 * 3_600_000 - 60_000);
    expect(await releaseEmergencies(holding)).toBe(0);
    shop.process.time.advance(60_000);
    expect(await releaseEmergencies(holding)).toBe(1);
    expect((await readHolds(store, vault.description)).inForce.map(({ name }) => name)).toEqual(["incident 7"]);
    expect(await releaseEmergencies(holding)).toBe(0);
  });
});
