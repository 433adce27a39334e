/** Runs. Its question: what is the app doing, and how did it go? */
import { BlockStack, Button, Card, EmptyState, InlineStack, Link, Page, ProgressBar, Select, Text } from "@shopify/polaris";
import type { RunRow, RunsModel, RunsView } from "../models.ts";
import { RunBadge } from "../parts/alert-badges.tsx";
import { CountsTable } from "../parts/counts-table.tsx";
import { Details } from "../parts/details.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { errorWords } from "../wording/errors.ts";
import { number, wholePercent } from "../wording/numbers.ts";
import { askedBy, runName, runsAnswer, runSays } from "../wording/runs.ts";
import { duration } from "../wording/time.ts";

export interface RunsActions {
  readonly onView: (view: RunsView) => void;
  readonly onCancel: (runId: string) => void;
}

const VIEWS = [{ value: "all", label: "All" }, { value: "under-way", label: "Under way" }, { value: "failed", label: "Failed" }];

export function RunsScreen(props: { model: RunsModel } & RunsActions) {
  return <ClockProvider now={props.model.now}><Runs {...props} /></ClockProvider>;
}

function Runs({ model, onView, onCancel }: { model: RunsModel } & RunsActions) {
  return (
    <Page title="Runs" backAction={{ content: "Snapshots", url: "/app/snapshots" }}>
      <BlockStack gap="400">
        <FirstLine>{runsAnswer(model)}</FirstLine>
        {model.problem ? <ProblemBanner problem={model.problem} /> : null}
        {model.rows.length === 0 && model.view === "all" ? (
          <Card><EmptyState heading="Nothing has run yet" image="" action={{ content: "Go to the snapshots", url: "/app/snapshots" }}><p>Snapshots, drills and checks of the vault appear here while they run and after.</p></EmptyState></Card>
        ) : (
          <>
            <Card><Select label="Show" options={VIEWS} value={model.view} onChange={(view) => onView(view as RunsView)} /></Card>
            {model.rows.length === 0 ? <Card><Text as="p">No run fits. Change the filter above.</Text></Card> : null}
            {model.rows.map((row) => <Run key={row.id} row={row} marked={row.id === model.marked} onCancel={onCancel} />)}
          </>
        )}
        <p className="hf-unseen" role="status" aria-live="polite">{model.underWay > 0 ? `${number(model.underWay)} under way` : ""}</p>
      </BlockStack>
    </Page>
  );
}

function Run({ row, marked, onCancel }: { row: RunRow; marked: boolean; onCancel: (id: string) => void }) {
  const { now } = useClock();
  const active = row.state === "queued" || row.state === "running";
  const from = row.startedAt ?? row.requestedAt;
  const share = active && row.expected !== null && row.records !== null ? wholePercent(row.records, row.expected) : null;
  const failed = row.state === "failed" && row.code !== null ? errorWords(row.code) : null;
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center" align="space-between">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h2" variant="headingMd">{runName(row.kind)}</Text>
            <RunBadge state={row.state} gaps={row.gapCount > 0} />
            {marked ? <Text as="span" tone="subdued">The one you came for</Text> : null}
          </InlineStack>
          <Text as="span" tone="subdued"><Time at={from} /></Text>
        </InlineStack>
        <Text as="p">{runSays(row)}</Text>
        {share === null ? null : <div><span className="hf-unseen" id={`bar-${row.id}`}>{`${runName(row.kind)}: progress`}</span><ProgressBar progress={share} size="small" tone="primary" ariaLabelledBy={`bar-${row.id}`} /></div>}
        {failed ? <BlockStack gap="100"><Text as="p">{failed.meaning}</Text><Text as="p">{failed.todo}</Text></BlockStack> : null}
        <Facts facts={[
          { name: active ? "So far" : "Took", value: row.startedAt === null ? "Not begun" : duration(Date.parse(row.endedAt ?? now) - Date.parse(row.startedAt)) },
          ...(row.records === null ? [] : [{ name: "Records", value: row.expected !== null && active ? `${number(row.records)} of about ${number(row.expected)}` : number(row.records) }]),
          { name: "Asked for", value: askedBy(row.requestedBy) },
          ...(row.attempt > 1 ? [{ name: "Attempts", value: number(row.attempt) }] : []),
        ]} />
        <InlineStack gap="300" blockAlign="center">
          {row.result ? <Link url={row.result}>{row.kind === "drill" ? "Open the drill" : "Open the snapshot"}</Link> : null}
          {row.cancellable ? <Button onClick={() => onCancel(row.id)}>{`Stop this ${runName(row.kind).toLowerCase()}`}</Button> : null}
        </InlineStack>
        {row.kinds.length > 0 ? <Details title="Records by kind"><CountsTable kinds={row.kinds} /></Details> : null}
        <Text as="p" tone="subdued" variant="bodySm">Run <Code>{row.id}</Code>{row.code ? <>, code <Code>{row.code}</Code></> : null}</Text>
      </BlockStack>
    </Card>
  );
}
