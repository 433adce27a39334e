/** What two shops' pages say of each other: the wizard of the one, and the settings of the other's team. */
import { beforeEach, expect, test } from "@jest/globals";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import { SourceError, type RestoreTarget } from "#app/sources/port.ts";
import { loader as wizard, action as ask } from "#app/routes/app.restore.new.tsx";
import { loader as team, action as say } from "#app/routes/app.settings_.team.tsx";
import type { RestoreNewModel, TeamModel } from "#app/ui/models/restore.ts";
import { linkStorage } from "#app/workflows/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { linkedShop, SHOP, snapshot, type LinkedShop } from "../workflows/support/linked-shop.ts";

const OTHER = "other-synthetic.myshopify.com";
let world: LinkedShop;
let granted: readonly string[];
let away = false;

beforeEach(async () => {
  world = await linkedShop();
  const { process, identity } = world;
  process.byUrl.set("memory://other", new MemoryStore());
  await linkStorage(process, { shop: OTHER, actor: { kind: "staff", id: "9", shop: OTHER }, storageUrl: "memory://other", recipient: identity.recipient });
  granted = ["read_customers"];
  away = false;
  const target = { rights: { granted: () => (away ? Promise.reject(new SourceError("source.unreachable", "away")) : Promise.resolve(granted)) } } as unknown as RestoreTarget;
  Object.assign(process, { restoreTargets: { open: () => Promise.resolve({ target, pointsPerSecond: 100 }) } });
  await snapshot(world);
});

const as = (shop: string, path: string, sent?: object): LoaderFunctionArgs & ActionFunctionArgs =>
  ({
    request: new Request(`https://app.example.org${path}`, sent === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) }),
    params: {},
    context: { app: { log: createLog({ level: "info", destination: { write: () => undefined } }), ports: world.process, viewer: { settings: undefined }, shopify: { authenticate: () => Promise.resolve({ shop, staff: { id: "1" }, redirect: (to: string) => new Response(null, { status: 302, headers: { location: to } }) }) } } as unknown as HoldfastApp },
  }) as unknown as LoaderFunctionArgs & ActionFunctionArgs;
const read = async <T>(answer: Promise<unknown>): Promise<T> => (await ((await answer) as Response).json()) as T;
const offered = async () => (await read<RestoreNewModel>(wizard(as(SHOP, "/app/restore/new")))).receivers;
const settings = async () => (await read<TeamModel>(team(as(OTHER, "/app/settings/team")))).receiving;

test("a store is offered once its team has allowed it, with what it lets the app write, and not after it was taken back", async () => {
  expect(await read<RestoreNewModel>(wizard(as(SHOP, "/app/restore/new")))).toMatchObject({ shop: SHOP, receivers: [] });
  expect(await settings()).toEqual({ shop: OTHER, ready: true, mayInvite: true, mayWithdraw: true, invitations: [], rights: null });
  await say(as(OTHER, "/app/settings/team", { intent: "invite", from: SHOP, days: 7 }));
  const until = new Date(world.process.clock.now().getTime() + 7 * 24 * 3_600_000).toISOString();
  expect(await offered()).toEqual([{ shop: OTHER, until, writes: [] }]);
  granted = ["read_customers", "write_orders", "write_customers"];
  expect(await offered()).toEqual([{ shop: OTHER, until, writes: ["write_customers", "write_orders"] }]);
  away = true;
  expect(await offered()).toEqual([{ shop: OTHER, until, writes: null }]);
  expect((await settings()).invitations).toEqual([{ from: SHOP, until, over: false, by: "Staff member 1", plans: 0 }]);
  await say(as(OTHER, "/app/settings/team", { intent: "withdraw", from: SHOP }));
  expect(await offered()).toEqual([]);
});

test("a plan for a store that has not allowed it is refused, whatever the page offered; one that has, is asked for", async () => {
  const wish = { at: world.process.clock.now().toISOString(), selection: { scope: "records", ids: ["gid://shopify/Customer/1001"] }, rule: "ask", extras: "keep", sandbox: false, shop: OTHER, export: null, from: null };
  expect(await read(ask(as(SHOP, "/app/restore/new", wish)))).toMatchObject({ data: { kind: "refused", code: "access.not_invited" } });
  expect([...world.process.restorePlans.rows]).toEqual([]);
  await say(as(OTHER, "/app/settings/team", { intent: "invite", from: SHOP, days: 1 }));
  const answer = await (ask(as(SHOP, "/app/restore/new", wish)) as Promise<Response>).catch((thrown: Response) => thrown);
  expect(answer.status).toBe(302);
  expect([...world.process.restorePlans.rows.values()]).toMatchObject([{ shop: SHOP, target: { kind: "shop", shop: OTHER } }]);
  expect((await settings()).invitations).toMatchObject([{ from: SHOP, plans: 1 }]);
});

test("what is no store's domain, or no number of days, comes no further than the page", async () => {
  for (const sent of [{ intent: "invite", from: "example.org", days: 7 }, { intent: "invite", from: SHOP, days: 31 }, { intent: "invite", from: SHOP, days: 0.5 }, { intent: "withdraw", from: "../x" }]) {
    const refused = (async () => say(as(OTHER, "/app/settings/team", sent)))();
    expect(await refused.then((answer) => (answer as unknown as Response).status, (thrown: { status?: number }) => thrown.status)).toBe(422);
  }
  expect(world.process.invitations.rows).toEqual([]);
});
