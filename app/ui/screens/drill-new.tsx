/** A new drill: the person picks the identity file, the browser opens the snapshot's keys, only those are sent. */
import { BlockStack, Card, ChoiceList, EmptyState, List, Page, Text } from "@shopify/polaris";
import { useState } from "react";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { DrillKeysModel, DrillNewModel, ProblemModel } from "../models.ts";
import { Code } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { IdentityForm } from "../parts/identity-form.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { count, number } from "../wording/numbers.ts";

export interface DrillNewActions {
  readonly onStart: (snapshotId: string, keys: OpenedKeys, lane: "both" | "full") => void;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  readonly onRetry: () => void;
}

export function DrillNewScreen(props: { model: DrillNewModel } & DrillNewActions) {
  return <ClockProvider now={props.model.now}><DrillNew {...props} /></ClockProvider>;
}

function DrillNew({ model, onStart, busy, problem, onRetry }: { model: DrillNewModel } & DrillNewActions) {
  return (
    <Page title="Run a drill" backAction={{ content: "Drills", url: "/app/drills" }}>
      <BlockStack gap="400">
        {model.snapshot
          ? <WithSnapshot snapshot={model.snapshot} model={model} onStart={onStart} busy={busy} problem={problem} onRetry={onRetry} />
          : problem ? <ProblemBanner problem={problem} what="The snapshot cannot be used" onRetry={onRetry} /> : (
            <Card>
              <EmptyState heading="First a snapshot" image="" action={model.ready ? { content: "Go to the overview", url: "/app" } : { content: "Finish set-up", url: "/app/setup" }}>
                <p>A drill restores a snapshot, and there is none yet.</p>
              </EmptyState>
            </Card>
          )}
      </BlockStack>
    </Page>
  );
}

function WithSnapshot({ snapshot, model, onStart, busy, problem }: { snapshot: DrillKeysModel; model: DrillNewModel } & DrillNewActions) {
  const [lane, setLane] = useState<"both" | "full">("both");
  return (
    <>
      <FirstLine>
        {`Proves that ${count(snapshot.records, "record")} can be restored: opens them, puts them into a fresh sandbox shop, compares, and takes the time. Your store is not touched.`}
      </FirstLine>
      {problem ? <ProblemBanner problem={problem} what="Drill not started" /> : null}
      {model.run ? <ProgressCard run={model.run} more={model.run.job === "drill" ? `/app/drills/${model.run.id}` : "/app"} /> : null}
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">Open the snapshot</Text>
          <Text as="p">The snapshot of <Time at={snapshot.takenAt} form="day" /> will be used. It opens with {snapshot.recipientKeyIds.length === 1 ? "key" : "any of the keys"}:</Text>
          <BlockStack gap="050">{snapshot.recipientKeyIds.map((id) => <Code key={id}>{id}</Code>)}</BlockStack>
          <IdentityForm
            keys={snapshot}
            submit="Start the drill"
            disabled={model.run?.job === "drill"}
            busy={busy}
            opens={`This file opens the snapshot. ${number(snapshot.sealedKeys.length)} content ${snapshot.sealedKeys.length === 1 ? "key" : "keys"} will be sent.`}
            onOpened={(keys) => {
              onStart(snapshot.snapshotId, keys, lane);
            }}
          >
            <ChoiceList
              title="What to rehearse"
              choices={[
                { value: "both", label: "The weekly drill", helpText: "Made-up data of every kind through a whole restore; every real record opened and compared; and the snapshot restored with nobody recognisable in it. No real identifier reaches the sandbox shop." },
                { value: "full", label: "The real snapshot through a whole restore", helpText: "The fullest form. The sandbox shop lives in this process's memory, on this machine, and is gone afterwards." },
              ]}
              selected={[lane]}
              onChange={([chosen]) => setLane(chosen === "full" ? "full" : "both")}
            />
          </IdentityForm>
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">What is sent, and what is not</Text>
          <List>
            <List.Item>The identity file never leaves this browser. It is not uploaded, not stored, and forgotten when you leave the page.</List.Item>
            <List.Item>{`Sent over your session: the ${count(snapshot.sealedKeys.length, "content key")} of this snapshot. They open the records of this snapshot, and nothing that is added or changed later.`}</List.Item>
            <List.Item>The app keeps them in memory only while the drill runs, then erases them. If the app restarts meanwhile, the drill stops and you start it again.</List.Item>
          </List>
        </BlockStack>
      </Card>
    </>
  );
}
