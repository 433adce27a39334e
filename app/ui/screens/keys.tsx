/** Recipients: who can open the backups, which key is due when, and changing it. */
import { Badge, BlockStack, Banner, Card, Checkbox, List, Page, Text, TextField } from "@shopify/polaris";
import { AlertTriangleIcon, ClockIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import type { PublicHalf } from "../browser/identity.ts";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { ProblemModel } from "../models.ts";
import type { KeysModel } from "../models/privacy.ts";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { IdentityForm } from "../parts/identity-form.tsx";
import { NewKey } from "../parts/new-key.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { RecipientPick } from "../parts/recipient-pick.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { count, number, shortId } from "../wording/numbers.ts";

export interface KeysActions {
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  /** Sentences of the planner, to the change that was asked for last. */
  readonly refusals: readonly string[];
  readonly onRotate: (o: { readonly add: readonly PublicHalf[]; readonly remove: readonly string[]; readonly reason: string; readonly keys: OpenedKeys }) => void;
}

export function KeysScreen(props: { model: KeysModel } & KeysActions) {
  return <ClockProvider now={props.model.now}><Keys {...props} /></ClockProvider>;
}

function Keys({ model, ...actions }: { model: KeysModel } & KeysActions) {
  const { last } = model;
  return (
    <Page title="Keys" backAction={{ content: "Settings", url: "/app/settings" }}>
      <BlockStack gap="400">
        <FirstLine>{answer(model)}</FirstLine>
        {actions.problem ? <ProblemBanner problem={actions.problem} what="Nothing was changed" /> : null}
        {model.problem ? <ProblemBanner problem={model.problem} what="The vault cannot be opened" /> : null}
        {model.run ? <ProgressCard run={model.run} /> : null}
        {!model.run && last ? (last.code === "keys.rotated" ? <Banner tone="success" title="The change is made: every key is wrapped anew."><Text as="p"><Time at={last.at} begins /></Text></Banner> : <ProblemBanner problem={{ code: last.code, at: last.at }} what="The last change" />) : null}
        {model.ready ? <Recipients model={model} /> : null}
        {model.due.length > 0 ? <DueCard model={model} /> : null}
        {model.keys ? <ChangeCard model={model} keys={model.keys} {...actions} /> : null}
        <OfficersCard />
      </BlockStack>
    </Page>
  );
}

function answer({ ready, recipients, due }: KeysModel): string {
  if (!ready) return "There is no vault yet, and no key.";
  const overdue = due.filter((item) => item.overdue);
  const open = count(recipients.length, "key opens the backups", "keys open the backups");
  return `${open}. ${overdue.length === 0 ? "Nothing is due." : `${count(overdue.length, "thing is", "things are")} due.`}`;
}

function Recipients({ model }: { model: KeysModel }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Who can open the backups</Text>
        <Text as="p" tone="subdued">Public halves of keys whose private halves you keep. We have never seen those.</Text>
        {model.recipients.map(({ keyId, algorithm, since, neededUntil }) => (
          <Facts key={keyId} facts={[{ name: "Key", value: <Code>{keyId}</Code> }, { name: "Kind", value: algorithm }, { name: "Since", value: <Time at={since} form="day" /> }, ...(neededUntil ? [{ name: "Alone opens what must be kept until", value: <Time at={neededUntil} form="day" /> }] : [])]} />
        ))}
      </BlockStack>
    </Card>
  );
}

function DueCard({ model }: { model: KeysModel }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What is due, by NIST SP 800-57</Text>
        <ul className="hf-holds">
          {model.due.map(({ at, overdue, what, key, why }) => (
            <li key={`${at} ${what} ${key ?? ""}`}>
              <BlockStack gap="100">
                <div><Badge tone={overdue ? "warning" : "info"} icon={overdue ? AlertTriangleIcon : ClockIcon}>{overdue ? "Due" : "Later"}</Badge></div>
                <Text as="p">{`${what.charAt(0).toUpperCase()}${what.slice(1)}${key === null ? "" : `: ${shortId(key)}`}, `}<Time at={at} form="day" /></Text>
                <Text as="p" tone="subdued">{`${why.charAt(0).toUpperCase()}${why.slice(1)}.`}</Text>
              </BlockStack>
            </li>
          ))}
        </ul>
        {model.refusals.length === 0 ? null : <Banner tone="warning" title="The plan for keys does not hold"><List>{model.refusals.map((sentence) => <List.Item key={sentence}>{sentence}</List.Item>)}</List></Banner>}
      </BlockStack>
    </Card>
  );
}

