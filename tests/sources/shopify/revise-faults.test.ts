/**
 * Every request of a restore into a living shop, and everything that can happen to it: it never leaves, it is throttled, it fails before or after it was carried out, its answer is lost, it hangs, its answer is cut short; and a
 * process that dies before or after it, whose successor has nothing but the log. Whatever happens, the shop is as it was and holds nothing twice.
 */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { MemoryRestoreLog } from "#tests/support/fakes-revision.ts";
import { changesBetween, differencesOf, holding, reviseTo, type Held } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

const KINDS = ["Customer", "Order", "Metaobject", "Company", "Segment", "GiftCard"];
const catalogue = CATALOGUE.filter(({ kind }) => KINDS.includes(kind) || kind === "MetaobjectDefinition");

type Happening = "before" | "500" | "500 after" | "throttled" | "lost" | "hang" | "short" | "dies before" | "dies after";

const sandboxes = new Sandboxes();
let shop: SandboxShop;
let then: Held;
/** Which record stands for which by now: each round creates some of them anew. */
const ids = new Map<string, string>();
let round = 0;
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 14, orders: 6, metaobjects: 4, seed: "revise-faults" });
  then = await holding(shop, catalogue);
}, 60_000);
afterAll(() => sandboxes.close());

async function admin(query: string, variables: object): Promise<void> {
  const answer = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": shop.accessToken }, body: JSON.stringify({ query, variables }) });
  const body = (await answer.json()) as { errors?: unknown; data: Record<string, { userErrors: unknown[] }> };
  if (body.errors !== undefined || Object.values(body.data).some(({ userErrors }) => userErrors.length > 0)) throw new Error(JSON.stringify(body));
}

const now = (id: string): string => ids.get(id) ?? id;

/** The same damage each round: what can be set, what has to be created, what does more when it is done twice. */
async function ruin(): Promise<void> {
  await shop.corrupt({ seed: `faults-${round++}`, metafields: 0.4, deleteCustomers: 3 });
  const rich = [...then.values()].find((family) => family.some(({ kind }) => kind === "StoreCreditAccount"))!;
  const home = [...then.values()].find((family) => family[0]!.kind === "Customer" && family !== rich && family.some(({ kind }) => kind === "MailingAddress"))!;
  await admin("mutation A($id: ID!, $creditInput: StoreCreditAccountCreditInput!) { storeCreditAccountCredit(id: $id, creditInput: $creditInput) { userErrors { message } } }", { id: now(rich[0]!.id), creditInput: { creditAmount: { amount: "7.50", currencyCode: "USD" } } }).catch(() => undefined);
  const current = (await holding(shop, catalogue)).get(now(home[0]!.id));
  const address = current?.find(({ kind }) => kind === "MailingAddress");
  if (address !== undefined) await admin("mutation B($c: ID!, $a: ID!) { customerAddressDelete(customerId: $c, addressId: $a) { userErrors { message } } }", { c: now(home[0]!.id), a: address.id });
  const order = [...then.values()].find(([root]) => root!.kind === "Order")!;
  await admin("mutation C($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }", { input: { id: now(order[0]!.id), note: `SYNTHETIC ruined ${round}` } });
}

const THROTTLED = { cost: { requestedQueryCost: 10, actualQueryCost: null, throttleStatus: { maximumAvailable: 1_000, currentlyAvailable: 1_000, restoreRate: 1_000 } } };
/** Uploads of files and reading of results are no requests of the API. */
const isGraphql = (init?: RequestInit): boolean => typeof init?.body === "string" && init.body.startsWith('{"query"');

interface Round {
  readonly requests: number;
  readonly lives: number;
}

async function put(o: { readonly at: number; readonly happens: Happening | null; readonly bulkFrom: number }): Promise<Round> {
  await ruin();
  const changes = changesBetween(then, await holding(shop, catalogue), ids);
  const log = new MemoryRestoreLog(`faults_${round}`);
  let requests = 0;
  let lives = 0;
  for (;;) {
    lives++;
    const dead = new AbortController();
    const network: typeof fetch = async (input, init) => {
      const hit = ++requests === o.at;
      if (!hit || o.happens === null) {
        dead.signal.throwIfAborted();
        return fetch(input, init);
      }
      if (o.happens === "500") return new Response("", { status: 500 });
      if (o.happens === "throttled") return isGraphql(init) ? Response.json({ errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: THROTTLED }) : new Response("", { status: 503 });
      if (o.happens === "before") throw new TypeError("fetch failed");
      if (o.happens === "dies before") {
        dead.abort(new Error("power cut"));
        dead.signal.throwIfAborted();
      }
      const answer = await fetch(input, init);
      if (o.happens === "dies after") dead.abort(new Error("power cut"));
      dead.signal.throwIfAborted();
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (o.happens === "500 after") return new Response("", { status: 500 });
      if (o.happens === "lost") throw new TypeError("terminated");
      if (o.happens === "hang") {
        return new Promise((_, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal!.reason as Error));
        });
      }
      const half = bytes.subarray(0, Math.floor(bytes.length / 2));
      return new Response(half, { status: answer.status, headers: { "content-type": answer.headers.get("content-type") ?? "" } });
    };
    try {
      const outcome = await reviseTo(shop, changes, { log, extras: "remove", signal: dead.signal, ids: { known: new Map(ids), same: true }, options: { fetch: network, answerMs: 1_500, bulkFrom: o.bulkFrom } });
      for (const [old, id] of outcome.ids) ids.set(old, id);
      // What was created anew in an earlier round has lost its account for good, and nothing else.
      expect(outcome.results.filter((one) => one.outcome === "refused" && one.code !== "platform.history")).toEqual([]);
      // Each change is told of once, however many lives it took.
      expect(new Set(outcome.results.map(({ id }) => id)).size).toBe(changes.length);
      return { requests, lives };
    } catch (error) {
      if (!dead.signal.aborted) throw error;
      for (const step of log.steps) if (step.step === "created") ids.set(step.id, step.newId);
    }
  }
}

async function whole(): Promise<void> {
  const after = await holding(shop, catalogue);
  expect(differencesOf(then, after, ids)).toEqual([]);
  const count = (held: Held, kind: string): number => [...held.values()].filter(([root]) => root!.kind === kind).length;
  for (const kind of KINDS) expect([kind, count(after, kind)]).toEqual([kind, count(then, kind)]);
}

describe.each([
  ["one by one", 1_000],
  ["in bulk", 1],
])("a restore %s", (_, bulkFrom) => {
  const every = process.env["SLOW"] === "1" ? 1 : 4;

  it.each<Happening>(["before", "500", "500 after", "throttled", "lost", "hang", "short", "dies before", "dies after"])("puts the shop back without doing anything twice when a request meets this: %s", async (happens) => {
    const { requests } = await put({ at: 0, happens: null, bulkFrom });
    await whole();
    expect(requests).toBeGreaterThan(6);
    const offset = round % every;
    for (let at = 1 + offset; at <= requests; at += every) {
      const { lives } = await put({ at, happens, bulkFrom });
      await whole();
      if (happens.startsWith("dies")) expect([at, lives]).toEqual([at, lives > 1 ? 2 : 1]);
    }
  }, 600_000);
});
