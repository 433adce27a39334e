/**
 * Another shop's records: they go there only while that shop's own team says so, the app is in both, and it may write there; they come about under new ids with what
 * belongs to them; and both shops' ledgers say that they were disclosed. Two simulated shops, over HTTP.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { restoreTargets } from "#app/platform/restore-targets.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import type { ShopifyClientOptions } from "#app/sources/shopify/index.ts";
import type { RestorePlanRow, RestoreSelection } from "#app/workflows/ports.ts";
import { linkStorage, vaultLedger } from "#app/workflows/index.ts";
import { applyRestore, type ApplyOutcome } from "#app/workflows/restore/apply.ts";
import { cancelPlan, decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { invitationsOf, inviteShop, receiversFor, withdrawInvitation } from "#app/workflows/restore/invitations.ts";
import { requestPlan } from "#app/workflows/restore/plan-request.ts";
import { giveBackForOthers, noteGrantedForOthers, rightsForOthers } from "#app/workflows/restore/rights.ts";
import { showPlan, wholeReport } from "#app/workflows/restore/show.ts";
import { SCOPES, WRITE_SCOPES } from "#app/sources/shopify/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { optionsFor, Sandboxes, sourceOf } from "../../sources/shopify/support/sandbox.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, keysFor, planWorld, workOut, type PlanWorld } from "./support/world.ts";

const OTHER = "other-synthetic.myshopify.com";
const OLA = { kind: "staff", id: "9", shop: OTHER } as const;
const OTTO = { kind: "staff", id: "8", shop: OTHER } as const;
const DAY_MS = 24 * 3_600_000;
const sandboxes = new Sandboxes();
let a: SandboxShop;
let b: SandboxShop;
let world: PlanWorld;
let at: Date;
let person: string;

beforeAll(async () => {
  a = await sandboxes.start({ customers: 12, orders: 6, seed: "giving" });
}, 60_000);
afterAll(() => sandboxes.close());

beforeEach(async () => {
  b = await sandboxes.start({ customers: 5, orders: 2, seed: "receiving", scopes: SCOPES, optionalScopes: WRITE_SCOPES });
  await grant([...SCOPES, ...WRITE_SCOPES]);
  world = await planWorld();
  const { ports, identity } = world;
  ports.sources.set(SHOP, () => sourceOf(a));
  ports.byUrl.set("memory://other", new MemoryStore());
  const linked = await linkStorage(ports, { shop: OTHER, actor: OLA, storageUrl: "memory://other", recipient: identity.recipient });
  if (linked.kind !== "linked") throw new Error(linked.kind);
  const clients: Record<string, ShopifyClientOptions> = { [SHOP]: { ...optionsFor(a), shop: SHOP }, [OTHER]: { ...optionsFor(b), shop: OTHER } };
  Object.assign(ports, { restoreTargets: restoreTargets({ client: (shop) => Promise.resolve(clients[shop]!), clock: ports.clock, invitations: ports.invitations }) });
  await snapshot(world);
  ports.time.advance(1000);
  at = ports.clock.now();
  ports.time.advance(60_000);
  person = (await admin<{ orders: { nodes: { customer: { id: string } | null }[] } }>(a, "{ orders(first: 5) { nodes { customer { id } } } }")).orders.nodes.find(({ customer }) => customer !== null)!.customer!.id;
}, 120_000);

async function admin<T>(shop: SandboxShop, query: string, variables: object = {}): Promise<T> {
  const answer = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": shop.accessToken }, body: JSON.stringify({ query, variables }) });
  const body = (await answer.json()) as { errors?: unknown; data: T };
  if (body.errors !== undefined) throw new Error(JSON.stringify(body));
  return body.data;
}

const grant = (scopes: readonly string[]) => fetch(`${b.url}/sandbox/scopes`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ scopes }) });

interface Person {
  readonly id: string;
  readonly defaultEmailAddress: { readonly emailAddress: string } | null;
  readonly note: string | null;
  readonly addressesV2: { readonly nodes: readonly { readonly id: string; readonly address1: string }[] };
  readonly metafields: { readonly nodes: readonly { readonly namespace: string; readonly key: string; readonly value: string }[] };
  readonly orders: { readonly nodes: readonly { readonly id: string }[] };
}
const PEOPLE = "{ customers(first: 20) { nodes { id note defaultEmailAddress { emailAddress } addressesV2(first: 5) { nodes { id address1 } } metafields(first: 20) { nodes { namespace key value } } orders(first: 5) { nodes { id } } } } }";
const people = async (shop: SandboxShop): Promise<readonly Person[]> => (await admin<{ customers: { nodes: readonly Person[] } }>(shop, PEOPLE)).customers.nodes;

const intoOther = { kind: "shop", shop: OTHER } as const;
const ask = (selection: RestoreSelection = { scope: "person", ids: [person] }) => requestPlan(world.ports, { shop: SHOP, actor: ANA, at, selection, rule: "overwrite", extras: "keep", target: intoOther, assistantRun: null });

async function planned(selection?: RestoreSelection): Promise<RestorePlanRow> {
  const asked = await ask(selection);
  if (asked.kind !== "requested") throw new Error(JSON.stringify(asked));
  const outcome = await workOut(world, asked.planId);
  if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
  return (await world.ports.restorePlans.get(SHOP, asked.planId))!;
}

async function approved(selection?: RestoreSelection): Promise<string> {
  const { planId } = await planned(selection);
  const submitted = await submitPlan(world.ports, { shop: SHOP, actor: ANA, planId });
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  // Two people of the shop whose records these are, however many the other shop has let in.
  expect(await decidePlan(world.ports, { shop: SHOP, actor: ANA, planId, approve: true, digest: submitted.row.digest!, remark: "" })).toEqual({ kind: "refused", code: "access.same_person" });
  const decided = await decidePlan(world.ports, { shop: SHOP, actor: BEN, planId, approve: true, digest: submitted.row.digest!, remark: "" });
  if (decided.kind !== "changed") throw new Error(JSON.stringify(decided));
  return planId;
}

async function apply(planId: string): Promise<ApplyOutcome> {
  const started = await startApply(world.ports, { shop: SHOP, actor: ANA, planId, keys: await keysFor(world, planId, "restore.apply") });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return applyRestore(world.ports, { runId: started.run.id, pauseMs: 1 });
}

const invite = (days = 7) => inviteShop(world.ports, { shop: OTHER, actor: OLA, from: SHOP, days });

async function ledgerOf(shop: string, prefix: RegExp): Promise<readonly { readonly actor: string; readonly action: string; readonly subject: unknown; readonly outcome: string }[]> {
  const link = (await world.ports.links.get(shop))!;
  const ledger = await vaultLedger(world.ports, link.vaultId, await world.ports.stores.open(link.storageUrl, { shop }));
  const found = [];
  for await (const { actor, action, subject, outcome } of ledger.entries()) if (prefix.test(action)) found.push({ actor, action, subject, outcome });
  return found;
}

describe("which other shop may put records into this one", () => {
  it("is said by an approver for some days, stands in this shop's ledger, and is offered to that shop", async () => {
    expect(await receiversFor(world.ports, SHOP)).toEqual([]);
    const until = new Date(world.ports.clock.now().getTime() + 7 * DAY_MS);
    expect(await invite()).toEqual({ kind: "invited", until: until.toISOString() });
    expect(await receiversFor(world.ports, SHOP)).toEqual([{ shop: OTHER, until, writes: expect.arrayContaining(["write_customers"]) as unknown }]);
    // It goes one way only.
    expect(await receiversFor(world.ports, OTHER)).toEqual([]);
    expect(await invitationsOf(world.ports, OTHER)).toMatchObject([{ from: SHOP, until, madeBy: "staff:9", over: false, plans: [] }]);
    expect(await ledgerOf(OTHER, /^invitation/)).toEqual([{ actor: "staff:9", action: "invitation.made", subject: { shop: OTHER, from: SHOP, until: until.toISOString() }, outcome: "done" }]);
  });

  it("is said by nobody else: no responder, nobody of the shop whose records they are, nobody at a command line", async () => {
    world.ports.responseTeam.name(OTHER, "staff:9", ["approver"]);
    world.ports.responseTeam.name(OTHER, "staff:8", ["responder"]);
    expect(await inviteShop(world.ports, { shop: OTHER, actor: OTTO, from: SHOP, days: 7 })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    expect(await inviteShop(world.ports, { shop: OTHER, actor: ANA, from: SHOP, days: 7 })).toEqual({ kind: "refused", code: "access.other_shop" });
    expect(await inviteShop(world.ports, { shop: OTHER, actor: { kind: "cli" }, from: SHOP, days: 7 })).toEqual({ kind: "refused", code: "access.not_for_you" });
    expect(world.ports.invitations.rows).toEqual([]);
    expect((await ledgerOf(OTHER, /^request\.refused$/)).map(({ actor }) => actor)).toEqual(["staff:8", "staff:1", "cli"]);
    // Taking it back is easier than giving it.
    await invite();
    expect(await withdrawInvitation(world.ports, { shop: OTHER, actor: OTTO, from: SHOP })).toEqual({ kind: "withdrawn" });
    expect(await withdrawInvitation(world.ports, { shop: OTHER, actor: OTTO, from: SHOP })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    expect((await ledgerOf(OTHER, /^invitation/)).at(-1)).toMatchObject({ actor: "staff:8", action: "invitation.withdrawn" });
  });

  it("cannot be itself, something that is no shop's own domain, a shop for more than thirty days, for none, or for part of one", async () => {
    for (const [from, days] of [[OTHER, 7], ["example.org", 7], ["a.myshopify.com/admin", 7], [SHOP, 31], [SHOP, 0], [SHOP, 1.5]] as const) {
      expect(await inviteShop(world.ports, { shop: OTHER, actor: OLA, from, days })).toEqual({ kind: "failed", code: "restore.bad_invitation" });
    }
    expect(world.ports.invitations.rows).toEqual([]);
  });

  it("takes a vault, because without one there is no ledger that could say so", async () => {
    const bare = "bare-synthetic.myshopify.com";
    expect(await inviteShop(world.ports, { shop: bare, actor: { kind: "staff", id: "9", shop: bare }, from: SHOP, days: 7 })).toEqual({ kind: "failed", code: "vault.not_linked" });
  });
});

describe("a restore into another shop", () => {
  it("is not planned without that shop's word, and the refusal is in the ledger of the shop whose records they are", async () => {
    expect(await ask()).toEqual({ kind: "refused", code: "access.not_invited" });
    expect((await ledgerOf(SHOP, /^request\.refused$/)).at(-1)).toMatchObject({ actor: "staff:1", subject: { asked: "restore.plan", code: "access.not_invited" } });
    await invite();
    world.ports.invitations.without.add(OTHER);
    expect(await ask()).toEqual({ kind: "refused", code: "access.no_app_there" });
    expect(await receiversFor(world.ports, SHOP)).toEqual([]);
    world.ports.invitations.without.clear();
    world.ports.time.advance(7 * DAY_MS);
    expect(await ask()).toEqual({ kind: "refused", code: "access.invitation_over" });
    expect(await receiversFor(world.ports, SHOP)).toEqual([]);
    // Whoever asks past all of that is stopped where the other shop's token would be taken in hand.
    await expect(world.ports.restoreTargets.open.call(null, ...([SHOP, intoOther, new AbortController().signal] as unknown as []))).rejects.toMatchObject({ code: "access.invitation_over" });
  });

  it("makes the customer there with all that belongs to them, under new ids that name each other, and says in both ledgers to whom it was disclosed", async () => {
    const was = (await people(a)).find(({ id }) => id === person)!;
    expect(was.addressesV2.nodes.length).toBeGreaterThan(0);
    expect(was.metafields.nodes.length).toBeGreaterThan(0);
    expect(was.orders.nodes.length).toBeGreaterThan(0);
    const before = await people(b);
    await invite();
    const planId = await approved();
    const outcome = await apply(planId);
    expect(outcome).toMatchObject({ kind: "applied", counts: { refused: 0, differing: 0 } });

    const after = await people(b);
    expect(after.length).toBe(before.length + 1);
    const email = was.defaultEmailAddress!.emailAddress;
    const is = after.find(({ defaultEmailAddress }) => defaultEmailAddress?.emailAddress === email)!;
    const report = await wholeReport(world.ports, { shop: SHOP, actor: ANA, format: "json", planId });
    if (report.kind !== "report") throw new Error(report.kind);
    const newIds = new Map(report.lines.map((line) => [line.id, line.newId]));
    expect(newIds.get(person)).toBe(is.id);
    expect(is.note).toBe(was.note);
    expect(is.addressesV2.nodes.map(({ address1 }) => address1).sort()).toEqual(was.addressesV2.nodes.map(({ address1 }) => address1).sort());
    expect(is.addressesV2.nodes.some(({ id }) => was.addressesV2.nodes.some((one) => one.id === id))).toBe(false);
    const plain = ({ metafields }: Person) => metafields.nodes.filter(({ value }) => !value.includes("gid:")).map(({ namespace, key, value }) => `${namespace}.${key}=${value}`).sort();
    expect(plain(is)).toEqual(expect.arrayContaining(plain(was)));
    // Their orders are theirs there too.
    expect(is.orders.nodes.map(({ id }) => id).sort()).toEqual(was.orders.nodes.map(({ id }) => newIds.get(id)).sort());
    // What that shop had is as it was.
    expect(after.filter(({ id }) => id !== is.id)).toEqual(before);

    expect(report.head).toMatchObject({ target: OTHER, disclosedTo: OTHER });
    expect((await ledgerOf(SHOP, /^restore\.(?!report)/)).map(({ action, subject }) => [action, (subject as { disclosedTo?: string }).disclosedTo])).toEqual(["planned", "submitted", "approved", "applied", "finished"].map((step) => [`restore.${step}`, OTHER]));
    expect((await ledgerOf(OTHER, /^received\./)).map(({ action, subject, outcome: how }) => [action, subject, how])).toEqual([
      ["received.begun", { shop: OTHER, from: SHOP, plan: planId, digest: (await world.ports.restorePlans.get(SHOP, planId))!.digest }, "done"],
      ["received.ended", expect.objectContaining({ shop: OTHER, from: SHOP, plan: planId, refused: 0, differing: 0 }), "done"],
    ]);
  }, 120_000);

  it("made a second time finds what the first created, and puts back there what was changed since instead of making it twice", async () => {
    await invite();
    await apply(await approved({ scope: "records", ids: [person] }));
    const first = await people(b);
    const again = await planned({ scope: "records", ids: [person] });
    expect(again.totals).toMatchObject({ create: 0, update: 0 });
    const newId = [...(await wholeOf(world)).values()].find((id) => id !== undefined)!;
    await admin(b, "mutation M($input: CustomerInput!) { customerUpdate(input: $input) { userErrors { message } } }", { input: { id: newId, note: "SYNTHETIC changed there" } });
    const third = await planned({ scope: "records", ids: [person] });
    expect(third.totals).toMatchObject({ create: 0, update: 1 });
    await cancelPlan(world.ports, { shop: SHOP, actor: ANA, planId: again.planId });
    await cancelPlan(world.ports, { shop: SHOP, actor: ANA, planId: third.planId });
    expect(await apply(await approved({ scope: "records", ids: [person] }))).toMatchObject({ kind: "applied", counts: { restoredWithLosses: 1, refused: 0, differing: 0 } });
    const last = await people(b);
    expect(last.length).toBe(first.length);
    expect(last.find(({ id }) => id === newId)!.note).toBe(first.find(({ id }) => id === newId)!.note);
  }, 120_000);

  it("stops before its next batch where the other shop takes its word back, and goes on after it gave it again", async () => {
    await invite();
    const planId = await approved({ scope: "kinds", kinds: ["Customer", "Order"] });
    const started = await startApply(world.ports, { shop: SHOP, actor: ANA, planId, keys: await keysFor(world, planId, "restore.apply") });
    if (started.kind !== "started") throw new Error(JSON.stringify(started));
    const before = await people(b);
    const { restorePlans } = world.ports;
    const get = restorePlans.get;
    let looked = 0;
    restorePlans.get = async (shop, id) => {
      // The first batch has been let go ahead when the row is looked at for a pause.
      if (++looked === 2) await withdrawInvitation(world.ports, { shop: OTHER, actor: OLA, from: SHOP });
      return get(shop, id);
    };
    const outcome = await applyRestore(world.ports, { runId: started.run.id, pauseMs: 1 });
    restorePlans.get = get;
    expect(outcome).toEqual({ kind: "failed", code: "access.not_invited" });
    const shown = await showPlan(world.ports, { shop: SHOP, actor: ANA, planId, page: 0, conflicts: false });
    expect(shown).toMatchObject({ notInto: "access.not_invited", may: { plan: false, apply: false, cancel: true } });
    expect((await ledgerOf(OTHER, /^received\./)).at(-1)).toMatchObject({ action: "received.ended", subject: { code: "access.not_invited" }, outcome: "failed" });
    // The customers were let go ahead; nothing of what comes after them was written.
    const some = await people(b);
    const ordersOf = (all: readonly Person[]): number => all.flatMap((one) => one.orders.nodes).length;
    expect(some.length).toBeGreaterThan(before.length);
    expect(ordersOf(some)).toBe(ordersOf(before));
    expect(await startApply(world.ports, { shop: SHOP, actor: ANA, planId, keys: null })).toEqual({ kind: "refused", code: "access.not_invited" });
    await invite(1);
    expect(await apply(planId)).toMatchObject({ kind: "applied", counts: { differing: 0 } });
    const after = await people(b);
    const report = await wholeReport(world.ports, { shop: SHOP, actor: ANA, planId, format: "json" });
    if (report.kind !== "report") throw new Error(report.kind);
    const made = report.lines.filter(({ kind, newId }) => kind === "Customer" && newId !== undefined).map(({ newId }) => newId);
    // What the two lives made is there once each, and whose phone number somebody there has already is refused, not overwritten.
    expect(after.map(({ id }) => id).sort()).toEqual([...before.map(({ id }) => id), ...made].sort());
    expect(new Set(report.lines.filter(({ kind, newId }) => kind === "Customer" && newId === undefined).map(({ outcome: what, code }) => `${what} ${code}`))).toEqual(new Set(["refused refused:phone"]));
    expect(ordersOf(after)).toBeGreaterThan(ordersOf(before));
  }, 120_000);
});

/** Old ids to new ones, of the newest report. */
async function wholeOf({ ports }: PlanWorld): Promise<ReadonlyMap<string, string | undefined>> {
  const [done] = await ports.restorePlans.list(SHOP, { states: ["done"] });
  const report = await wholeReport(ports, { shop: SHOP, actor: ANA, format: "json", planId: done!.planId });
  if (report.kind !== "report") throw new Error(report.kind);
  return new Map(report.lines.map(({ id, newId }) => [id, newId]));
}

