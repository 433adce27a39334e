/** Recovery points. Its question: how much would we lose, and is that less than we allow? */
import { BlockStack, Button, Card, FormLayout, Page, Select, SkeletonBodyText, Text, TextField } from "@shopify/polaris";
import { lazy, Suspense, useEffect, useId, useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { RecoveryPointsModel } from "../models/recovery.ts";
import { EmergencyCard, type AskedEmergency } from "../parts/emergency-card.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { RecoveryAges } from "../parts/recovery-ages.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { kindTitle } from "../wording/kinds.ts";
import { ageWords, breaks, isBreached, recoveryAnswer } from "../wording/recovery.ts";
import { duration, goal } from "../wording/time.ts";

const RecoveryTrend = lazy(() => import("../parts/recovery-trend.tsx"));

export interface RecoveryActions {
  readonly onEmergency: (asked: AskedEmergency) => void;
  readonly onCloseIncident: (incident: string) => void;
  readonly onObjective: (stream: string, minutes: number) => void;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
}

export function RecoveryPointsScreen(props: { model: RecoveryPointsModel } & RecoveryActions) {
  return <ClockProvider now={props.model.now}><RecoveryPoints {...props} /></ClockProvider>;
}

function RecoveryPoints({ model, problem, ...actions }: { model: RecoveryPointsModel } & RecoveryActions) {
  // Where nothing was ever copied there is nothing to judge.
  const observed = model.linked && model.rows.some(({ ageMs }) => ageMs !== null);
  const state = !observed ? "not-observed" : model.rows.some(isBreached) ? "at-risk" : "safe";
  return (
    <Page title="Recovery points" backAction={{ content: "Overview", url: "/app" }}>
      <BlockStack gap="400">
        <FirstLine badge={<StateBadge state={state} />} {...(model.linked ? {} : { below: <Button url="/app/setup" variant="primary">Finish set-up</Button> })}>{recoveryAnswer(model)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} /> : null}
        {model.rows.length > 0 ? <RecoveryAges rows={model.rows} /> : null}
        {model.linked ? <EmergencyCard rows={model.emergencies} openRuns={model.openRuns} onEmergency={actions.onEmergency} onCloseIncident={actions.onCloseIncident} busy={actions.busy} /> : null}
        {model.rows.length > 0 ? <Trend model={model} onObjective={actions.onObjective} busy={actions.busy} /> : null}
      </BlockStack>
    </Page>
  );
}

function Trend({ model, onObjective, busy }: { model: RecoveryPointsModel } & Pick<RecoveryActions, "onObjective" | "busy">) {
  const heading = useId();
  const [stream, setStream] = useState(model.rows[0]?.stream ?? "");
  const row = model.rows.find((one) => one.stream === stream) ?? model.rows[0];
  const [minutes, setMinutes] = useState("");
  // The chart is fetched and drawn in the browser only, when the page is there: numbers first.
  const [inBrowser, setInBrowser] = useState(false);
  useEffect(() => setInBrowser(true), []);
  if (row === undefined) return null;
  const series = model.series.find((one) => one.stream === row.stream) ?? { stream: row.stream, points: [] };
  const ages = series.points.flatMap(({ ageMs }) => (ageMs === null ? [] : [ageMs]));
  const wanted = Number(minutes);
  const valid = Number.isInteger(wanted) && wanted >= 1 && wanted <= 44_640;
  return (
    <Card>
      <BlockStack gap="300">
        <h2 id={heading} className="Polaris-Text--root Polaris-Text--headingMd">{`Over the last ${model.hours} hours`}</h2>
        <FormLayout>
          <FormLayout.Group>
            <Select label="Kind of data" options={model.rows.map((one) => ({ value: one.stream, label: kindTitle(one.stream) }))} value={row.stream} onChange={(next) => { setStream(next); setMinutes(""); }} />
            <TextField label="Allowed age, minutes" type="number" min={1} max={44_640} autoComplete="off" value={minutes} placeholder={String(Math.round(row.objectiveMs / 60_000))} onChange={setMinutes} helpText={`${goal(row.objectiveMs)} at present, for ${kindTitle(row.stream).toLowerCase()}.`} connectedRight={<Button disabled={!valid} loading={busy} onClick={() => onObjective(row.stream, wanted)}>Save</Button>} />
          </FormLayout.Group>
        </FormLayout>
        {ages.length > 1 ? (
          <div className="hf-chart" role="img" aria-label={`Age of the recovery point of ${kindTitle(row.stream)}: from ${duration(Math.min(...ages))} to ${duration(Math.max(...ages))}. The table below has every figure.`}>
            {inBrowser ? <Suspense fallback={<SkeletonBodyText lines={6} />}><RecoveryTrend series={series} objectiveMs={row.objectiveMs} /></Suspense> : <SkeletonBodyText lines={6} />}
          </div>
        ) : <Text as="p" tone="subdued">Measured every minute; the chart begins with the second figure.</Text>}
        {breaks(series.points) > 0 ? <Text as="p" tone="subdued">Where the line is broken, nothing was measured.</Text> : null}
        {series.points.length > 0 ? (
          <details>
            <summary>All figures</summary>
            <Scroll label={`Recovery points of ${kindTitle(row.stream)}`}>
              <table className="hf-table">
                <caption className="hf-unseen">{`Recovery points of ${kindTitle(row.stream)}, newest first`}</caption>
                <thead><tr><th scope="col">Measured</th><th scope="col">Age</th></tr></thead>
                <tbody>{[...series.points].reverse().map(({ at, ageMs }) => <tr key={at}><th scope="row"><Time at={at} form="day" begins /></th><td>{ageWords(ageMs)}</td></tr>)}</tbody>
              </table>
            </Scroll>
          </details>
        ) : null}
      </BlockStack>
    </Card>
  );
}
