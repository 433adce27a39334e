/** Shopify Flow. Its question: does Flow hear what happens here, and does what it asks for get done? */
import { Badge, BlockStack, Button, Card, InlineStack, Link, Page, Text } from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon, QuestionCircleIcon, XCircleIcon } from "@shopify/polaris-icons";
import type { FlowDeliveryRow, FlowModel, FlowStepRow, FlowTriggerRow } from "../models.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { FLOW_STATE_WORD, flowAnswer, STEP_STATE_WORD, stepWords } from "../wording/flow.ts";
import { sendWords } from "../wording/flow-sending.ts";
import { count } from "../wording/numbers.ts";

export interface FlowActions {
  readonly onAgain: (id: string) => void;
  /** The event that is being put back. */
  readonly busy: string | null;
}

export function FlowScreen({ model, ...actions }: { model: FlowModel } & FlowActions) {
  const known = model.triggers.some(({ listening }) => listening !== null);
  const listening = model.triggers.filter((trigger) => trigger.listening === true).length;
  const open = <Button url={model.flowUrl} target="_top" external>Open Shopify Flow</Button>;
  return (
    <ClockProvider now={model.now}>
      <Page title="Shopify Flow" backAction={{ content: "Settings", url: "/app/settings" }}>
        <BlockStack gap="400">
          <FirstLine below={open} {...(model.failed > 0 ? { badge: <Badge tone="warning" icon={AlertTriangleIcon} size="large">Flow was not told</Badge> } : {})}>
            {flowAnswer({ failed: model.failed, waiting: model.waiting, known, used: model.deliveries.length + model.steps.length > 0, listening })}
          </FirstLine>
          {model.problem ? <ProblemBanner problem={model.problem} /> : null}
          <Card>
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">What Flow was told lately</Text>
              {model.deliveries.length === 0 ? <Text as="p" tone="subdued">Nothing yet. The next snapshot or drill is the first thing to tell.</Text> : (
                <ul className="hf-cards" aria-label="Events: those that failed first, then newest first">
                  {model.deliveries.map((row) => <li key={row.id}><Delivery row={row} {...actions} /></li>)}
                </ul>
              )}
            </BlockStack>
          </Card>
          <Card>
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">What Flow asked for lately</Text>
              {model.steps.length === 0 ? <Text as="p" tone="subdued">Nothing yet.</Text> : <ul className="hf-cards" aria-label="Steps of workflows, newest first">{model.steps.map((row) => <li key={row.id}><Step row={row} /></li>)}</ul>}
            </BlockStack>
          </Card>
          <Card>
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">What a workflow can start with</Text>
              <Text as="p" tone="subdued">Flow is sent ids, counts, codes, times and the addresses of screens. No customer data leaves by this way: everybody who may see a workflow's runs sees what it was started with.</Text>
              <ul className="hf-cards" aria-label="Triggers">{model.triggers.map((trigger) => <li key={trigger.handle}><Trigger trigger={trigger} /></li>)}</ul>
            </BlockStack>
          </Card>
          <Card>
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">What a workflow can ask for</Text>
              <ul className="hf-cards" aria-label="Actions">
                {model.actions.map(({ handle, name, description, lastAskedAt }) => (
                  <li key={handle}><BlockStack gap="100"><Text as="h3" variant="headingSm">{name}</Text><Text as="p">{description}</Text><Text as="p" tone="subdued">{lastAskedAt === null ? "Not asked for lately." : <>Asked for <Time at={lastAskedAt} />.</>}</Text></BlockStack></li>
                ))}
              </ul>
            </BlockStack>
          </Card>
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}

const SENT = { waiting: { tone: "info", icon: ClockIcon }, sent: { tone: "success", icon: CheckCircleIcon }, failed: { tone: "critical", icon: XCircleIcon }, unneeded: { tone: undefined, icon: MinusCircleIcon }, unwanted: { tone: undefined, icon: MinusCircleIcon } } as const;
const DONE = { waiting: { tone: "info", icon: ClockIcon }, working: { tone: "info", icon: ClockIcon }, done: { tone: "success", icon: CheckCircleIcon }, refused: { tone: "critical", icon: XCircleIcon } } as const;

function Delivery({ row, onAgain, busy }: { row: FlowDeliveryRow } & FlowActions) {
  const words = row.code === null ? null : sendWords(row.code);
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Badge tone={SENT[row.state].tone} icon={SENT[row.state].icon}>{FLOW_STATE_WORD[row.state]}</Badge>
        <Link url={row.page}>{row.name}</Link>
        <Text as="span" tone="subdued"><Time at={row.at} /></Text>
      </InlineStack>
      {words === null || row.state === "sent" ? null : row.state === "waiting" ? <Text as="p">{words.happened} Tried {count(row.attempts, "time")}, next <Time at={row.nextAt} />.</Text> : <Text as="p">{`${words.happened} ${words.todo}`}</Text>}
      {row.state === "failed" ? <div><Button onClick={() => onAgain(row.id)} loading={busy === row.id} disabled={busy !== null && busy !== row.id} accessibilityLabel={`Send again: ${row.name}`}>Send again</Button></div> : null}
    </BlockStack>
  );
}

function Step({ row }: { row: FlowStepRow }) {
  const words = row.code === null || row.state === "done" ? null : stepWords(row.code);
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Badge tone={DONE[row.state].tone} icon={DONE[row.state].icon}>{STEP_STATE_WORD[row.state]}</Badge>
        {row.page === null ? <Text as="span">{row.name}</Text> : <Link url={row.page}>{row.name}</Link>}
        <Text as="span" tone="subdued"><Time at={row.at} /></Text>
      </InlineStack>
      {words === null ? null : <Text as="p">{`${words.happened} ${words.todo}`}</Text>}
    </BlockStack>
  );
}

function Trigger({ trigger: { name, description, listening, lastSentAt } }: { trigger: FlowTriggerRow }) {
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm">{name}</Text>
        {listening === true ? <Badge tone="success" icon={CheckCircleIcon}>A workflow starts with it</Badge> : listening === false ? <Badge icon={MinusCircleIcon}>No workflow</Badge> : <Badge icon={QuestionCircleIcon}>Not known</Badge>}
      </InlineStack>
      <Text as="p">{description}</Text>
      <Text as="p" tone="subdued">{lastSentAt === null ? "Not sent lately." : <>Last sent <Time at={lastSentAt} />.</>}</Text>
    </BlockStack>
  );
}
