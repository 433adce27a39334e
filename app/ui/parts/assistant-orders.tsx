/** What was done is recorded here, in its order; and where the order is another than the rule, the reason for it, and the second person's word. */
import { Banner, BlockStack, Button, Card, InlineStack, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { Act, AssistantRunModel, OrderModel } from "../models/assistant.ts";
import { ACT_WORDS, STATUS_WORDS } from "../wording/assistant.ts";
import { Time } from "./time.tsx";

export interface OrderActions {
  readonly onRecord: (act: Act) => void;
  readonly onAskWaiver: (rule: string, reason: string) => void;
  readonly onDecideWaiver: (asked: number, approved: boolean) => void;
  readonly busy: boolean;
}

/** What people do outside this app, and tell it. */
const RECORDABLE: readonly Act[] = ["contain", "verify", "failover", "notify"];

export function AssistantOrders({ model, ...actions }: { model: AssistantRunModel } & OrderActions) {
  const [explaining, setExplaining] = useState<string | null>(null);
  // Pressed once; what is recorded stays, so it takes a second press.
  const [pressed, setPressed] = useState<Act | null>(null);
  const barred = (act: Act): OrderModel | undefined => model.orders.find(({ then, waiver }) => then === act && waiver?.approved !== true);
  const order = model.orders.find(({ rule, waiver }) => rule === explaining || (waiver !== null && waiver.approved === null));
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Record what was done</Text>
        <Text as="p">The time and your account are kept with it. It cannot be taken back.</Text>
        <InlineStack gap="200">
          {RECORDABLE.map((act) => {
            const rule = barred(act);
            return <Button key={act} size="large" disabled={actions.busy} pressed={pressed === act} onClick={() => { setExplaining(rule?.rule ?? null); setPressed(rule === undefined && pressed !== act ? act : null); }}>{ACT_WORDS[act]}</Button>;
          })}
        </InlineStack>
        {pressed === null ? null : <div><Button variant="primary" size="large" loading={actions.busy} onClick={() => { actions.onRecord(pressed); setPressed(null); }}>{`Record it now: ${ACT_WORDS[pressed].toLowerCase()}`}</Button></div>}
        {order === undefined ? null : <Order key={order.rule} order={order} {...actions} />}
      </BlockStack>
    </Card>
  );
}

function Order({ order, onAskWaiver, onDecideWaiver, onRecord, busy }: { order: OrderModel } & OrderActions) {
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const { waiver } = order;
  const short = reason.trim().length < 20;
  if (waiver?.approved === true) return <Banner tone="warning" title="The reason was approved" action={{ content: ACT_WORDS[order.then], onAction: () => onRecord(order.then) }} />;
  return (
    <Banner tone="warning" title="Another step comes first">
      <BlockStack gap="300">
        <Text as="p">{order.says}</Text>
        <ul className="hf-list">{order.sources.map(({ cite, status }) => <li key={cite}>{`${cite} (${STATUS_WORDS[status]})`}</li>)}</ul>
        {waiver === null ? (
          <BlockStack gap="200">
            <TextField
              label="Why it cannot wait" value={reason} onChange={setReason} autoComplete="off" multiline={2} maxLength={500} showCharacterCount
              helpText="It goes into the log for years. No names, no numbers of records, no dates, no phone numbers: nothing about a person."
              {...(asked && short ? { error: "Say it in at least 20 characters." } : {})}
            />
            <div><Button loading={busy} onClick={() => (short ? setAsked(true) : onAskWaiver(order.rule, reason.trim()))}>Ask a second person</Button></div>
          </BlockStack>
        ) : (
          <BlockStack gap="200">
            <blockquote className="hf-quote"><Text as="p">{waiver.reason}</Text></blockquote>
            <Text as="p">{waiver.who}, <Time at={waiver.at} /></Text>
            {waiver.mine ? (
              <BlockStack gap="200"><Text as="p">A second person must approve it: an approver of the response team opens this page.</Text><div><Button disabled={busy} onClick={() => onDecideWaiver(waiver.n, false)}>Take it back</Button></div></BlockStack>
            ) : (
              <InlineStack gap="200"><Button variant="primary" loading={busy} onClick={() => onDecideWaiver(waiver.n, true)}>Approve the reason</Button><Button disabled={busy} onClick={() => onDecideWaiver(waiver.n, false)}>Refuse it</Button></InlineStack>
            )}
          </BlockStack>
        )}
      </BlockStack>
    </Banner>
  );
}
