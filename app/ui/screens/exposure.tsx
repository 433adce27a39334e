/** Exposure. Its question: is all of this store copied that we know of? */
import { Badge, Banner, BlockStack, Button, Card, Page, Tabs, Text } from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import type { ProblemModel } from "../models.ts";
import type { ExposureModel, ExposureView, PlatformModel } from "../models-exposure.ts";
import { CoverageTasks, type TaskActions } from "../parts/coverage-tasks.tsx";
import { Details } from "../parts/details.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { GapList } from "../parts/gap-list.tsx";
import { Inventory } from "../parts/inventory.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StateBadge, StepIcon } from "../parts/state.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { COVERAGE_REASONS, exposureAnswer, findingSentence, WHY } from "../wording/exposure.ts";
import { number } from "../wording/numbers.ts";

export interface ExposureActions extends TaskActions {
  readonly onView: (view: ExposureView) => void;
  readonly onCheck: () => void;
  readonly checking: boolean;
  readonly problem: ProblemModel | null;
}

const VIEWS: readonly ExposureView[] = ["inventory", "coverage", "tasks"];

export function ExposureScreen(props: { model: ExposureModel } & ExposureActions) {
  return <ClockProvider now={props.model.now}><Exposure {...props} /></ClockProvider>;
}

function Exposure({ model, onView, onCheck, checking, problem, onDecide, busy }: { model: ExposureModel } & ExposureActions) {
  const { now } = useClock();
  const open = model.tasks.filter(({ state }) => state === "open").length;
  const tabs = [{ id: "inventory", content: "Inventory" }, { id: "coverage", content: "Coverage" }, { id: "tasks", content: open > 0 ? `Tasks (${number(open)} open)` : "Tasks" }];
  return (
    <Page title="Exposure" primaryAction={{ content: "Look again", onAction: onCheck, loading: checking }}>
      <BlockStack gap="400">
        <FirstLine badge={<StateBadge state={model.state} />} below={<Reasons model={model} />}>{exposureAnswer(model, now)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} /> : null}
        <Tabs tabs={tabs} selected={VIEWS.indexOf(model.view)} onSelect={(at) => onView(VIEWS[at] ?? "inventory")}>
          <BlockStack gap="400">
            {model.view === "inventory" ? <Inventory model={model} /> : model.view === "coverage" ? <Coverage model={model} /> : <CoverageTasks tasks={model.tasks} onDecide={onDecide} busy={busy} />}
          </BlockStack>
        </Tabs>
      </BlockStack>
    </Page>
  );
}

/** The first line has said the worst. */
function Reasons({ model }: { model: ExposureModel }) {
  if (model.reasons.length === 0) return null;
  return <ul className="hf-steps hf-steps-long">{model.reasons.map((reason) => <li key={reason.code}><StepIcon state="failed" /><Text as="span">{COVERAGE_REASONS[reason.code](reason)}</Text></li>)}</ul>;
}

function Coverage({ model }: { model: ExposureModel }) {
  const { platform } = model;
  return (
    <BlockStack gap="400">
      {platform?.revalidation.required ? (
        <Banner tone="warning" title="Revalidation required" action={{ content: "Run a drill", url: "/app/drills/new" }}>
          <Text as="p">{`Since the last drill that passed, ${WHY[platform.revalidation.why ?? ""] ?? "something that matters has changed"}. Snapshots go on; none counts as restorable until a drill of one taken after the change has passed.`}</Text>
        </Banner>
      ) : null}
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">How the store is read</Text>
          {platform === null ? <Text as="p">Nobody has looked yet. It happens by itself before the next snapshot, or when you press Look again.</Text> : <Platform platform={platform} />}
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">What is missing from the last full snapshot</Text>
          {model.readAt === null ? <Text as="p">There is none yet.</Text> : model.gapCount === 0 ? <Text as="p">Nothing: every stream was read to its end, and every count that Shopify gives agrees. What it does not count is named in the snapshot, with what it was held to instead.</Text> : <GapList gaps={model.gaps} gapCount={model.gapCount} />}
        </BlockStack>
      </Card>
      {platform === null ? null : (
        <Details title="Technical details">
          <Facts facts={[{ name: "Queries", value: <Code>{platform.extractor}</Code> }, { name: "SHA-256 of what is needed of the API", value: <Code>{platform.fingerprint}</Code> }]} />
        </Details>
      )}
    </BlockStack>
  );
}

function Platform({ platform }: { platform: PlatformModel }) {
  const { revalidation: validity } = platform;
  const facts = [
    { name: "API version", value: platform.version },
    { name: "Looked at", value: <Time at={platform.checkedAt} begins /> },
    { name: "What it is read with", value: validity.required ? <Badge tone="warning" icon={AlertTriangleIcon}>Revalidation required</Badge> : <Badge tone="success" icon={CheckCircleIcon}>Nothing has changed that a drill would have to prove again</Badge> },
    ...(validity.required && validity.since !== undefined ? [{ name: "Changed", value: <Time at={validity.since} begins /> }] : []),
    { name: "Other apps", value: platform.apps === null ? "The store does not say" : number(platform.apps) },
    { name: "Fields and types defined", value: number(platform.definitions) },
    { name: "Permissions missing", value: platform.missingScopes.length === 0 ? "None" : platform.missingScopes.join(", ") },
  ];
  return (
    <BlockStack gap="300">
      <Facts facts={facts} />
      <Text as="h3" variant="headingSm">What the API lacks</Text>
      {platform.findings.length === 0 ? <Text as="p">Nothing. Every query and every change that this app sends was held against it: for reading, for restoring, and for hearing of what changes.</Text> : (
        <ul className="hf-steps hf-steps-long">
          {platform.findings.map((finding) => (
            <li key={`${finding.version} ${finding.use} ${finding.code} ${finding.member}`}><StepIcon state="failed" /><Text as="span">{findingSentence(finding, platform.version)}</Text><span className="hf-aside"><Code>{finding.code}</Code></span></li>
          ))}
        </ul>
      )}
      <div><Button variant="plain" url="/app/alerts">See the alerts</Button></div>
    </BlockStack>
  );
}
