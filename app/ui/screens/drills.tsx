/** Drills. Its question: does it work, how fast, how do we know? */
import { BlockStack, Card, EmptyState, Page, SkeletonBodyText, Text } from "@shopify/polaris";
import { lazy, Suspense, useEffect, useId, useState } from "react";
import type { DrillsModel, ProblemModel } from "../models.ts";
import { DrillReport, type DrillReportActions } from "../parts/drill-report.tsx";
import { DrillSchedule, type DrillScheduleActions } from "../parts/drill-schedule.tsx";
import { DrillTable } from "../parts/drill-table.tsx";
import { DrillWeeks } from "../parts/drill-weeks.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider } from "../parts/time.tsx";
import { drillsAnswer } from "../wording/drills.ts";
import { duration, goal } from "../wording/time.ts";

const DrillTrend = lazy(() => import("../parts/drill-trend.tsx"));

export interface DrillsActions extends DrillScheduleActions, DrillReportActions {
  /** Starts the part that needs no key. */
  readonly onRehearse: () => void;
  readonly rehearsing: boolean;
  readonly problem: ProblemModel | null;
}

export function DrillsScreen(props: { model: DrillsModel } & DrillsActions) {
  return <ClockProvider now={props.model.now}><Drills {...props} /></ClockProvider>;
}

function Drills({ model, ...actions }: { model: DrillsModel } & DrillsActions) {
  const schedule = model.weekly?.schedule ? <DrillSchedule schedule={model.weekly.schedule} unattended={model.weekly.unattended} onSchedule={actions.onSchedule} saving={actions.saving} /> : null;
  const problem = actions.problem ? <ProblemBanner problem={actions.problem} what="Not done" /> : null;
  const primary = model.ready ? { content: "Run a drill", url: "/app/drills/new" } : { content: "Finish set-up", url: "/app/setup" };
  const progress = model.run ? <ProgressCard run={model.run} more={`/app/drills/${model.run.id}`} /> : null;
  if (model.total === 0) {
    return (
      <Page title="Drills">
        <BlockStack gap="400">
          <FirstLine badge={<StateBadge state="not-observed" />}>Not proven yet: no drill has been run.</FirstLine>
          {problem}
          {progress}
          {model.run ? null : (
            <Card>
              <EmptyState heading={model.ready ? "Prove that the copies restore" : "First a snapshot"} image="" action={model.ready ? { content: "Run a drill", url: "/app/drills/new" } : { content: "Go to the overview", url: "/app" }}>
                <p>A drill opens a snapshot with your key, checks every record, restores it into a fresh sandbox shop, compares, and takes the time. Your store is not touched.</p>
              </EmptyState>
            </Card>
          )}
          {model.weekly ? <DrillWeeks model={model.weekly} /> : null}
          {schedule}
        </BlockStack>
      </Page>
    );
  }
  const last = model.rows.find((row) => row.state !== "running" && row.state !== "stopped");
  const lastWeek = model.weekly?.weeks.findLast((week) => week.state !== "due" && week.state !== "waiting");
  const real = model.rows.some((row) => row.state === "passed" && row.snapshotId !== undefined);
  // Made-up data alone proves nothing of the copies: never green by that.
  const state = !last ? "not-observed" : last.state !== "passed" ? "not-safe" : lastWeek?.state === "missed" || !real ? "at-risk" : "safe";
  return (
    <Page title="Drills" {...(model.run ? {} : { primaryAction: primary, secondaryActions: [{ content: "Rehearse made-up data now", onAction: actions.onRehearse, loading: actions.rehearsing }] })}>
      <BlockStack gap="400">
        <FirstLine badge={<StateBadge state={state} />}>{drillsAnswer(model)}</FirstLine>
        {problem}
        {progress}
        {model.weekly ? <DrillWeeks model={model.weekly} /> : null}
        <Trend model={model} />
        <DrillReport report={actions.report} reportBusy={actions.reportBusy} reportProblem={actions.reportProblem} onReport={actions.onReport} onDownloadReport={actions.onDownloadReport} />
        {schedule}
      </BlockStack>
    </Page>
  );
}

function Trend({ model }: { model: DrillsModel }) {
  const timed = model.rows.filter((row) => row.rtoMs !== undefined && row.snapshotId !== undefined);
  const heading = useId();
  // The chart is fetched and drawn in the browser only, when the page is there: numbers first.
  const [inBrowser, setInBrowser] = useState(false);
  useEffect(() => setInBrowser(true), []);
  return (
    <Card>
      <BlockStack gap="300">
        <h2 id={heading} className="Polaris-Text--root Polaris-Text--headingMd">Time to restore, drill by drill</h2>
        <Text as="p" tone="subdued">{`${model.goals.proposed ? "Proposed goal" : "Goal"}: at most ${goal(model.goals.recoveryTimeMs)}.`}</Text>
        {timed.length > 1 ? (
          <div className="hf-chart" role="img" aria-label={`Time to restore over the last ${timed.length} drills: ${spread(timed.map((r) => r.rtoMs ?? 0))}. The table below has every figure.`}>
            {inBrowser ? <Suspense fallback={<SkeletonBodyText lines={6} />}><DrillTrend rows={timed} goalMs={model.goals.recoveryTimeMs} /></Suspense> : <SkeletonBodyText lines={6} />}
          </div>
        ) : null}
        <DrillTable rows={model.rows} />
      </BlockStack>
    </Card>
  );
}

function spread(ms: readonly number[]): string {
  return `from ${duration(Math.min(...ms))} to ${duration(Math.max(...ms))}, last ${duration(ms[0] ?? 0)}`;
}
