/** Recovery points. Its question: how much would we lose, and is that less than we allow? */
import { Badge, BlockStack, Button, Card, DataTable, FormLayout, InlineStack, Page, Select, SkeletonBodyText, Text, TextField } from "@shopify/polaris";
import { lazy, Suspense, useEffect, useId, useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { RecoveryPointsModel, RecoveryRow } from "../models/recovery.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { kindTitle } from "../wording/kinds.ts";
import { number } from "../wording/numbers.ts";
import { ageWords, cadenceWords, EMERGENCY_STATES, isBreached, REASONS, recoveryAnswer, WHY_BASIS } from "../wording/recovery.ts";
import { duration, goal } from "../wording/time.ts";

const RecoveryTrend = lazy(() => import("../parts/recovery-trend.tsx"));

export interface RecoveryActions {
  readonly onEmergency: (reason: string, incident: string) => void;
  readonly onObjective: (stream: string, minutes: number) => void;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
}

export function RecoveryPointsScreen(props: { model: RecoveryPointsModel } & RecoveryActions) {
  return <ClockProvider now={props.model.now}><RecoveryPoints {...props} /></ClockProvider>;
}

function RecoveryPoints({ model, problem, ...actions }: { model: RecoveryPointsModel } & RecoveryActions) {
  const broken = model.rows.some(isBreached);
  const state = !model.linked || model.rows.length === 0 ? "not-observed" : broken ? "at-risk" : "safe";
  return (
    <Page title="Recovery points" backAction={{ content: "Overview", url: "/app" }}>
      <BlockStack gap="400">
        <FirstLine badge={<StateBadge state={state} />}>{recoveryAnswer(model)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} /> : null}
        {model.rows.length > 0 ? <Ages rows={model.rows} /> : null}
        {model.rows.length > 0 ? <Trend model={model} onObjective={actions.onObjective} busy={actions.busy} /> : null}
        {model.linked ? <Emergency model={model} onEmergency={actions.onEmergency} busy={actions.busy} /> : null}
      </BlockStack>
    </Page>
  );
}

function Ages({ rows }: { rows: readonly RecoveryRow[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">By kind of data</Text>
        <Scroll label="Recovery points by kind of data">
          <DataTable
            columnContentTypes={["text", "text", "text", "text", "numeric", "numeric", "text"]}
            headings={["Kind", "Age", "Allowed", "How", "Waiting", "Changes an hour", "Snapshots advised"]}
            rows={rows.map((row) => [
              kindTitle(row.stream),
              <InlineStack key="age" gap="200" wrap={false}>{ageWords(row.ageMs)}{isBreached(row) ? <Badge tone="warning">Too old</Badge> : null}</InlineStack>,
              goal(row.objectiveMs), WHY_BASIS[row.why], number(row.pending), number(Math.round(row.changesPerHour)), cadenceWords(row.advisedMinutes),
            ])}
          />
        </Scroll>
      </BlockStack>
    </Card>
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
            <Select label="Kind of data" options={model.rows.map((one) => ({ value: one.stream, label: kindTitle(one.stream) }))} value={row.stream} onChange={setStream} />
            <TextField label="Allowed age, minutes" type="number" min={1} max={44_640} autoComplete="off" value={minutes} placeholder={String(Math.round(row.objectiveMs / 60_000))} onChange={setMinutes} connectedRight={<Button disabled={!valid} loading={busy} onClick={() => onObjective(row.stream, wanted)}>Save</Button>} />
          </FormLayout.Group>
        </FormLayout>
        {ages.length > 1 ? (
          <div className="hf-chart" role="img" aria-label={`Age of the recovery point of ${kindTitle(row.stream)}: from ${duration(Math.min(...ages))} to ${duration(Math.max(...ages))}. The table below has every figure.`}>
            {inBrowser ? <Suspense fallback={<SkeletonBodyText lines={6} />}><RecoveryTrend series={series} objectiveMs={row.objectiveMs} /></Suspense> : <SkeletonBodyText lines={6} />}
          </div>
        ) : <Text as="p" tone="subdued">Measured every minute; the chart begins with the second figure.</Text>}
        {series.points.length > 0 ? (
          <details>
            <summary>All figures</summary>
            <Scroll label={`Recovery points of ${kindTitle(row.stream)}`}>
              <DataTable columnContentTypes={["text", "text"]} headings={["Measured", "Age"]} rows={[...series.points].reverse().slice(0, 240).map(({ at, ageMs }) => [<Time key={at} at={at} />, ageWords(ageMs)])} />
            </Scroll>
          </details>
        ) : null}
      </BlockStack>
    </Card>
  );
}

function Emergency({ model, onEmergency, busy }: { model: RecoveryPointsModel } & Pick<RecoveryActions, "onEmergency" | "busy">) {
  const [reason, setReason] = useState(REASONS[0]?.value ?? "incident");
  const [incident, setIncident] = useState("");
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Something is wrong right now</Text>
        <Text as="p">An emergency snapshot starts within a minute, waits for nothing, and is held: with an incident until that is closed, without one for 72 hours.</Text>
        <FormLayout>
          <FormLayout.Group>
            <Select label="Why" options={[...REASONS]} value={reason} onChange={setReason} />
            <TextField label="Incident number (if there is one)" autoComplete="off" maxLength={64} value={incident} onChange={setIncident} />
          </FormLayout.Group>
        </FormLayout>
        <InlineStack><Button variant="primary" tone="critical" loading={busy} onClick={() => onEmergency(reason, incident.trim())}>Take an emergency snapshot</Button></InlineStack>
        {model.emergencies.length > 0 ? (
          <Scroll label="Emergency snapshots">
            <DataTable
              columnContentTypes={["text", "text", "text", "text"]}
              headings={["Asked for", "Why", "State", "Held until"]}
              rows={model.emergencies.map((row) => [
                <Time key={row.id} at={row.requestedAt} />, REASONS.find(({ value }) => value === row.reason)?.label ?? row.reason, EMERGENCY_STATES[row.state],
                row.holdUntil === null ? (row.incident === null ? "" : `incident ${row.incident} closes`) : <Time key="until" at={row.holdUntil} />,
              ])}
            />
          </Scroll>
        ) : null}
      </BlockStack>
    </Card>
  );
}