describe("what it may write there", () => {
  it("is granted and given back in that shop, as far as the plans of shops that may take it", async () => {
    await grant(SCOPES);
    expect(await rightsForOthers(world.ports, OTHER)).toBeNull();
    await invite();
    expect((await receiversFor(world.ports, SHOP))[0]!.writes).toEqual([]);
    const planId = await approved({ scope: "records", ids: [person] });
    const needed = (await world.ports.restorePlans.get(SHOP, planId))!.totals!.rights!;
    expect(needed).toContain("write_customers");
    expect(await rightsForOthers(world.ports, OTHER)).toEqual({ missing: needed, spare: [] });
    expect(await showPlan(world.ports, { shop: SHOP, actor: ANA, planId, page: 0, conflicts: false })).toMatchObject({ rights: { missing: needed, here: false } });
    expect(await startApply(world.ports, { shop: SHOP, actor: ANA, planId, keys: await keysFor(world, planId, "restore.apply") })).toEqual({ kind: "failed", code: "restore.rights_missing" });
    expect(await noteGrantedForOthers(world.ports, { shop: OTHER, actor: OLA, rights: needed })).toEqual({ kind: "failed", code: "restore.rights_missing" });
    await grant([...SCOPES, ...needed, "write_products"]);
    expect(await noteGrantedForOthers(world.ports, { shop: OTHER, actor: OLA, rights: [...needed, "write_products"] })).toEqual({ kind: "changed", rights: needed });
    // A plan ahead keeps them; neither side gives them back under its hands.
    expect(await giveBackForOthers(world.ports, { shop: OTHER, actor: OLA })).toEqual({ kind: "changed", rights: [] });
    expect(await apply(planId)).toMatchObject({ kind: "applied", counts: { refused: 0 } });
    expect(await rightsForOthers(world.ports, OTHER)).toEqual({ missing: [], spare: needed });
    const gone = await giveBackForOthers(world.ports, { shop: OTHER, actor: OLA });
    expect(gone.kind === "changed" ? [...gone.rights].sort() : gone).toEqual(needed);
    expect(b.grantedScopes()).toContain("write_products");
    expect(await ledgerOf(OTHER, /^scopes\./)).toMatchObject([
      { actor: "staff:9", action: "scopes.granted", subject: { shop: OTHER, plan: planId, scopes: needed.join(" ") } },
      { actor: "staff:9", action: "scopes.revoked", subject: { shop: OTHER, plan: planId } },
    ]);
  }, 120_000);
});
