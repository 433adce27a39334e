/** /app/drills: does it work, how fast, how do we know? Week by week. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import type { DrillReportModel, DrillsModel, ProblemModel } from "#app/ui/models.ts";
import { toast, useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentWeeks } from "#app/ui/present/drills.ts";
import { drillFigures, drillRows } from "#app/ui/present/rows.ts";
import { underWay } from "#app/ui/present/run.ts";
import { presentGoals } from "#app/ui/present/overview.ts";
import { timezoneOr } from "#app/ui/present/schedule.ts";
import { DrillsScreen } from "#app/ui/screens/drills.tsx";
import { requestLaneDrill } from "#app/workflows/drill/request-lane-drill.ts";
import { scheduleDrills } from "#app/workflows/drill/schedule-drills.ts";
import { weeklyDrills } from "#app/workflows/drill/weekly.ts";
import { PROPOSED } from "#app/workflows/overview/judge.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Drills" }];

/** Four years of weekly drills. */
const MOST = 200;

const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("rehearse") }),
  z.object({ intent: z.literal("schedule"), weekday: z.coerce.number().int().min(0).max(6), hour: z.coerce.number().int().min(0).max(23), enabled: z.enum(["true", "false"]).transform((word) => word === "true"), timezone: z.string().max(100).optional().transform(timezoneOr) }),
]);

export const loader = shopLoader(async ({ app, shop }): Promise<DrillsModel> => {
  const { catalog, runs, clock } = app.ports;
  const [drills, drillRuns, { total }] = await Promise.all([catalog.drills(shop, { limit: MOST }), runs.list(shop, { kind: "drill", limit: 20 }), catalog.countSnapshots(shop)]);
  const now = clock.now();
  return { now: now.toISOString(), ready: total > 0, rows: drillRows(drills, drillRuns), ...drillFigures(drills), goals: presentGoals(PROPOSED), run: underWay(drillRuns, now), weekly: presentWeeks(await weeklyDrills(app.ports, { shop, drills })) };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked, redirect }) => {
  if (asked.intent === "rehearse") {
    const begun = await requestLaneDrill(app.ports, { shop, actor, lane: "synthetic" });
    if (begun.kind === "requested" || begun.kind === "already-running") return redirect(`/app/drills/${begun.run.id}`);
    return { kind: begun.kind, code: begun.code };
  }
  const before = await app.ports.drillSchedules?.get(shop);
  const minute = before ? Number(before.cron.split(" ")[0]) : 0;
  const saved = await scheduleDrills(app.ports, { shop, actor, time: { weekday: asked.weekday, hour: asked.hour, minute }, timezone: asked.timezone, enabled: asked.enabled });
  return { kind: saved.kind, ...("code" in saved ? { code: saved.code } : {}) };
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: string };
}

export default function Drills() {
  const model = useLoaderData<typeof loader>() as DrillsModel;
  const run = useProgress(model.run);
  useToastOn(model.passed, "Drill passed");
  const [starter, saver] = [useFetcher<Answer>(), useFetcher<Answer>()];
  const [report, setReport] = useState<DrillReportModel | null>(null);
  const [reading, setReading] = useState(false);
  const [reportProblem, setReportProblem] = useState<ProblemModel | null>(null);
  useEffect(() => {
    if (saver.state === "idle" && saver.data?.ok && problemOf(saver.data) === null) toast("Saved");
  }, [saver.state, saver.data]);
  const fetchReport = async (from: string, to: string, format: "shown" | "json" | "csv"): Promise<string | null> => {
    setReading(true);
    const text = await fetchText(`/app/drills/report?${new URLSearchParams({ from, to, format }).toString()}`);
    setReading(false);
    setReportProblem(text === null ? { code: "request.failed" } : null);
    return text;
  };
  return (
    <DrillsScreen
      model={{ ...model, run }}
      problem={problemOf(starter.data) ?? problemOf(saver.data)}
      rehearsing={starter.state !== "idle"}
      onRehearse={() => starter.submit({ intent: "rehearse" }, { method: "post" })}
      saving={saver.state !== "idle"}
      onSchedule={(weekday, hour, enabled) => saver.submit({ intent: "schedule", weekday: String(weekday), hour: String(hour), enabled: String(enabled), timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }, { method: "post" })}
      report={report}
      reportBusy={reading}
      reportProblem={reportProblem}
      onReport={(from, to) => void fetchReport(from, to, "shown").then((text) => { if (text !== null) setReport(JSON.parse(text) as DrillReportModel); })}
      onDownloadReport={(from, to, format) => void fetchReport(from, to, format).then((text) => { if (text !== null) download(`drills-${from || "all"}-${to || "now"}.${format}`, text, format === "json" ? "application/json" : "text/csv"); })}
    />
  );
}
