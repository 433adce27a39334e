/** What may be taken away about drills: the report as JSON and as a table, and the signed records; of one's own shop only. */
import { expect, test } from "@jest/globals";
import type { LoaderFunctionArgs } from "@remix-run/node";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import { loader as report } from "#app/routes/app.drills.report.ts";
import { loader as records } from "#app/routes/app.drills.$id_.records.ts";
import { requestDrill, runDrill } from "#app/workflows/index.ts";
import { fakeRehearsal } from "#tests/support/fakes-source.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped } from "../workflows/support/linked-shop.ts";

test("the report and a drill's envelopes are handed out to the shop they are about", async () => {
  const shop = await linkedShop();
  const { process } = shop;
  await snapshot(shop);
  process.startShop = () => Promise.resolve(fakeRehearsal());
  const asked = await requestDrill(process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: await unwrapped(shop) });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  await runDrill(process, { runId: asked.run.id });
  const as = (who: string, path: string, params = {}) =>
    ({ request: new Request(`https://app.example.org${path}`), params, context: { app: { log: createLog({ level: "info", destination: { write: () => undefined } }), ports: process, shopify: { authenticate: () => Promise.resolve({ shop: who, staff: { id: "1" }, redirect: () => new Response() }) } } as unknown as HoldfastApp } }) as unknown as LoaderFunctionArgs;
  const text = async (answer: Promise<unknown>): Promise<string> => ((await ((await answer) as Response).json()) as { text: string }).text;

  expect(JSON.parse(await text(report(as(SHOP, "/app/drills/report?format=json"))))).toMatchObject({ ok: true, figures: { held: 1, passed: 1 } });
  const table = await text(report(as(SHOP, "/app/drills/report?format=csv&from=2020-01-01")));
  expect(table.split("\n")[0]).toMatch(/^at,what,result,code,lanes,/);
  expect(table).toContain(",drill,passed,drill.passed,full:passed,");
  expect(JSON.parse(await text(report(as(SHOP, "/app/drills/report"))))).toMatchObject({ ok: true, held: 1 });

  const id = asked.run.id;
  const [envelope] = (await text(records(as(SHOP, `/app/drills/${id}/records`, { id })))).trim().split("\n");
  expect(JSON.parse(envelope!)).toMatchObject({ payloadType: "application/vnd.in-toto+json", signatures: [{ sig: expect.any(String) as unknown }] });
  const refused = [() => records(as("other.myshopify.com", "/x", { id })), () => records(as(SHOP, "/x", { id: "no-such" })), () => records(as(SHOP, "/x", { id: "../vault" })), () => report(as("other.myshopify.com", "/app/drills/report"))];
  for (const answer of refused) await expect(answer()).rejects.toMatchObject({ status: 404 });
  await expect(report(as(SHOP, "/app/drills/report?from=yesterday"))).rejects.toMatchObject({ status: 422 });
  expect(process.leftovers()).toEqual([]);
});
