/** /app/runs: what is the app doing, and how did it go? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useRevalidator, useSearchParams } from "@remix-run/react";
import { useEffect } from "react";
import { z } from "zod";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { RunsModel } from "#app/ui/models.ts";
import { useSnapshotActions } from "#app/ui/parts/use-snapshot-actions.ts";
import { isUnderWay } from "#app/ui/present/run.ts";
import { runRow } from "#app/ui/present/runs.ts";
import { RunsScreen } from "#app/ui/screens/runs.tsx";
import { listRuns } from "#app/workflows/runs/list-runs.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Runs" }];

const search = z.object({ view: z.enum(["all", "under-way", "failed"]).catch("all"), run: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).nullable().catch(null) });
const EVERY_MS = 2_000;

export const loader = shopLoader({ search }, async ({ app, shop, search: { view, run: marked } }): Promise<RunsModel> => {
  const { runs, failed } = await listRuns(app.ports, { shop, marked });
  const shown = runs.filter(({ run }) => view === "all" || run.id === marked || (view === "failed" ? run.state === "failed" : isUnderWay(run)));
  return {
    now: app.ports.clock.now().toISOString(), view, failed, marked, problem: null,
    rows: shown.map(({ run, made }) => runRow(run, made)),
    underWay: runs.filter(({ run }) => isUnderWay(run)).length,
  };
});

export default function Runs() {
  const model = useLoaderData<typeof loader>() as RunsModel;
  const [current, setSearch] = useSearchParams();
  const { revalidate } = useRevalidator();
  const { onCancel, problem } = useSnapshotActions();
  const live = model.underWay > 0;
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") revalidate();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [live, revalidate]);
  return (
    <RunsScreen
      model={{ ...model, problem }}
      onCancel={onCancel}
      onView={(view) => {
        const next = new URLSearchParams(current);
        next.set("view", view);
        setSearch(next, { preventScrollReset: true });
      }}
    />
  );
}
