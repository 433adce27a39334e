/** Which other stores may put their records into this one: said here, for some days, and taken back here. */
import { Badge, Banner, BlockStack, Button, Card, InlineStack, List, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { ReceivingModel } from "../models/restore.ts";
import { count, list } from "../wording/numbers.ts";
import { domainOf } from "../wording/restores.ts";
import { scopeWords } from "../wording/scopes.ts";
import { Code } from "./facts.tsx";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";

export interface ReceivingProps {
  readonly model: ReceivingModel;
  readonly busy: boolean;
  readonly onInvite: (from: string, days: number) => void;
  readonly onWithdraw: (from: string) => void;
  /** What the admin said when it was last asked for rights. */
  readonly rightsAnswer: "declined" | "unavailable" | null;
  readonly onRights: (scopes: readonly string[]) => void;
  readonly onRightsBack: () => void;
}

export function ReceivingCard(props: ReceivingProps) {
  const { model, busy, onWithdraw } = props;
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Stores that may restore into this one</Text>
        <Text as="p" tone="subdued">Another store’s records, with health information among them, then come here under new ids, and everybody who works in this store can see them. What this store has of its own is not changed. Two people of that store still have to agree to each restore; both logs name it.</Text>
        {model.invitations.length === 0 ? <Text as="p">No other store may.</Text> : (
          <Scroll label="Stores that may restore into this one">
            <table className="hf-table">
              <caption className="hf-unseen">Stores whose records may be put into this one, and until when</caption>
              <thead><tr><th scope="col">Store</th><th scope="col">Until</th><th scope="col">Allowed by</th></tr></thead>
              <tbody>
                {model.invitations.map(({ from, until, over, by, plans }) => (
                  <tr key={from}>
                    <th scope="row">
                      <BlockStack gap="100" inlineAlign="start">
                        <Text as="span">{from}</Text>
                        {model.mayWithdraw ? <Button size="slim" disabled={busy} accessibilityLabel={over ? `Remove ${from} from the list` : `No longer allow ${from}`} onClick={() => onWithdraw(from)}>{over ? "Remove" : "No longer allow"}</Button> : null}
                      </BlockStack>
                    </th>
                    <td><Time at={until} form="day" begins /><Text as="p">{over ? <Badge>Over</Badge> : <Badge tone="attention">Allowed</Badge>}</Text>{!over && plans > 0 ? <Text as="p" tone="subdued">{`${count(plans, "plan")} open`}</Text> : null}</td>
                    <td>{by}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        <Rights {...props} />
        {model.mayInvite ? (model.ready ? <Invite {...props} /> : <Banner tone="info">Finish set-up first: without a vault there is no log that could say who allowed what.</Banner>) : <Text as="p" tone="subdued">Only an approver can allow a store.</Text>}
      </BlockStack>
    </Card>
  );
}

function Invite({ model, busy, onInvite }: ReceivingProps) {
  const [typed, setTyped] = useState("");
  const [days, setDays] = useState("7");
  const [asked, setAsked] = useState(false);
  const from = domainOf(typed);
  const fault = from === null ? "Enter the store’s own domain, as in example.myshopify.com." : from === model.shop ? "That is this store." : null;
  const send = (): void => {
    setAsked(true);
    if (fault !== null || from === null) return;
    onInvite(from, Number(days));
    setTyped("");
    setAsked(false);
  };
  return (
    <BlockStack gap="300">
      <Text as="h3" variant="headingSm">Allow a store</Text>
      <TextField label="Its own domain" value={typed} onChange={setTyped} autoComplete="off" maxLength={255} placeholder="example.myshopify.com" helpText="Its team finds it on the page where it plans the restore. The app has to be installed there as well." error={asked && fault !== null ? fault : undefined} />
      <Select label="For how long" value={days} onChange={setDays} options={[1, 3, 7, 14, 30].map((n) => ({ value: String(n), label: count(n, "day") }))} />
      <InlineStack><Button loading={busy} disabled={typed.trim() === ""} onClick={send}>Allow it to restore into this store</Button></InlineStack>
    </BlockStack>
  );
}

function Rights({ model: { rights }, busy, rightsAnswer, onRights, onRightsBack }: ReceivingProps) {
  if (rights === null) return null;
  return (
    <>
      {rights.missing === null ? <Banner tone="info">This store did not say what it lets the app write. Reload the page to ask again.</Banner> : null}
      {rights.missing !== null && rights.missing.length > 0 ? (
        <BlockStack gap="300">
          <Text as="h3" variant="headingSm">Let the app write what their plans take</Text>
          <Text as="p">Nothing is written here before this store grants it:</Text>
          <List>{rights.missing.map((scope) => <List.Item key={scope}>{scopeWords(scope)} <Code>{scope}</Code></List.Item>)}</List>
          {rightsAnswer === "declined" ? <Banner tone="warning">It was declined, so nothing may be written. You can ask again.</Banner> : null}
          {rightsAnswer === "unavailable" ? <Banner tone="warning">Your store’s admin did not ask. Open this page inside the admin, as somebody who may manage apps.</Banner> : null}
          <InlineStack><Button loading={busy} onClick={() => onRights(rights.missing!)}>Ask this store for it</Button></InlineStack>
        </BlockStack>
      ) : null}
      {rights.spare.length > 0 ? (
        <BlockStack gap="300">
          <Text as="h3" variant="headingSm">Give the right to write back</Text>
          <Text as="p">{`The app may still ${list(rights.spare.map(scopeWords))}. No plan needs it any more.`}</Text>
          <InlineStack><Button loading={busy} onClick={onRightsBack}>Give it back</Button></InlineStack>
        </BlockStack>
      ) : null}
    </>
  );
}
