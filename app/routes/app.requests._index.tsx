/** /app/requests: what do customers, through Shopify, ask of us, and by when? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { RequestsModel } from "#app/ui/models/privacy.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { requestRow } from "#app/ui/present/privacy.ts";
import { underWay } from "#app/ui/present/run.ts";
import { RequestsScreen } from "#app/ui/screens/requests.tsx";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Privacy" }];

export const loader = shopLoader(async ({ app, shop }): Promise<RequestsModel> => {
  const { compliance, links, runs, clock } = app.ports;
  const [requests, link, own] = await Promise.all([compliance.list(shop), links.get(shop), runs.list(shop, { kind: "custody", limit: 5 })]);
  const now = clock.now();
  return { now: now.toISOString(), ready: link !== null, rows: requests.map(requestRow), run: underWay(own, now) };
});

export default function Requests() {
  const model = useLoaderData<typeof loader>() as RequestsModel;
  const run = useProgress(model.run);
  return <RequestsScreen model={{ ...model, run }} />;
}