function ChangeCard({ model, keys, busy, refusals, onRotate }: { model: KeysModel; keys: NonNullable<KeysModel["keys"]> } & KeysActions) {
  const [adding, setAdding] = useState<readonly PublicHalf[]>([]);
  const [removing, setRemoving] = useState<readonly string[]>([]);
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const left = model.recipients.length - removing.length + adding.length;
  const nothing = adding.length === 0 && removing.length === 0;
  const problem = nothing ? "Add a key, or choose one to remove." : left === 0 ? "Nobody would be left who can open the backups. Add another key in the same step." : null;
  const missing = (): string | null => {
    setAsked(true);
    return problem;
  };
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Change who can open the backups</Text>
        <Text as="p">Every key of the vault is wrapped anew to the new recipients; no snapshot is rewritten. Removing a key does not unread what was read with it, nor close copies of the storage made before.</Text>
        {refusals.length === 0 ? null : <Banner tone="critical" title="The plan refuses this change"><List>{refusals.map((sentence) => <List.Item key={sentence}>{sentence}</List.Item>)}</List></Banner>}
        <BlockStack gap="200">
          <Text as="h3" variant="headingSm">Add a key that is made here</Text>
          <NewKey onKept={(half) => { if (half) setAdding((before) => [...before.filter(({ kid }) => kid !== half.kid), half]); }} />
        </BlockStack>
        <BlockStack gap="200">
          <Text as="h3" variant="headingSm">Or add one from a file</Text>
          <RecipientPick onPicked={(half) => setAdding((before) => [...before.filter(({ kid }) => kid !== half.kid), half])} />
        </BlockStack>
        <BlockStack gap="200">
          <Text as="h3" variant="headingSm">Remove</Text>
          {model.recipients.map(({ keyId }) => (
            <Checkbox key={keyId} label={`Remove ${shortId(keyId)}`} checked={removing.includes(keyId)} onChange={(checked) => setRemoving(checked ? [...removing, keyId] : removing.filter((other) => other !== keyId))} />
          ))}
        </BlockStack>
        <div role="status" aria-live="polite"><Text as="p">{nothing ? "No change chosen yet." : `${number(adding.length)} to add, ${number(removing.length)} to remove; ${count(left, "key")} will open the backups.`}</Text></div>
        <IdentityForm keys={keys} submit="Make the change" critical={removing.length > 0} disabled={model.run !== null} busy={busy} opens={`This file opens the vault. ${count(keys.sealedKeys.length, "key")} will be sent, to be wrapped anew.`} missing={missing} onOpened={(opened) => onRotate({ add: adding, remove: removing, reason: reason.trim(), keys: opened })}>
          <TextField label="Reason (optional)" value={reason} onChange={setReason} autoComplete="off" maxLength={500} helpText="For the log. No names of persons." error={reason.includes("@") ? "Write it in one line without an @." : undefined} />
          {asked && problem !== null ? <Banner tone="critical">{problem}</Banner> : null}
        </IdentityForm>
      </BlockStack>
    </Card>
  );
}

function OfficersCard() {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">If the one who has the key is not there</Text>
        <Text as="p">An identity can be split among officers: of five shares, any three open the backups, and two tell nothing at all (Shamir's scheme). Do it on a machine of yours, never here, because whoever splits it sees it whole:</Text>
        <Code>holdfast keys split --identity identity.jwk --shares 5 --threshold 3 --out shares</Code>
        <List>
          <List.Item>Give each officer one share, on paper or on a card of their own, and write down who has which.</List.Item>
          <List.Item>To use it, any three put theirs together with holdfast keys join, and choose the file that comes out here.</List.Item>
          <List.Item>Try it once a year: a drill with a joined identity proves that the shares are there.</List.Item>
        </List>
      </BlockStack>
    </Card>
  );
}
