import { describe, expect, test } from "@jest/globals";
import { readRoster, readVaultDescription } from "#app/vault/index.ts";
import type { SignInTest, ViewerSetting, ViewerSettings } from "#app/workflows/ports.ts";
import { configureSignIn, testSignIn, type EnteredSignIn } from "#app/workflows/view/configure.ts";
import { publishRoster, rolesByRoster } from "#app/workflows/view/index.ts";
import { linkedShop, SHOP, STAFF } from "../support/linked-shop.ts";

class FakeViewerSettings implements ViewerSettings {
  readonly kept = new Map<string, ViewerSetting>();
  readonly secrets = new Map<string, string>();
  get = (shop: string) => Promise.resolve(this.kept.get(shop) ?? null);
  save: ViewerSettings["save"] = (setting, secret) => {
    if (secret === null) this.secrets.delete(setting.shop);
    else if (secret !== undefined) this.secrets.set(setting.shop, secret);
    this.kept.set(setting.shop, { ...setting, hasSecret: this.secrets.has(setting.shop) });
    return Promise.resolve();
  };
  secret = (shop: string) => Promise.resolve(this.secrets.get(shop) ?? null);
  forget = (shop: string) => { this.kept.delete(shop); return Promise.resolve(); };
  shops = () => Promise.resolve([...this.kept.keys()]);
}

const ENTERED: EnteredSignIn = { issuer: "https://login.example.com/tenant/", clientId: "viewer", groupsClaim: "groups", groups: "responders\n\n responders \nnight shift", secret: null };

async function world() {
  const shop = await linkedShop();
  const viewerSettings = new FakeViewerSettings();
  const asked: unknown[] = [];
  let answer: SignInTest = { ok: true, pkce: true, endsSessions: false };
  const ports = { ...shop.process, viewerSettings, signInTests: { test: (setting: unknown) => { asked.push(setting); return Promise.resolve(answer); } } };
  const roster = async () => readRoster(shop.store, await readVaultDescription(shop.store));
  const member = (actor: string, roles: readonly ("responder" | "approver")[]) => ({ actor, label: "synthetic", roles, changedAt: shop.process.clock.now(), changedBy: "staff:42" });
  return { ...shop, ports, viewerSettings, asked, roster, member, answers: (with_: SignInTest) => { answer = with_; } };
}

describe("setting up how responders sign in", () => {
  test("keeps it, seals the secret away from the roster, and puts the roster into the vault at once", async () => {
    const { ports, viewerSettings, roster } = await world();
    expect(await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: { ...ENTERED, secret: "canary-secret" } })).toEqual({ kind: "saved", roster: "published" });
    expect(viewerSettings.kept.get(SHOP)).toMatchObject({ issuer: ENTERED.issuer, groups: ["responders", "night shift"], hasSecret: true, savedBy: "staff:42" });
    const said = await roster();
    expect(said).toMatchObject({ shop: SHOP, sequence: 1, responders: [], signIn: { issuer: ENTERED.issuer, clientId: "viewer", groups: ["night shift", "responders"], secret: true } });
    expect(JSON.stringify(said)).not.toContain("canary-secret");
  });

  test("keeps the secret that is there when none is entered, and lets it go when an empty one is", async () => {
    const { ports, viewerSettings } = await world();
    await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: { ...ENTERED, secret: "first" } });
    await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: ENTERED });
    expect(viewerSettings.secrets.get(SHOP)).toBe("first");
    await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: { ...ENTERED, secret: "" } });
    expect(viewerSettings.secrets.has(SHOP)).toBe(false);
  });

  test.each([
    ["issuer", { issuer: "ftp://x" }, "bad"], ["issuer", { issuer: " " }, "missing"], ["clientId", { clientId: "" }, "missing"], ["clientId", { clientId: "a b" }, "bad"], ["groupsClaim", { groupsClaim: "x y" }, "bad"], ["groups", { groups: Array.from({ length: 51 }, (_, n) => `g${String(n)}`).join("\n") }, "too_many"],
  ])("says what is wrong with %s %j and keeps nothing", async (field, change, fault) => {
    const { ports, viewerSettings, asked } = await world();
    expect(await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: { ...ENTERED, ...change } })).toEqual({ kind: "invalid", fields: { [field]: fault } });
    expect(await testSignIn(ports, { shop: SHOP, actor: STAFF, entered: { ...ENTERED, ...change } })).toEqual({ kind: "invalid", fields: { [field]: fault } });
    expect([viewerSettings.kept.size, asked.length]).toEqual([0, 0]);
  });

  test("is for whoever may name the team, and nobody of another shop; a refusal is recorded", async () => {
    const { ports, member, viewerSettings } = await world();
    await ports.responseTeam.save(SHOP, [member("staff:7", ["approver"])]);
    expect((await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: ENTERED })).kind).toBe("refused");
    expect((await testSignIn(ports, { shop: SHOP, actor: { ...STAFF, shop: "other.myshopify.com" }, entered: ENTERED })).kind).toBe("refused");
    expect(viewerSettings.kept.size).toBe(0);
  });

  test("tests what was entered, and tells what the provider said", async () => {
    const { ports, asked, answers } = await world();
    expect(await testSignIn(ports, { shop: SHOP, actor: STAFF, entered: ENTERED })).toEqual({ kind: "tested", pkce: true, endsSessions: false });
    answers({ ok: false, code: "viewer.provider_unreachable" });
    expect(await testSignIn(ports, { shop: SHOP, actor: STAFF, entered: ENTERED })).toEqual({ kind: "failed", code: "viewer.provider_unreachable" });
    expect(asked).toHaveLength(2);
  });
});

describe("the roster", () => {
  test("follows the response team, is written only when it says something new, and names responders from outside alone", async () => {
    const { ports, roster, member } = await world();
    expect(await publishRoster(ports, SHOP)).toEqual({ kind: "nothing" });
    await configureSignIn(ports, { shop: SHOP, actor: STAFF, entered: ENTERED });
    await ports.responseTeam.save(SHOP, [member("staff:42", ["responder", "approver"]), member("responder:abc", ["responder"]), member("responder:asked", []), member("responder:approves", ["approver"])]);
    expect(await publishRoster(ports, SHOP)).toEqual({ kind: "published", sequence: 2 });
    expect(await publishRoster(ports, SHOP)).toEqual({ kind: "unchanged" });
    expect((await roster())?.responders).toEqual(["abc"]);
  });

  test("names whoever is on it and members of its groups, and nobody else", () => {
    const signIn = { issuer: "https://x.example", clientId: "v", groupsClaim: "groups", groups: ["g1"], secret: false };
    const by = (person: { id: string; groups: readonly string[] }) => rolesByRoster({ responders: ["abc"], signIn }, person);
    expect([by({ id: "abc", groups: [] }), by({ id: "x", groups: ["g1"] }), by({ id: "x", groups: ["g2"] }), by({ id: "x", groups: [] }), rolesByRoster(null, { id: "abc", groups: ["g1"] })]).toEqual([["responder"], ["responder"], [], [], []]);
  });
});
