/** One snapshot. Its question: is this one whole? */
import { BlockStack, Button, Card, InlineGrid, Page, Text } from "@shopify/polaris";
import type { SnapshotModel } from "../models.ts";
import { CountsTable } from "../parts/counts-table.tsx";
import { Details } from "../parts/details.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { GapList } from "../parts/gap-list.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { StateBadge, WholenessBadge } from "../parts/state.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { kindTitle } from "../wording/kinds.ts";
import { number, size } from "../wording/numbers.ts";
import { changes, snapshotAnswer, snapshotTitle } from "../wording/snapshots.ts";
import { duration } from "../wording/time.ts";

export function SnapshotScreen({ model }: { model: SnapshotModel }) {
  return <ClockProvider now={model.now}><Snapshot model={model} /></ClockProvider>;
}

function Snapshot({ model }: { model: SnapshotModel }) {
  const { now, zone } = useClock();
  return (
    <Page
      title={snapshotTitle(model.takenAt, now, zone)}
      backAction={{ content: "Snapshots", url: "/app/snapshots" }}
      primaryAction={{ content: "Prove it with a drill", url: `/app/drills/new?snapshot=${model.id}` }}
    >
      <BlockStack gap="400">
        <FirstLine badge={model.changesOnly === true && model.gapCount === 0 ? <WholenessBadge complete={false} gapCount={0} changesOnly /> : <StateBadge state={model.complete ? "safe" : "at-risk"} />}>{snapshotAnswer(model, zone)}</FirstLine>
        {model.gapCount === 0 && (model.complete || model.changesOnly === true) ? null : (
          <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">What is missing</Text><GapList gaps={model.gaps} gapCount={model.gapCount} /></BlockStack></Card>
        )}
        <InlineGrid columns={{ xs: 1, lg: 2 }} gap="400">
          <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Records by kind</Text><CountsTable kinds={model.kinds} /></BlockStack></Card>
          <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Since the one before</Text><Changes model={model} /></BlockStack></Card>
        </InlineGrid>
        <Details title="Technical details"><Technical model={model} /></Details>
      </BlockStack>
    </Page>
  );
}

function Changes({ model }: { model: SnapshotModel }) {
  if (!model.previous) return <Text as="p">{`The first snapshot: all ${number(model.records)} records are new.`}</Text>;
  return (
    <BlockStack gap="300">
      <Text as="p">{`${changes(model)}; ${number(model.unchanged)} as they were. ${size(model.bytesWritten)} added to storage.`}</Text>
      {model.kindChanges.length > 0 ? (
        <Scroll label="Records by kind, before and now">
          <table className="hf-table">
            <caption className="hf-unseen">Records by kind in the snapshot before and in this one</caption>
            <thead><tr><th scope="col">Kind</th><th scope="col" className="hf-figure">Before</th><th scope="col" className="hf-figure">Now</th></tr></thead>
            <tbody>
              {model.kindChanges.map((k) => (
                <tr key={k.kind}><th scope="row">{kindTitle(k.kind)}</th><td className="hf-figure">{number(k.before)}</td><td className="hf-figure">{`${number(k.now)}${difference(k.now - k.before)}`}</td></tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
      <div><Button variant="plain" url={`/app/snapshots/${model.previous.id}`}>Open the one before</Button></div>
    </BlockStack>
  );
}

function Technical({ model }: { model: SnapshotModel }) {
  const facts = [
    { name: "Snapshot", value: <Code>{model.id}</Code> },
    { name: "Taken", value: <Time at={model.takenAt} form="exact" /> },
    { name: "Took", value: duration(Date.parse(model.takenAt) - Date.parse(model.startedAt)) },
    { name: "From", value: model.shop },
    { name: "Read", value: size(model.bytesRead) },
    { name: "Merkle root", value: <Code>{model.root}</Code> },
    { name: "SHA-256 of the manifest", value: <Code>{model.digest}</Code> },
    { name: "Opened by the keys", value: model.recipientKeyIds.length === 0 ? "" : <BlockStack gap="050">{model.recipientKeyIds.map((id) => <Code key={id}>{id}</Code>)}</BlockStack> },
  ];
  return <Facts facts={facts.filter((f) => f.value !== "")} />;
}

function difference(n: number): string {
  return n === 0 ? "" : ` (${n > 0 ? "+" : "−"}${number(Math.abs(n))})`;
}
