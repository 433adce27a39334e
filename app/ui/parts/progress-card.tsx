/** Long work: what it is doing, how far it is, how long it will take. Goes on when the page is closed. */
import { BlockStack, Button, Card, InlineStack, ProgressBar, Text } from "@shopify/polaris";
import type { RunModel } from "../models.ts";
import { number, wholePercent } from "../wording/numbers.ts";
import { phaseName } from "../wording/phases.ts";
import { roughly } from "../wording/time.ts";
import { Time } from "./time.tsx";

const TITLES = { snapshot: "Taking a snapshot", drill: "Running a drill", erasure: "Erasing", disclosure: "Putting a person's data together", rotation: "Changing who can open the backups", prune: "Letting old snapshots go", planning: "Working out what a restore would change", restore: "Putting records back" } as const;

const STOPS = { snapshot: "Stop this snapshot", drill: "Stop this drill", erasure: "Stop erasing", disclosure: "Stop this", rotation: "Stop this", prune: "Stop this", planning: "Stop planning", restore: "Stop this restore" } as const;

export function ProgressCard({ run, onCancel, more }: { run: RunModel; onCancel?: (() => void) | undefined; more?: string }) {
  const share = run.expected ? wholePercent(run.records, run.expected) : null;
  const phase = run.cancelling ? phaseName("cancelling") : phaseName(run.phase, run.stream);
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">{TITLES[run.job]}</Text>
          {more ? <Button variant="plain" url={more}>See this run</Button> : null}
        </InlineStack>
        <Text as="p">{phase}</Text>
        {share === null
          ? <div className="hf-indeterminate" role="img" aria-label="Under way; how far is not known yet"><span /></div>
          : <div><span className="hf-unseen" id={`bar-${run.id}`}>{`${TITLES[run.job]}: progress`}</span><ProgressBar progress={share} size="small" tone="primary" ariaLabelledBy={`bar-${run.id}`} /></div>}
        <Text as="p" tone="subdued">
          {so(run)} Started <Time at={run.startedAt} />. You can close this page; it goes on.
        </Text>
        {onCancel && !run.cancelling ? <div><Button onClick={onCancel}>{STOPS[run.job]}</Button></div> : null}
        <p className="hf-unseen" role="status" aria-live="polite">{announcement(run, phase, share)}</p>
      </BlockStack>
    </Card>
  );
}

function so(run: RunModel): string {
  if (run.records === 0 && run.prepared !== undefined) return `Shopify has prepared ${number(run.prepared)} so far.`;
  const of = run.expected && run.expected >= run.records ? ` of about ${number(run.expected)}` : "";
  const left = run.remainingMs === undefined ? "" : `, ${roughly(run.remainingMs)} to go`;
  return `${number(run.records)}${of} records so far${left}.`;
}

/** Changes only with the phase and every tenth part, so that a screen reader is told and not talked over. */
export function announcement(run: RunModel, phase: string, share: number | null): string {
  const tenth = share === null ? "" : `, ${Math.floor(share / 10) * 10}%`;
  return `${TITLES[run.job]}. ${phase}${tenth}.`;
}
