/** Erases somebody by id, without a request of the platform: what goes, from how many snapshots, and that it cannot be undone. */
import { Banner, BlockStack, Button, Card, EmptyState, List, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { ProblemModel } from "../models.ts";
import type { EraseModel } from "../models/privacy.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { IdentityForm } from "../parts/identity-form.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { SentCard } from "../parts/sent-card.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { isConfirmed, TypedConfirmation } from "../parts/typed-confirmation.tsx";
import { count } from "../wording/numbers.ts";
import { eraseLabel } from "../wording/privacy.ts";

export interface EraseActions {
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  readonly onErase: (o: { readonly id: string; readonly reason: string; readonly keys: OpenedKeys }) => void;
}

/** A customer's number, or a whole GID. */
export function wholeId(typed: string): string | null {
  const text = typed.trim();
  if (/^\d{1,20}$/.test(text)) return `gid://shopify/Customer/${text}`;
  return /^gid:\/\/shopify\/[A-Za-z]+\/[A-Za-z0-9?=&_-]{1,200}$/.test(text) ? text : null;
}

export function EraseScreen(props: { model: EraseModel } & EraseActions) {
  return <ClockProvider now={props.model.now}><Erase {...props} /></ClockProvider>;
}

function Erase({ model, ...actions }: { model: EraseModel } & EraseActions) {
  const { last } = model;
  return (
    <Page title="Erase a customer" backAction={{ content: "Privacy", url: "/app/requests" }}>
      <BlockStack gap="400">
        <FirstLine>{model.ready ? `Erases one customer from ${count(model.snapshots, "snapshot")}, for good.` : "There is no vault yet, so there is nothing to erase from."}</FirstLine>
        {actions.problem ? <ProblemBanner problem={actions.problem} what="Not erased" /> : null}
        {model.run ? <ProgressCard run={model.run} /> : null}
        {!model.run && last ? (last.code === "redaction.done" ? <Banner tone="success" title="Erased, with a certificate."><Text as="p">{"The last one ended "}<Time at={last.at} />{". "}<Button variant="plain" url="/app/requests/certificates">See the certificates</Button></Text></Banner> : <ProblemBanner problem={{ code: last.code, at: last.at }} what="The last one" />) : null}
        {model.keys ? <EraseForm model={model} keys={model.keys} {...actions} /> : model.problem ? <ProblemBanner problem={model.problem} what="The vault cannot be opened" /> : (
          <Card><EmptyState heading="Finish set-up first" image="" action={{ content: "Finish set-up", url: "/app/setup" }}><p>Snapshots are kept once there is a storage and a key.</p></EmptyState></Card>
        )}
      </BlockStack>
    </Page>
  );
}

function EraseForm({ model, keys, busy, onErase }: { model: EraseModel; keys: NonNullable<EraseModel["keys"]> } & EraseActions) {
  const [id, setId] = useState("");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState(false);
  const whole = wholeId(id);
  const word = whole === null ? "the number" : (/([^/]+)$/.exec(whole)?.[1] ?? "");
  const reasonWrong = reason.trim() === "" || reason.includes("@");
  const missing = (): string | null => {
    setAsked(true);
    return whole === null || reasonWrong || !isConfirmed(typed, word) ? "more" : null;
  };
  return (
    <>
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">{eraseLabel(1, model.snapshots)}</Text>
          <List>
            <List.Item>Goes: the customer with everything that belongs to them, and draft orders, checkouts, contracts and entries that name them, in every version.</List.Item>
            <List.Item>Stays: their orders, unless you erase those by their own ids. And your store: erase the customer there as well, or the next snapshot has them again.</List.Item>
          </List>
          <IdentityForm
            keys={keys}
            submit={eraseLabel(1, model.snapshots)}
            critical
            disabled={model.run !== null}
            busy={busy}
            opens={`This file opens the vault. ${count(keys.sealedKeys.length, "content key")} will be sent.`}
            missing={missing}
            onOpened={(opened) => onErase({ id: whole!, reason: reason.trim(), keys: opened })}
          >
            <TextField label="Customer" value={id} onChange={setId} autoComplete="off" helpText="The number at the end of the customer's address in the admin, or a whole id such as gid://shopify/Customer/123." error={asked && whole === null ? "Enter the customer's number, or a whole id." : undefined} />
            <TextField label="Reason" value={reason} onChange={setReason} autoComplete="off" maxLength={500} helpText="A case number, for the certificate and the log. No names: it is stored in clear." error={asked && reasonWrong ? "Write a case number, in one line without an @." : undefined} />
            {whole === null ? null : <TypedConfirmation word={word} typed={typed} onTyped={setTyped} asked={asked} />}
          </IdentityForm>
        </BlockStack>
      </Card>
      <SentCard keys={keys.sealedKeys.length} />
    </>
  );
}
