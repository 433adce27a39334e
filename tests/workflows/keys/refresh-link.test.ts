/** A rotation made on another machine, with the command, shows in the app from the next snapshot on, and its drills open with the new key. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { rotateRecipients } from "#app/vault/index.ts";
import { prepareDrill } from "#app/workflows/index.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, type LinkedShop } from "../support/linked-shop.ts";

let shop: LinkedShop;
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

const shown = (): string[] => shop.process.linked.get(SHOP)!.recipients.map((recipient) => recipient.keyId);

describe("after a rotation on another machine", () => {
  test("the next snapshot brings the shop's link up to date, and seals to the new recipients", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const next = await testIdentity();
    await rotateRecipients({ store: shop.store, opener: shop.identity.opener, add: [next.recipient], remove: [shop.identity.recipient.keyId], clock: shop.process.clock });
    expect(shown()).toEqual([shop.identity.recipient.keyId]);
    expect(await snapshot(shop)).toMatchObject({ kind: "committed" });
    expect(shown()).toEqual([next.recipient.keyId]);
    expect((await unwrapped({ ...shop, identity: next })).size).toBeGreaterThan(0);
  });

  test("a drill is offered with the new keys at once", async () => {
    shop = await linkedShop();
    await snapshot(shop);
    const next = await testIdentity();
    await rotateRecipients({ store: shop.store, opener: shop.identity.opener, add: [next.recipient], remove: [shop.identity.recipient.keyId], clock: shop.process.clock });
    expect(await prepareDrill(shop.process, { shop: SHOP, actor: STAFF })).toMatchObject({ kind: "ready", recipients: [next.recipient.keyId] });
    expect((await unwrapped({ ...shop, identity: next })).size).toBe(1);
  });

  test("without one, nothing is saved", async () => {
    shop = await linkedShop();
    const before = shop.process.linked.get(SHOP);
    await snapshot(shop);
    expect(shop.process.linked.get(SHOP)).toBe(before);
  });
});
