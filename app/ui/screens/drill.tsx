/** One drill. Its question: did it work, how fast, and what differed? */
import { BlockStack, Button, Card, InlineGrid, Page, Text } from "@shopify/polaris";
import type { DrillModel, DrillStepModel } from "../models.ts";
import { Details } from "../parts/details.tsx";
import { DrillCertify, type CertifyActions } from "../parts/drill-certify.tsx";
import { DrillLanes } from "../parts/drill-lanes.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { DrillBadge, StepIcon } from "../parts/state.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { drillAnswer, lossGroups } from "../wording/drills.ts";
import { kindTitle } from "../wording/kinds.ts";
import { count, number } from "../wording/numbers.ts";
import { stepName, stepsAt } from "../wording/phases.ts";
import { dayAndTime, duration, goal, roughly } from "../wording/time.ts";

export interface DrillActions extends CertifyActions {
  /** Hands out the signed records, as stored. */
  readonly onDownload: () => void;
  readonly onCancel: (runId: string) => void;
}

export function DrillScreen(props: { model: DrillModel } & DrillActions) {
  return <ClockProvider now={props.model.now}><Drill {...props} /></ClockProvider>;
}

function Drill({ model, onCancel, onDownload, ...certify }: { model: DrillModel } & DrillActions) {
  const lanes = model.lanes !== undefined && model.lanes.length > 0 && !(model.lanes.length === 1 && model.lanes[0]?.lane === "full") ? model.lanes : null;
  const { now, zone } = useClock();
  const over = model.state !== "running";
  return (
    <Page
      title={`Drill of ${dayAndTime(model.startedAt, now, zone)}`}
      backAction={{ content: "Drills", url: "/app/drills" }}
      {...(over ? { primaryAction: { content: "Run another drill", url: "/app/drills/new" } } : {})}
    >
      <BlockStack gap="400">
        <FirstLine badge={<DrillBadge state={model.state} />}>{drillAnswer(model)}</FirstLine>
        {model.run ? <ProgressCard run={model.run} onCancel={() => onCancel(model.run!.id)} /> : null}
        {lanes === null && model.state === "failed" && model.code && model.differences + model.refused === 0 ? <ProblemBanner problem={{ code: model.code }} what="Drill failed" /> : null}
        <InlineGrid columns={lanes === null ? { xs: 1, lg: 2 } : 1} gap="400">
          {lanes === null ? <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Steps</Text><Steps steps={model.run ? stepsAt(model.run.phase) : model.steps} /></BlockStack></Card> : null}
          <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">How fast</Text><Speed model={model} /></BlockStack></Card>
        </InlineGrid>
        {lanes === null ? null : <DrillLanes lanes={lanes} />}
        {over && model.state !== "stopped" ? <Compared model={model} /> : null}
        {model.record ? <DrillCertify passed={model.state === "passed"} certification={model.certification ?? null} mayNot={model.mayNotCertify ?? null} {...certify} /> : null}
        <Details title="Technical details">
          <Facts facts={[
            { name: "Drill", value: <Code>{model.id}</Code> },
            { name: "Snapshot", value: model.snapshotId === undefined ? "None was opened: made-up data only" : <Code>{model.snapshotId}</Code> },
            { name: "Started", value: <Time at={model.startedAt} form="exact" /> },
            ...(model.endedAt ? [{ name: "Ended", value: <Time at={model.endedAt} form="exact" /> }] : []),
            ...(model.code ? [{ name: "Outcome", value: <Code>{model.code}</Code> }] : []),
            ...(model.object ? [{ name: "Damaged object", value: <Code>{model.object}</Code> }] : []),
            ...(model.record ? [{ name: "Signed record", value: <Code>{model.record.object}</Code> }, { name: "Its SHA-256, as the log has it", value: <Code>{model.record.digest}</Code> }] : []),
          ]} />
          {model.record ? <div style={{ marginTop: "var(--p-space-400)" }}><Button onClick={onDownload}>Download the signed records</Button></div> : null}
        </Details>
      </BlockStack>
    </Page>
  );
}

