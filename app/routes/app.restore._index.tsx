/** /app/restore: what is being restored, what waits for whom. */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { holdToRefusal, shopLoader } from "#app/platform/routes.server.ts";
import type { RestoresModel } from "#app/ui/models/restore.ts";
import { presentRestoreRow } from "#app/ui/present/restore.ts";
import { RestoresScreen } from "#app/ui/screens/restores.tsx";
import { mightRestore } from "#app/workflows/restore/access.ts";
import { handsOn } from "#app/workflows/restore/approve.ts";
import { listPlans } from "#app/workflows/restore/show.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Restore" }];

export const loader = shopLoader(async ({ app, shop, actor }): Promise<RestoresModel> => {
  const { links, responseTeam, clock } = app.ports;
  const { rows } = holdToRefusal(await listPlans(app.ports, { shop, actor }));
  const [link, team, mayPlan] = await Promise.all([links.get(shop), responseTeam?.list(shop) ?? [], mightRestore(app.ports, "restore.plan", { shop, actor })]);
  const waiting = await Promise.all(rows.filter(({ state }) => state === "awaiting-approval").map((row) => mightRestore(app.ports, "restore.approve", { shop, actor, others: handsOn(row) })));
  const labels = new Map(team.map((member) => [member.actor, member.label]));
  return { now: clock.now().toISOString(), ready: link !== null, rows: rows.map((row) => presentRestoreRow(row, labels)), forYou: waiting.filter(Boolean).length, mayPlan, teamNamed: team.some(({ roles }) => roles.length > 0) };
});

export default function Restores() {
  return <RestoresScreen model={useLoaderData<typeof loader>() as RestoresModel} />;
}
