/** The assistant. Its question: what has happened? */
import { Badge, BlockStack, Button, Card, InlineStack, Page, Text } from "@shopify/polaris";
import type { ProblemModel } from "../models.ts";
import type { AssistantModel, AssistantRunLine } from "../models/assistant.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { assistantAnswer, RUN_STATES } from "../wording/assistant.ts";
import { count } from "../wording/numbers.ts";

export interface AssistantActions {
  readonly onStart: (scenario: string) => void;
  /** The scenario that is being started. */
  readonly starting: string | null;
  readonly problem: ProblemModel | null;
}

export function AssistantScreen(props: { model: AssistantModel } & AssistantActions) {
  return <ClockProvider now={props.model.now}><Assistant {...props} /></ClockProvider>;
}

function Assistant({ model, onStart, starting, problem }: { model: AssistantModel } & AssistantActions) {
  const open = model.runs.filter(({ state }) => state === "open" || state === "decided");
  const over = model.runs.filter(({ state }) => state === "finished" || state === "abandoned");
  return (
    <Page title="Assistant" backAction={{ content: "Overview", url: "/app" }}>
      <BlockStack gap="400">
        <FirstLine>{assistantAnswer(model)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} what="Not started" /> : null}
        {open.length === 0 ? null : <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Under way</Text><Runs runs={open} label="Runs under way" /></BlockStack></Card>}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">What has happened?</Text>
            <ul className="hf-cards" aria-label="Scenarios">
              {model.scenarios.map(({ id, title, when }) => (
                <li key={id}>
                  <BlockStack gap="200">
                    <Text as="h3" fontWeight="semibold">{title}</Text>
                    <Text as="p">{when}</Text>
                    <div><Button size="large" onClick={() => onStart(id)} loading={starting === id} disabled={starting !== null && starting !== id} accessibilityLabel={`Start: ${title}`}>Start</Button></div>
                  </BlockStack>
                </li>
              ))}
            </ul>
          </BlockStack>
        </Card>
        {over.length === 0 ? null : <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Earlier</Text><Runs runs={over} label="Earlier runs" /></BlockStack></Card>}
      </BlockStack>
    </Page>
  );
}

function Runs({ runs, label }: { runs: readonly AssistantRunLine[]; label: string }) {
  return (
    <ul className="hf-cards" aria-label={label}>
      {runs.map(({ id, title, state, startedAt, lastAt, steps }) => (
        <li key={id}>
          <BlockStack gap="200">
            <InlineStack gap="200" blockAlign="center"><Text as="h3" fontWeight="semibold">{title}</Text><Badge {...(state === "decided" ? { tone: "info" as const } : state === "open" ? { tone: "attention" as const } : {})}>{RUN_STATES[state]}</Badge></InlineStack>
            <Text as="p" tone="subdued">Started <Time at={startedAt} />, last step <Time at={lastAt} />, {count(steps, "step")} kept</Text>
            <div><Button url={`/app/assistant/${id}`} size="large" accessibilityLabel={`${state === "open" ? "Go on" : "Open"}: ${title}`}>{state === "open" ? "Go on" : "Open"}</Button></div>
          </BlockStack>
        </li>
      ))}
    </ul>
  );
}
