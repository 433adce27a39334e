/** A new drill: the person picks the identity file, the browser opens the snapshot's keys, only those are sent. */
import { Banner, BlockStack, Button, Card, EmptyState, List, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import { readIdentity } from "../browser/identity.ts";
import { unwrapKeys } from "../browser/unwrap.ts";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { DrillKeysModel, DrillNewModel, ProblemModel } from "../models.ts";
import { Code } from "../parts/facts.tsx";
import { FilePick } from "../parts/file-pick.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { damagedKey, IDENTITY_PROBLEMS, wrongIdentity } from "../wording/keys.ts";
import { count, number } from "../wording/numbers.ts";

export interface DrillNewActions {
  readonly onStart: (snapshotId: string, keys: OpenedKeys) => void;
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
          <OpenForm snapshot={snapshot} disabled={model.run?.job === "drill"} busy={busy} onStart={onStart} />
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

interface Picked {
  readonly text: string;
  readonly sealed: boolean;
}

function OpenForm({ snapshot, disabled, busy, onStart }: { snapshot: DrillKeysModel; disabled: boolean; busy: boolean; onStart: DrillNewActions["onStart"] }) {
  const [picked, setPicked] = useState<Picked | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [opening, setOpening] = useState(false);

  async function pick(text: string | null): Promise<void> {
    setError(undefined);
    setPassphrase("");
    if (text === null) return setPicked(null);
    const read = await readIdentity(text);
    if (read.ok) {
      const opened = await unwrapKeys(read.identity, snapshot.sealedKeys.slice(0, 1), snapshot.recipientKeyIds);
      if (!opened.ok) {
        setPicked(null);
        return setError(opened.problem === "wrong_identity" ? wrongIdentity(opened.has, opened.needs) : damagedKey(opened.keyId));
      }
      return setPicked({ text, sealed: false });
    }
    if (read.problem === "sealed") return setPicked({ text, sealed: true });
    setPicked(null);
    setError(IDENTITY_PROBLEMS[read.problem]);
  }

  async function start(): Promise<void> {
    if (!picked) return setError("Choose your identity file first.");
    setError(undefined);
    setOpening(true);
    try {
      const read = await readIdentity(picked.text, picked.sealed ? passphrase : undefined);
      if (!read.ok) return setError(read.problem === "sealed" ? "Enter the passphrase of this identity." : IDENTITY_PROBLEMS[read.problem]);
      const opened = await unwrapKeys(read.identity, snapshot.sealedKeys, snapshot.recipientKeyIds);
      if (!opened.ok) return setError(opened.problem === "wrong_identity" ? wrongIdentity(opened.has, opened.needs) : damagedKey(opened.keyId));
      onStart(snapshot.snapshotId, opened.keys);
    } finally {
      setOpening(false);
    }
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <BlockStack gap="400">
        <FilePick label="Identity file" help="Named holdfast-identity-….jwk. It is read here, in your browser." error={error} disabled={disabled} onText={(text) => void pick(text)} />
        {picked?.sealed ? (
          <TextField label="Passphrase of the identity" type="password" autoComplete="current-password" value={passphrase} onChange={setPassphrase} helpText="Used only in this browser." />
        ) : null}
        {picked && !picked.sealed ? <Banner tone="success">{`This file opens the snapshot. ${number(snapshot.sealedKeys.length)} content ${snapshot.sealedKeys.length === 1 ? "key" : "keys"} will be sent.`}</Banner> : null}
        <div><Button submit variant="primary" loading={opening || busy} disabled={disabled}>Start the drill</Button></div>
      </BlockStack>
    </form>
  );
}
