/** /app/drills: does it work, how fast, how do we know? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { DrillsModel } from "#app/ui/models.ts";
import { useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { drillFigures, drillRows } from "#app/ui/present/rows.ts";
import { underWay } from "#app/ui/present/run.ts";
import { presentGoals } from "#app/ui/present/overview.ts";
import { DrillsScreen } from "#app/ui/screens/drills.tsx";
import { PROPOSED } from "#app/workflows/overview/judge.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Drills" }];

/** Four years of weekly drills. */
const MOST = 200;

export const loader = shopLoader(async ({ app, shop }): Promise<DrillsModel> => {
  const { catalog, runs, clock } = app.ports;
  const [drills, drillRuns, { total }] = await Promise.all([catalog.drills(shop, { limit: MOST }), runs.list(shop, { kind: "drill", limit: 20 }), catalog.countSnapshots(shop)]);
  const now = clock.now();
  return { now: now.toISOString(), ready: total > 0, rows: drillRows(drills, drillRuns), ...drillFigures(drills), goals: presentGoals(PROPOSED), run: underWay(drillRuns, now) };
});

export default function Drills() {
  const model = useLoaderData<typeof loader>() as DrillsModel;
  const run = useProgress(model.run);
  useToastOn(model.passed, "Drill passed");
  return <DrillsScreen model={{ ...model, run }} />;
}
