/** Everything that was said and done in a run, in order, by whom and when. Prints as it stands. */
import { Badge, BlockStack, Button, Card, InlineStack, Link, Text } from "@shopify/polaris";
import type { AssistantRunModel, AssistantStepModel } from "../models/assistant.ts";
import { ACT_WORDS, answerWords, stepWords } from "../wording/assistant.ts";
import { Found } from "./assistant-form.tsx";
import { Time, useClock } from "./time.tsx";

export interface TimelineActions {
  /** Absent: the run has ended. */
  readonly onBack?: (n: number) => void;
  readonly busy: boolean;
}

export function AssistantTimeline({ model, onBack, busy }: { model: AssistantRunModel } & TimelineActions) {
  const shown = model.shown.filter((step) => step.what !== "looked-up");
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What was said and done</Text>
        {shown.length === 0 ? <Text as="p">{`${model.startedBy === "You" ? "You" : model.startedBy} started this run. Nothing is answered yet.`}</Text> : null}
        <ol className="hf-cards" aria-label="Steps, oldest first">
          {shown.map((step) => <Step key={step.n} step={step} busy={busy} {...(onBack === undefined ? {} : { onBack })} />)}
        </ol>
      </BlockStack>
    </Card>
  );
}

function Step({ step, onBack, busy }: { step: AssistantStepModel } & TimelineActions) {
  const { now, zone } = useClock();
  const answer = answerWords(step, now, zone);
  return (
    <li>
      <BlockStack gap="100">
        <Text as="p" {...(step.corrected ? { tone: "subdued" as const } : {})}>{stepWords(step)}</Text>
        {step.what === "answered" ? <Text as="p" fontWeight="semibold" {...(step.corrected ? { tone: "subdued" as const } : {})}>{answer}</Text> : null}
        {step.reason === null ? null : <blockquote className="hf-quote"><Text as="p">{step.reason}</Text></blockquote>}
        {step.snapshot === null ? null : <Text as="p"><Link url={`/app/snapshots/${step.snapshot}`}>The snapshot</Link>, held until this run ends.</Text>}
        {step.facts.length === 0 || step.what === "looked-up" ? null : <Found facts={step.facts} />}
        <InlineStack gap="200" blockAlign="center">
          <Text as="span" tone="subdued">{step.who}, <Time at={step.at} /></Text>
          {step.corrected ? <Badge>Taken back</Badge> : null}
          {step.act !== null && step.what === "answered" && !step.corrected ? <Badge tone="info">{ACT_WORDS[step.act]}</Badge> : null}
          {step.waiver === null || step.what === "waiver-decided" ? null : <Badge tone="warning">Out of order, with an approved reason</Badge>}
          {onBack !== undefined && step.onTheWay ? <span className="hf-noprint"><Button variant="plain" disabled={busy} onClick={() => onBack(step.n)} accessibilityLabel={`Change the answer to: ${step.asked ?? ""}`}>Change</Button></span> : null}
        </InlineStack>
      </BlockStack>
    </li>
  );
}
