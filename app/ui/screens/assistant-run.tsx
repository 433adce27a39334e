/** One run of the assistant. Its question is the one that is asked now; then what was said so far. */
import { Banner, BlockStack, Button, Card, InlineStack, Page, ProgressBar, Text } from "@shopify/polaris";
import { useEffect, useRef, useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { AssistantRunModel } from "../models/assistant.ts";
import { AssistantForm, type AnswerActions } from "../parts/assistant-form.tsx";
import { AssistantOrders, type OrderActions } from "../parts/assistant-orders.tsx";
import { AssistantRestores } from "../parts/assistant-restores.tsx";
import { AssistantTimeline } from "../parts/assistant-timeline.tsx";
import { Details } from "../parts/details.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { OUTCOME_PLACES, progressWords, STATUS_WORDS } from "../wording/assistant.ts";

export interface AssistantRunActions extends AnswerActions, OrderActions {
  readonly onBack: (n: number) => void;
  readonly onEnd: (how: "finished" | "abandoned") => void;
  readonly onPrint: () => void;
  readonly onExport: () => void;
  readonly problem: ProblemModel | null;
}

export function AssistantRunScreen(props: { model: AssistantRunModel } & AssistantRunActions) {
  return <ClockProvider now={props.model.now}><AssistantRun {...props} /></ClockProvider>;
}

function AssistantRun({ model, problem, ...actions }: { model: AssistantRunModel } & AssistantRunActions) {
  const { state, node, progress } = model;
  const over = state === "finished" || state === "abandoned";
  const asks = "ask" in node ? node.ask : node.say;
  const heading = useRef<HTMLHeadingElement>(null);
  const known = useRef(`${node.id} ${progress.done}`);
  // Another question stands here: whoever reads along is taken to it, whoever answered it.
  useEffect(() => {
    const now = `${node.id} ${progress.done}`;
    if (known.current !== now) heading.current?.focus();
    known.current = now;
  }, [node.id, progress.done]);
  const last = [...model.shown].reverse().find(({ onTheWay }) => onTheWay);
  return (
    <Page title={model.title} backAction={{ content: "Assistant", url: "/app/assistant" }}>
      <BlockStack gap="400">
        {problem ? <ProblemBanner problem={problem} /> : null}
        <Card>
          <BlockStack gap="400">
            <BlockStack gap="200">
              <Text as="p" tone="subdued">{progressWords(model)}</Text>
              {state === "open" ? <div className="hf-noprint"><span className="hf-unseen" id="assistant-progress">How far this is</span><ProgressBar progress={Math.round((100 * progress.done) / (progress.done + Math.max(1, progress.most)))} size="small" tone="primary" ariaLabelledBy="assistant-progress" /></div> : null}
              <h2 className="hf-question" tabIndex={-1} ref={heading}>{state === "abandoned" ? "This run was abandoned." : asks}</h2>
            </BlockStack>
            {state === "open" ? <AssistantForm key={`${node.id} ${progress.done}`} model={model} {...actions} /> : state === "abandoned" ? null : <End model={model} {...actions} />}
            {state === "open" && last !== undefined ? <div className="hf-noprint"><Button disabled={actions.busy} onClick={() => actions.onBack(last.n)}>Back to the question before</Button></div> : null}
          </BlockStack>
        </Card>
        <p className="hf-unseen" role="status" aria-live="polite">{`${progressWords(model)}. ${asks}`}</p>
        {over ? null : <div className="hf-noprint"><AssistantOrders model={model} {...actions} /></div>}
        <AssistantTimeline model={model} busy={actions.busy} {...(over ? {} : { onBack: actions.onBack })} />
        <div className="hf-noprint"><Papers model={model} {...actions} /></div>
      </BlockStack>
    </Page>
  );
}

function End({ model, onEnd, busy }: { model: AssistantRunModel } & Omit<AssistantRunActions, "problem">) {
  const { node, outcome, state } = model;
  if (node.kind !== "end" || outcome === null) return null;
  const place = OUTCOME_PLACES[outcome.outcome];
  return (
    <BlockStack gap="400">
      {outcome.plan ? <Text as="p">{outcome.at === null ? "Back to the newest good snapshot, because nobody knows when the damage began." : <>Back to <Time at={outcome.at} form="exact" />, the second before the damage.</>}</Text> : null}
      <ol className="hf-list">{node.how.map((line) => <li key={line}>{line}</li>)}</ol>
      {node.figures?.map(({ value, status, cite }) => <Text key={value} as="p" tone="subdued">{`${value}: ${STATUS_WORDS[status]} (${cite})`}</Text>)}
      {node.built ? null : <Banner tone="info"><Text as="p">This app cannot do all of it yet. The steps above say how to do it by hand.</Text></Banner>}
      <AssistantRestores restores={model.restores} />
      <div className="hf-noprint">
        <InlineStack gap="300">
          {outcome.plan ? <Button {...(model.restores.some(isAhead) ? {} : { variant: "primary" as const })} size="large" url={`/app/restore/new?from=${model.id}`}>{model.restores.length === 0 ? "Make the restore plan" : "Make another plan"}</Button> : place === undefined ? null : <Button variant="primary" size="large" url={place.url}>{place.name}</Button>}
          {state === "decided" ? <Button size="large" loading={busy} onClick={() => onEnd("finished")}>Everything is done: finish</Button> : null}
        </InlineStack>
      </div>
    </BlockStack>
  );
}

/** It goes on, or is done: another plan is not what comes next. */
function isAhead({ state }: AssistantRunModel["restores"][number]): boolean {
  return state !== "refused" && state !== "cancelled" && state !== "failed" && state !== "stale";
}

function Papers({ model, onPrint, onExport, onEnd, busy }: { model: AssistantRunModel } & Omit<AssistantRunActions, "problem">) {
  const [sure, setSure] = useState(false);
  return (
    <BlockStack gap="400">
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">For the file</Text>
          <InlineStack gap="300">
            <Button onClick={onPrint}>Print this page</Button>
            <Button onClick={onExport}>Download for an auditor</Button>
            {model.state === "open" ? (sure ? <Button tone="critical" loading={busy} onClick={() => onEnd("abandoned")}>Yes, abandon it</Button> : <Button onClick={() => setSure(true)}>Abandon this run</Button>) : null}
          </InlineStack>
          {sure && model.state === "open" ? <Text as="p">Its answers are kept. It cannot be gone on with.</Text> : null}
        </BlockStack>
      </Card>
      <Details title="What these questions rest on">
        <BlockStack gap="300">
          <ul className="hf-list">{model.sources.map(({ cite, says, status }) => <li key={cite}>{`${cite} (${STATUS_WORDS[status]}): ${says}`}</li>)}</ul>
          <Facts facts={[{ name: "Version of the questions, as they were when the run began", value: model.version }, { name: "SHA-256 of them", value: <Code>{model.digest}</Code> }, { name: "Run", value: <Code>{model.id}</Code> }]} />
        </BlockStack>
      </Details>
    </BlockStack>
  );
}
