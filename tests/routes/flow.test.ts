/** Flow's own routes, and the page that shows what became of it: a shop sees and sends its own, and nothing of anybody else's. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { LoaderFunctionArgs } from "@remix-run/node";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import * as actions from "#app/routes/flow.actions.$handle.ts";
import * as page from "#app/routes/app.flow.tsx";
import * as lifecycle from "#app/routes/flow.lifecycle.ts";
import type { FlowModel } from "#app/ui/models.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { empty, SHOP, SNAPSHOT, told, type Told } from "../platform/flow/support.ts";

const database = useDatabase();
let one: Told;
let wakes = 0;
let lines: string[] = [];
beforeEach(async () => {
  await empty(database().pool);
  one = told(database().pool);
  [wakes, lines] = [0, []];
});

function args(request: Request, o: { shop?: string; params?: Record<string, string> } = {}): LoaderFunctionArgs {
  const app = {
    log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }),
    shopify: { authenticate: () => Promise.resolve({ shop: o.shop ?? SHOP, staff: { id: "42" }, redirect: () => new Response() }) },
    ports: one.process,
    flow: { ...one.ports, wake: () => wakes++, inbox: { action: (_request: Request, handle: string) => Promise.resolve(new Response(handle, { status: 202 })), lifecycle: () => Promise.resolve(new Response(null, { status: 200 })) } },
  } as unknown as HoldfastApp;
  return { request, params: o.params ?? {}, context: { app } } as unknown as LoaderFunctionArgs;
}
const post = (body: Record<string, string>): Request => new Request("https://app.example.org/app/flow", { method: "POST", body: new URLSearchParams(body) });
const get = (): Request => new Request("https://app.example.org/app/flow");

test("a step goes to the inbox with its handle; a GET is no step and shows no trace of our code", async () => {
  const response = await actions.action(args(post({}), { params: { handle: "take-snapshot" } }));
  expect([response.status, await response.text(), (await lifecycle.action(args(post({})))).status]).toEqual([202, "take-snapshot", 200]);
  for (const route of [actions, lifecycle]) expect([route.loader().status, route.loader().headers.get("allow")]).toEqual([405, "POST"]);
});

describe("the page", () => {
  const failed = async (): Promise<string> => {
    one.flow.next.push({ kind: "failed", code: "flow.refused", retry: "never" });
    await one.events.emit({ shop: SHOP, event: "snapshot.completed", subject: "run-1", facts: SNAPSHOT });
    await one.round();
    return (await one.ports.deliveries.list(SHOP))[0]?.id ?? "";
  };
  const model = async (shop = SHOP): Promise<FlowModel> => (await (await page.loader(args(get(), { shop }))).json()) as FlowModel;

  test("shows what failed first, and what each trigger and action is", async () => {
    const id = await failed();
    const shown = await model();
    expect(shown).toMatchObject({ failed: 1, waiting: 0, flowUrl: "https://admin.shopify.com/store/maple-synthetic/apps/flow", deliveries: [{ id, name: "Snapshot completed", state: "failed", code: "flow.refused", page: "/app/snapshots/0123456789abcdef" }] });
    expect([shown.triggers.length, shown.actions.length]).toEqual([6, 4]);
    expect(await model("other-synthetic.myshopify.com")).toMatchObject({ failed: 0, deliveries: [], steps: [] });
  });

  test("sends again what is this shop's and failed, and nothing else", async () => {
    const id = await failed();
    const again = async (shop: string): Promise<unknown> => (await page.action(args(post({ again: id }), { shop }))).json();
    expect([await again("other-synthetic.myshopify.com"), wakes]).toEqual([{ ok: true, data: { kind: "nothing-to-send" } }, 0]);
    expect([await again(SHOP), wakes]).toEqual([{ ok: true, data: { kind: "again" } }, 1]);
    expect(await again(SHOP)).toEqual({ ok: true, data: { kind: "nothing-to-send" } });
    await one.round();
    expect((await model()).deliveries).toMatchObject([{ id, state: "sent" }]);
  });

  test("takes no id that is none", async () => {
    const response = await page.action(args(post({ again: "a'; DROP" })));
    expect([response.status, await response.json()]).toMatchObject([422, { ok: false }]);
  });
});
