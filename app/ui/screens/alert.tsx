/** One alert. Its question: what happened, what does it mean for the data, what do I do? */
import { Banner, BlockStack, Button, Card, InlineStack, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { AlertModel, ProblemModel } from "../models.ts";
import { AlertStateBadge, SeverityBadge } from "../parts/alert-badges.tsx";
import { DeliveryList } from "../parts/delivery-list.tsx";
import { Details } from "../parts/details.tsx";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { alertScreen, alertText } from "../wording/alerts.ts";
import { number } from "../wording/numbers.ts";
import { askedBy } from "../wording/runs.ts";

export interface AlertActions {
  readonly onAcknowledge: (note: string) => void;
  readonly busy: boolean;
  /** What the last try to acknowledge answered: "bad-note", "not-open", or a problem of its own. */
  readonly answer: string | null;
  readonly problem: ProblemModel | null;
}

export function AlertScreen(props: { model: AlertModel } & AlertActions) {
  return <ClockProvider now={props.model.now}><Alert {...props} /></ClockProvider>;
}

function Alert({ model, ...actions }: { model: AlertModel } & AlertActions) {
  const { title, happened, meaning, todo } = alertText(model);
  const screen = alertScreen(model);
  return (
    <Page title={title} backAction={{ content: "Alerts", url: "/app/alerts" }}>
      <BlockStack gap="400">
        <FirstLine badge={<InlineStack gap="200"><SeverityBadge severity={model.severity} /><AlertStateBadge state={model.state} /></InlineStack>}>{happened}</FirstLine>
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">What it means for the data</Text>
            <Text as="p">{meaning}</Text>
            <Text as="h2" variant="headingMd">What to do</Text>
            <Text as="p">{todo}</Text>
            <div><Button url={screen.path}>{screen.label}</Button></div>
          </BlockStack>
        </Card>
        <Acknowledge model={model} {...actions} />
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">Who was told</Text>
            <DeliveryList rows={model.deliveries} />
          </BlockStack>
        </Card>
        <Details title="Technical details">
          <Facts facts={[
            { name: "First seen", value: <Time at={model.firstSeen} form="exact" /> },
            { name: "Last seen", value: <Time at={model.lastSeen} form="exact" /> },
            { name: "Sightings", value: number(model.count) },
            ...(model.resolvedAt ? [{ name: "Resolved", value: <Time at={model.resolvedAt} form="exact" /> }] : []),
            { name: "Level", value: number(model.level + 1) },
            { name: "Code", value: <Code>{model.code}</Code> },
            { name: "About", value: <Code>{model.subject}</Code> },
            ...Object.entries(model.facts).map(([name, value]) => ({ name, value: <Code>{String(value)}</Code> })),
          ]} />
        </Details>
      </BlockStack>
    </Page>
  );
}

function Acknowledge({ model, onAcknowledge, busy, answer, problem }: { model: AlertModel } & AlertActions) {
  const [note, setNote] = useState("");
  const { acknowledged, state, resolvedAt } = model;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Who looks after it</Text>
        <div role="status" aria-live="polite">
          {acknowledged ? (
            <BlockStack gap="100">
              <Text as="p">Acknowledged {askedBy(acknowledged.by).toLowerCase()} <Time at={acknowledged.at} />.</Text>
              {acknowledged.note ? <blockquote className="hf-quote">{acknowledged.note}</blockquote> : null}
              {state === "acknowledged" ? <Text as="p" tone="subdued">It goes away by itself when its cause is gone; until then the store is not shown as safe.</Text> : null}
            </BlockStack>
          ) : null}
          {state === "resolved" && resolvedAt ? <Text as="p">Its cause went away <Time at={resolvedAt} />.</Text> : null}
          {answer === "not-open" && state === "open" ? <Banner tone="info" title="Somebody else was faster. Load the page again to see who." /> : null}
          {problem ? <Banner tone="critical" title="Not acknowledged. Press the button again." /> : null}
        </div>
        {state === "open" ? (
          <form onSubmit={(event) => { event.preventDefault(); if (!busy) onAcknowledge(note); }}>
            <BlockStack gap="300">
              <Text as="p">Nobody yet. When you acknowledge it, nobody further is told.</Text>
              <TextField
                label="Note (optional)"
                value={note}
                onChange={setNote}
                autoComplete="off"
                maxLength={500}
                helpText="One line, for colleagues and auditors. Names of patients and e-mail addresses do not belong here."
                error={answer === "bad-note" ? "Write one line without an e-mail address." : undefined}
              />
              <div><Button submit variant="primary" loading={busy}>Acknowledge</Button></div>
            </BlockStack>
          </form>
        ) : null}
      </BlockStack>
    </Card>
  );
}
