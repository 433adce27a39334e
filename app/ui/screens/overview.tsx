/** Overview. Its question: could we get our customers' data back right now? */
import { BlockStack, Button, Card, InlineStack, Page, Text } from "@shopify/polaris";
import type { OverviewModel, SafetyReason } from "../models.ts";
import { AlertsBanner } from "../parts/alerts-banner.tsx";
import { Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { SetupChecklist, setupDone } from "../parts/setup-checklist.tsx";
import { DrillBadge, StateBadge, WholenessBadge } from "../parts/state.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { count } from "../wording/numbers.ts";
import { emergencyAction } from "../wording/recovery.ts";
import { overviewAnswer, REASON_WORDS } from "../wording/safety.ts";
import { duration, goal } from "../wording/time.ts";

export interface OverviewActions {
  readonly onSnapshot: () => void;
  readonly onCancel: (runId: string) => void;
  /** Takes a snapshot that waits for nothing and is held. */
  readonly onEmergency?: () => void;
  readonly busy: boolean;
}

export function OverviewScreen(props: { model: OverviewModel } & OverviewActions) {
  return <ClockProvider now={props.model.now}><Overview {...props} /></ClockProvider>;
}

function Overview({ model, onSnapshot, onCancel, onEmergency, busy }: { model: OverviewModel } & OverviewActions) {
  const { now, zone } = useClock();
  const ready = model.setup.storage.done && model.setup.key.done;
  const running = model.run?.job === "snapshot";
  return (
    <Page
      title="Overview"
      primaryAction={ready
        ? { content: "Take a snapshot now", onAction: onSnapshot, loading: busy, disabled: running }
        : { content: "Finish set-up", url: "/app/setup" }}
      {...(ready && onEmergency ? { secondaryActions: [emergencyAction(onEmergency)] } : {})}
    >
      <BlockStack gap="400">
        <AlertsBanner alerts={model.alerts} />
        <FirstLine badge={<StateBadge state={model.state} />} {...(ready ? { below: <Button url="/app/assistant">Something is wrong</Button> } : {})}>{overviewAnswer(model, now, zone)}</FirstLine>
        {model.run ? <ProgressCard run={model.run} onCancel={() => onCancel(model.run!.id)} {...(model.run.job === "drill" ? { more: `/app/drills/${model.run.id}` } : {})} /> : null}
        {model.lastProblem && !model.run ? <ProblemBanner problem={model.lastProblem} what={`Snapshot not taken`} onRetry={onSnapshot} /> : null}
        <SetupChecklist setup={model.setup} onSnapshot={onSnapshot} busy={busy || running} />
        {inChecklist(model) ? null : <Next model={model} onSnapshot={onSnapshot} busy={busy || running} />}
        {model.lastSnapshot ? <RestsOn model={model} /> : null}
      </BlockStack>
    </Page>
  );
}

/** While set-up is under way its list already says what comes next, and alerts have their own place above; saying it twice helps nobody. */
function inChecklist(model: OverviewModel): boolean {
  if (model.reasons.length > 0 && model.reasons.every((r) => r.code === "alert.unresolved")) return true;
  return setupDone(model.setup) < 4 && model.reasons.every((r) => r.code === "alert.unresolved" || r.code === "storage.not_linked" || r.code === "snapshot.none" || r.code === "drill.none");
}

function Next({ model, onSnapshot, busy }: { model: OverviewModel; onSnapshot: () => void; busy: boolean }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What to do next</Text>
        {model.reasons.length === 0
          ? <Text as="p">Nothing. {model.nextSnapshotAt ? <>The next snapshot is due <Time at={model.nextSnapshotAt} />.</> : <>No snapshots are taken by themselves. <Button variant="plain" url="/app/settings">Set how often</Button></>}</Text>
          : model.reasons.filter(({ code }) => code !== "alert.unresolved").map((reason) => <Reason key={reason.code} reason={reason} model={model} onSnapshot={onSnapshot} busy={busy} />)}
      </BlockStack>
    </Card>
  );
}

function Reason({ reason, model, onSnapshot, busy }: { reason: SafetyReason; model: OverviewModel; onSnapshot: () => void; busy: boolean }) {
  const words = REASON_WORDS[reason.code];
  return (
    <BlockStack gap="150">
      <Text as="p">{words.sentence(reason)}</Text>
      <div>
        {words.action === "snapshot"
          ? <Button onClick={onSnapshot} disabled={busy}>{words.next}</Button>
          : <Button url={addressOf(words.action, model)}>{words.next}</Button>}
      </div>
    </BlockStack>
  );
}

function addressOf(action: "setup" | "settings" | "snapshots" | "drill" | "drills" | "alerts", model: OverviewModel): string {
  if (action === "setup" || action === "settings" || action === "alerts") return `/app/${action}`;
  if (action === "drill") return "/app/drills/new";
  if (action === "drills") return model.lastDrill ? `/app/drills/${model.lastDrill.id}` : "/app/drills";
  return model.lastSnapshot ? `/app/snapshots/${model.lastSnapshot.id}` : "/app/snapshots";
}

function RestsOn({ model }: { model: OverviewModel }) {
  const { lastSnapshot, lastDrill, lastProof, lastRehearsal, recoveryPoint, goals } = model;
  const label = goals.proposed ? "proposed goal" : "goal";
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What this rests on</Text>
        <Facts facts={[
          { name: "Last snapshot", value: lastSnapshot ? <BlockStack gap="100"><span><Time at={lastSnapshot.takenAt} />, {count(lastSnapshot.records, "record")}</span><InlineStack gap="200" blockAlign="center"><WholenessBadge complete={lastSnapshot.complete} gapCount={lastSnapshot.gapCount} changesOnly={lastSnapshot.changesOnly} /><Button variant="plain" url={`/app/snapshots/${lastSnapshot.id}`}>Open snapshot</Button></InlineStack></BlockStack> : "None yet" },
          { name: "Recovery point now", value: recoveryPoint ? <BlockStack gap="100"><span><Time at={recoveryPoint} /></span><Text as="span" tone="subdued">{`At most ${goal(goals.recoveryPointMs)} is the ${label}`}</Text><div><Button variant="plain" url="/app/recovery-points">By kind of data</Button></div></BlockStack> : "None yet" },
          { name: "Last drill", value: lastDrill ? <BlockStack gap="100"><span><Time at={lastDrill.startedAt} />{lastDrill.snapshotId === undefined ? ", made-up data only" : ""}</span><InlineStack gap="200" blockAlign="center"><DrillBadge state={lastDrill.state} /><Button variant="plain" url={`/app/drills/${lastDrill.id}`}>Open drill</Button></InlineStack></BlockStack> : "None yet" },
          { name: "Real snapshot last proven", value: lastProof ? <BlockStack gap="100"><span><Time at={lastProof.startedAt} />, {count(lastProof.records, "record")}</span><div><Button variant="plain" url={`/app/drills/${lastProof.id}`}>Open that drill</Button></div></BlockStack> : "Not yet" },
          { name: "If Shopify is down", value: <Button variant="plain" url="/app/settings/viewer">Downtime viewer</Button> },
          { name: "Time to restore", value: lastProof?.rtoMs === undefined ? (lastRehearsal?.rtoMs === undefined ? "Not measured yet" : `Not measured with your records yet. Made-up data: ${duration(lastRehearsal.rtoMs)}`) : <BlockStack gap="100"><span>{duration(lastProof.rtoMs)}</span><Text as="span" tone="subdued">{`At most ${goal(goals.recoveryTimeMs)} is the ${label}`}</Text></BlockStack> },
        ]} />
      </BlockStack>
    </Card>
  );
}
