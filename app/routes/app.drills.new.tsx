/** /app/drills/new: the browser opens the snapshot's keys with the person's identity and sends only those. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData, useRevalidator } from "@remix-run/react";
import { z } from "zod";
import { holdToRefusal, shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { DrillNewModel } from "#app/ui/models.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentDrillKeys } from "#app/ui/present/drill-keys.ts";
import { underWay } from "#app/ui/present/run.ts";
import { DrillNewScreen } from "#app/ui/screens/drill-new.tsx";
import { prepareDrill } from "#app/workflows/drill/prepare-drill.ts";
import { requestDrill } from "#app/workflows/drill/request-drill.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Run a drill" }];

const search = z.object({ snapshot: z.string().max(100).regex(/^[\w.~-]+$/).optional().catch(undefined) });
/** 32 bytes are 43 characters of base64url. */
const body = z.object({ snapshotId: z.string().min(1).max(100), keys: z.record(z.string().max(200), z.string().regex(/^[\w-]{43}$/)), lane: z.enum(["both", "full"]).default("both") });

export const loader = shopLoader({ search }, async ({ app, shop, staff, search: { snapshot } }): Promise<DrillNewModel> => {
  const { links, runs, clock } = app.ports;
  const now = clock.now();
  const [link, drillRuns] = await Promise.all([links.get(shop), runs.list(shop, { kind: "drill", limit: 5 })]);
  const prepared = link ? holdToRefusal(await prepareDrill(app.ports, { shop, actor: { kind: "staff", id: staff.id, shop }, ...(snapshot ? { snapshot } : {}) })) : null;
  return { now: now.toISOString(), ready: link !== null, run: underWay(drillRuns, now), ...presentDrillKeys(prepared) };
});

export const action = shopAction({ body }, async ({ app, shop, staff, body: { snapshotId, keys, lane }, redirect }) => {
  const bytes = new Map(Object.entries(keys).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, "base64url"))]));
  const asked = await requestDrill(app.ports, { shop, actor: { kind: "staff", id: staff.id, shop }, snapshotId, lane, keys: bytes });
  if (asked.kind === "requested" || asked.kind === "already-running") return redirect(`/app/drills/${asked.run.id}`);
  return asked;
});

export default function DrillNew() {
  const model = useLoaderData<typeof loader>() as DrillNewModel;
  const fetcher = useFetcher<typeof action>();
  const revalidator = useRevalidator();
  const run = useProgress(model.run);
  return (
    <DrillNewScreen
      model={{ ...model, run }}
      busy={fetcher.state !== "idle"}
      onRetry={() => revalidator.revalidate()}
      problem={problemOf(fetcher.data) ?? model.problem ?? null}
      onStart={(snapshotId, keys, lane) => fetcher.submit({ snapshotId, keys: { ...keys }, lane }, { method: "post", encType: "application/json" })}
    />
  );
}
