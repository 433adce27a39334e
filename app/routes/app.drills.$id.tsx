/** /app/drills/:id: did it work, how fast, and what differed? The id is the drill's, or its run's while there is no result. */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { DrillModel } from "#app/ui/models.ts";
import { useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { useSnapshotActions } from "#app/ui/parts/use-snapshot-actions.ts";
import { drillPage, drillPageOfRun } from "#app/ui/present/rows.ts";
import { presentGoals } from "#app/ui/present/overview.ts";
import { DrillScreen } from "#app/ui/screens/drill.tsx";
import { PROPOSED } from "#app/workflows/overview/judge.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Drill" }];

const params = z.object({ id: z.string().min(1).max(100) });

export const loader = shopLoader({ params }, async ({ app, shop, params: { id } }): Promise<DrillModel> => {
  const { catalog, runs, clock } = app.ports;
  const run = await runs.get(id);
  const own = run?.shop === shop && run.kind === "drill" ? run : null;
  const drill = await catalog.drill(shop, own?.result ?? id);
  if (drill) return drillPage(drill, clock.now(), presentGoals(PROPOSED), (await catalog.snapshot(shop, drill.snapshotId))?.takenAt ?? null);
  if (own) return drillPageOfRun(own, clock.now(), presentGoals(PROPOSED));
  throw new RequestError("request.not_found", "no such drill");
});

export default function Drill() {
  const model = useLoaderData<typeof loader>() as DrillModel;
  const run = useProgress(model.run);
  useToastOn(model.state === "passed" ? "passed" : "", "Drill passed");
  const { onCancel } = useSnapshotActions();
  return <DrillScreen model={{ ...model, run }} onCancel={onCancel} />;
}
