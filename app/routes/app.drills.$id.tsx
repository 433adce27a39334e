/** /app/drills/:id: did it work, how fast, and what differed? The id is the drill's, or its run's while there is no result. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import type { DrillModel, ProblemModel } from "#app/ui/models.ts";
import { useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { useSnapshotActions } from "#app/ui/parts/use-snapshot-actions.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { drillPage, drillPageOfRun } from "#app/ui/present/rows.ts";
import { presentGoals } from "#app/ui/present/overview.ts";
import { DrillScreen } from "#app/ui/screens/drill.tsx";
import { whyNotDrill } from "#app/workflows/drill/access.ts";
import { certifyDrill } from "#app/workflows/drill/certify-drill.ts";
import { opensSnapshot } from "#app/workflows/drill/proofs.ts";
import { VERDICTS } from "#app/workflows/ports/drills.ts";
import { PROPOSED } from "#app/workflows/overview/judge.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Drill" }];

const params = z.object({ id: z.string().min(1).max(100) });

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { id } }): Promise<DrillModel> => {
  const { catalog, runs, clock } = app.ports;
  const run = await runs.get(id);
  const own = run?.shop === shop && run.kind === "drill" ? run : null;
  const drill = await catalog.drill(shop, own?.result ?? id);
  const mayNot = drill ? await whyNotDrill(app.ports, "drill.certify", { shop, actor, ranBy: drill.requestedBy }) : null;
  if (drill) return { ...(mayNot === null ? {} : { mayNotCertify: mayNot }), ...drillPage(drill, clock.now(), presentGoals(PROPOSED), !opensSnapshot(drill.lanes) ? null : (await catalog.snapshot(shop, drill.snapshotId))?.takenAt ?? null) };
  if (own) return drillPageOfRun(own, clock.now(), presentGoals(PROPOSED));
  throw new RequestError("request.not_found", "no such drill");
});

const body = z.object({ verdict: z.enum(VERDICTS), remarks: z.string().max(4000), correctiveAction: z.string().max(4000) });

export const action = shopAction({ params, body }, async ({ app, shop, actor, params: { id }, body: asked }) => {
  const run = await app.ports.runs.get(id);
  const certified = await certifyDrill(app.ports, { shop, actor, drillId: run?.shop === shop ? (run.result ?? id) : id, ...asked });
  if (certified.kind === "not-found") throw new RequestError("request.not_found", "no such drill");
  return { kind: certified.kind, ...("code" in certified ? { code: certified.code } : {}) };
});

export default function Drill() {
  const model = useLoaderData<typeof loader>() as DrillModel;
  const fetcher = useFetcher<typeof action>();
  const problem = problemOf(fetcher.data);
  const [lost, setLost] = useState<ProblemModel | null>(null);
  const fetchRecords = async (): Promise<void> => {
    const text = await fetchText(`/app/drills/${model.id}/records`);
    setLost(text === null ? { code: "vault.missing_object" } : null);
    if (text !== null) download(`drill-${model.id}.dsse.jsonl`, text, "application/jsonl");
  };
  useToastOn(fetcher.state === "idle" && fetcher.data?.ok === true && problem === null ? "signed" : "", "Signed");
  const run = useProgress(model.run);
  useToastOn(model.state === "passed" ? "passed" : "", "Drill passed");
  const { onCancel } = useSnapshotActions();
  return <DrillScreen model={{ ...model, run }} onCancel={onCancel} onDownload={() => void fetchRecords()} certifying={fetcher.state !== "idle"} certifyProblem={problem ?? lost} onCertify={(verdict, remarks, correctiveAction) => fetcher.submit({ verdict, remarks, correctiveAction }, { method: "post", encType: "application/json" })} />;
}
