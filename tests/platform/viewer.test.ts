import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { putRoster, readVaultDescription } from "#app/vault/index.ts";
import { openLedger, originOf } from "#app/ledger/index.ts";
import { enterAllKept } from "#app/platform/viewer/enter-kept.ts";
import { viewerPlaces } from "#app/platform/viewer/places.ts";
import { fileOutbox, type FileOutbox } from "#app/viewer/index.ts";
import type { ViewerSetting, ViewerSettings } from "#app/workflows/ports.ts";
import { linkedShop, SHOP, type LinkedShop } from "../workflows/support/linked-shop.ts";

let home: string;
let own: FileOutbox;
let shop: LinkedShop;
let down = false;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "holdfast-places-"));
  own = fileOutbox(home, "one");
  shop = await linkedShop();
  down = false;
});
afterEach(async () => {
  await own.close();
  rmSync(home, { recursive: true, force: true });
});

const setting: ViewerSetting = { shop: SHOP, issuer: "https://login.example.com", clientId: "viewer", groupsClaim: "groups", groups: ["g1"], hasSecret: true, savedAt: new Date(0), savedBy: "staff:42" };
/** Everything that the database answers, until it is gone. */
const gone = <T>(work: () => Promise<T>): Promise<T> => (down ? Promise.reject(new Error("the database is gone")) : work());
const settings: ViewerSettings = { get: (of) => gone(() => Promise.resolve(of === SHOP ? setting : null)), save: () => gone(() => Promise.resolve()), secret: () => gone(() => Promise.resolve("s3cret")), forget: () => Promise.resolve(), shops: () => gone(() => Promise.resolve([SHOP])) };

function places() {
  const { process } = shop;
  const ports = {
    ...process,
    links: { ...process.links, get: (of: string) => gone(() => process.links.get(of)), shopsOf: (id: string) => process.links.shopsOf(id), save: process.links.save },
    keyring: { get: (id: string) => gone(() => process.keyring.get(id)), keep: process.keyring.keep },
    responseTeam: { ...process.responseTeam, rolesOf: (of: string, actor: string) => gone(() => process.responseTeam.rolesOf(of, actor)), ask: (of: string, member: never) => gone(() => process.responseTeam.ask(of, member)), list: process.responseTeam.list, save: process.responseTeam.save },
    outbox: { add: () => gone(() => Promise.resolve()), waiting: () => gone(() => Promise.resolve([])), trying: () => Promise.resolve(), entered: () => Promise.resolve(), exclusively: <T>(_: string, work: () => Promise<T>) => gone(work) },
  };
  return { ports, places: viewerPlaces({ ports: ports as never, settings, own, patienceMs: 50 }) };
}
const person = (id: string, groups: readonly string[] = []) => ({ id, groups, displayName: null });
const event = (vault: string) => ({ actor: "responder:abc", action: "viewer.signed_out", subject: { vault, shop: SHOP, session: "0".repeat(16), code: "viewer.idle" }, outcome: "done" as const });

describe("the shops of a process, as the viewer sees them", () => {
  test("are what the database says while it answers: the sign-in with its secret, the index key, the team", async () => {
    const at = places();
    await shop.process.responseTeam.save(SHOP, [{ actor: "responder:abc", label: "synthetic", roles: ["responder"], changedAt: new Date(0), changedBy: "staff:42" }]);
    const place = await at.places.find(SHOP);
    expect([await at.places.only(), place?.signIn?.clientSecret, place?.indexKey?.length, place?.opener]).toEqual([SHOP, "s3cret", 32, null]);
    expect(await Promise.all([place!.rolesOf(person("abc")), place!.rolesOf(person("x", ["g1"])), place!.rolesOf(person("x"))])).toEqual([["responder"], ["responder"], []]);
    expect(await at.places.find("other.myshopify.com")).toBeNull();
  });

  test("are as they were last known when the database is gone; the team is the roster's, and events go to this host's disk", async () => {
    const at = places();
    expect(await at.places.remember()).toBe(1);
    const description = await readVaultDescription(shop.store);
    const hostKeys = (await shop.process.keyring.get(description.vaultId))!;
    await putRoster({ store: shop.store, description, signingKey: hostKeys.signingKey, clock: shop.process.clock }, { shop: SHOP, signIn: null, responders: ["abc"] });
    down = true;
    const place = await at.places.find(SHOP);
    expect([await at.places.only(), place?.signIn?.clientSecret, place?.indexKey?.length]).toEqual([SHOP, "s3cret", 32]);
    expect(await Promise.all([place!.rolesOf(person("abc")), place!.rolesOf(person("x"))])).toEqual([["responder"], []]);
    await place!.events.keep([event(description.vaultId)]);
    expect(await own.waiting(description.vaultId)).toHaveLength(1);
    await place!.ask?.(person("x"));
    // What the database was to be told of is told by the log at least, and ends nothing.
    await place!.suspended({ session: "0".repeat(16), reads: 600 });

    down = false;
    expect(await enterAllKept(at.ports as never, settings, own)).toBe(1);
    expect(await own.waiting(description.vaultId)).toEqual([]);
    const entered: string[] = [];
    for await (const { action } of openLedger({ store: shop.store, origin: originOf(description.vaultId), clock: shop.process.clock }).entries()) entered.push(action);
    expect(entered).toContain("viewer.signed_out");
  });

  test("are not there when the database is gone and nothing was known", async () => {
    const at = places();
    down = true;
    await expect(at.places.find(SHOP)).rejects.toThrow("the database is gone");
    expect(await at.places.only()).toBeNull();
  });

  test("tell somebody when reading was suspended", async () => {
    const place = await places().places.find(SHOP);
    await place!.suspended({ session: "ab".repeat(8), reads: 600 });
    expect(shop.process.alerts.codes()).toContain("alert.viewer_suspended");
  });
});
