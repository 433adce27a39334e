/** /app: could we get our customers' data back right now? Its action takes and stops snapshots, whichever screen asks. */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { OverviewModel } from "#app/ui/models.ts";
import { useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { useSnapshotActions } from "#app/ui/parts/use-snapshot-actions.ts";
import { presentOverview } from "#app/ui/present/overview.ts";
import { OverviewScreen } from "#app/ui/screens/overview.tsx";
import { overview } from "#app/workflows/overview/overview.ts";
import { requestCancel, requestSnapshot } from "#app/workflows/snapshot/request-snapshot.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Overview" }];

const body = z.discriminatedUnion("intent", [z.object({ intent: z.literal("snapshot") }), z.object({ intent: z.literal("cancel"), run: z.string().min(1).max(100) })]);

export const loader = shopLoader(async ({ app, shop }): Promise<OverviewModel> => {
  const [found, next, link] = await Promise.all([overview(app.ports, { shop }), app.schedules.next(shop), app.ports.links.get(shop)]);
  return presentOverview(found, next, link?.recipients.map((r) => r.keyId) ?? []);
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  if (asked.intent === "cancel") return requestCancel(app.ports, { shop, actor, runId: asked.run });
  const { kind, ...rest } = await requestSnapshot(app.ports, { shop, actor });
  return { kind, ...("code" in rest ? { code: rest.code } : {}) };
});

export default function Overview() {
  const model = useLoaderData<typeof loader>() as OverviewModel;
  const run = useProgress(model.run);
  useToastOn(model.lastSnapshot?.id, "Snapshot taken");
  const actions = useSnapshotActions();
  return <OverviewScreen model={{ ...model, run, lastProblem: actions.problem ?? model.lastProblem }} {...actions} />;
}