function Steps({ steps }: { steps: readonly DrillStepModel[] }) {
  if (steps.length === 0) return <Text as="p" tone="subdued">No step was done.</Text>;
  return (
    <ol className="hf-steps">
      {steps.map((step) => (
        <li key={step.name}>
          <StepIcon state={step.state} />
          <Text as="span">{stepName(step.name)}</Text>
          <span className="hf-aside">{step.ms === undefined ? "" : duration(step.ms)}</span>
        </li>
      ))}
    </ol>
  );
}

function Speed({ model }: { model: DrillModel }) {
  const label = model.goals.proposed ? "proposed goal" : "goal";
  const within = (ms: number, target: number) => (ms <= target ? "within the" : "longer than the");
  return (
    <Facts facts={[
      model.snapshotId === undefined && model.rtoMs !== undefined ? { name: "Time to a usable shop, with made-up data", value: duration(model.rtoMs) } : { name: "Time to a usable shop", value: model.rtoMs === undefined ? model.state === "running" ? "Being measured" : "Not measured" : `${duration(model.rtoMs)}: ${within(model.rtoMs, model.goals.recoveryTimeMs)} ${label} of ${goal(model.goals.recoveryTimeMs)}` },
      ...(model.rpoMs === undefined ? [] : [{ name: model.snapshotId === undefined ? "Age of the newest snapshot, which was not opened" : "Age of what was restored", value: `${duration(model.rpoMs)}: ${within(model.rpoMs, model.goals.recoveryPointMs)} ${label} of ${goal(model.goals.recoveryPointMs)}` }]),
      ...(model.atShopifyLimit ? [{ name: "On a real store, at Shopify Plus's rate limit", value: `${roughly(model.atShopifyLimit.ms)} (estimate: ${number(model.atShopifyLimit.points)} points)` }] : []),
      ...(model.snapshotTakenAt ? [{ name: "Restored from the snapshot of", value: <Time at={model.snapshotTakenAt} form="day" begins /> }] : []),
    ]} />
  );
}

function Compared({ model }: { model: DrillModel }) {
  return (
    <InlineGrid columns={{ xs: 1, lg: 2 }} gap="400">
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">What was compared</Text>
          <Facts facts={[
            { name: "Opened and equal to their digest", value: number(model.compared) },
            { name: "Created in the sandbox shop, with all that is inside them", value: number(model.restored) },
            ...(model.erased ? [{ name: "Erased on purpose since the snapshot, so not restored", value: number(model.erased) }] : []),
            { name: "Could not be put back", value: number(model.refused) },
            { name: "Differ after the restore", value: number(model.differences) },
          ]} />
          {model.differing.length > 0 ? (
            <Scroll label="Differences">
              <table className="hf-table">
                <caption className="hf-unseen">Records that differ, by kind and field</caption>
                <thead><tr><th scope="col">Kind</th><th scope="col">Field</th><th scope="col" className="hf-figure">Records</th></tr></thead>
                <tbody>{model.differing.map((d) => <tr key={`${d.kind} ${d.field}`}><th scope="row">{kindTitle(d.kind)}</th><td><Code>{d.field}</Code></td><td className="hf-figure">{number(d.records)}</td></tr>)}</tbody>
              </table>
            </Scroll>
          ) : null}
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">What Shopify never gives back</Text>
          <Text as="p" tone="subdued">{model.losses.length === 0 ? "Nothing was left out of the comparison." : `Left out of the comparison: ${count(model.losses.length, "field")}. The snapshot holds them; a restore through Shopify cannot set them.`}</Text>
          {model.losses.length > 0 ? (
            lossGroups(model.losses).map((group) => (
              <BlockStack gap="100" key={group.reason}>
                <Text as="h3" variant="headingSm">{group.reason}</Text>
                <ul className="hf-list">{group.places.map((place) => <li key={place}>{place}</li>)}</ul>
              </BlockStack>
            ))
          ) : null}
        </BlockStack>
      </Card>
    </InlineGrid>
  );
}
