/** One restore. Its question: what will change if I press this? */
import { Banner, BlockStack, Button, ButtonGroup, Card, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { ProblemModel } from "../models.ts";
import type { RestoreModel } from "../models/restore.ts";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { IdentityForm } from "../parts/identity-form.tsx";
import { Disclosure } from "../parts/into-another.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { RestoreFamilies, RestoreReport, type FamiliesProps } from "../parts/restore-families.tsx";
import { RestoreRights, type RightsProps } from "../parts/restore-rights.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { SentCard } from "../parts/sent-card.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { kindName } from "../wording/kinds.ts";
import { count, number } from "../wording/numbers.ts";
import { momentsTitle, reasonWords, restoreAnswer, selectionWords } from "../wording/restores.ts";
import { duration } from "../wording/time.ts";
import { RestoreBadge } from "./restores.tsx";

export interface RestoreActions extends Pick<FamiliesProps, "onDecide" | "onPage"> {
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  /** The keys that the browser opened; null: the host's own key service opens them. */
  readonly onKeys: (keys: OpenedKeys | null) => void;
  readonly onSubmit: () => void;
  readonly onApprove: (approve: boolean, remark: string) => void;
  readonly onControl: (what: "pause" | "resume" | "cancel") => void;
  /** From 1. */
  readonly onPart: (part: number) => void;
  readonly onReport: (format: "csv" | "json") => void;
  /** What the admin said when it was last asked for rights. */
  readonly rightsAnswer: RightsProps["answer"];
  readonly onRights: RightsProps["onAsk"];
  readonly onRightsBack: RightsProps["onGiveBack"];
}

export function RestoreScreen(props: { model: RestoreModel } & RestoreActions) {
  return <ClockProvider now={props.model.now}><Restore {...props} /></ClockProvider>;
}

function Restore({ model, ...actions }: { model: RestoreModel } & RestoreActions) {
  const { problem, onControl, busy } = actions;
  const live = model.state === "running" || model.state === "paused";
  const open = live || ["planning", "draft", "awaiting-approval", "approved"].includes(model.state);
  return (
    <Page title={selectionWords(model.selection)} backAction={{ content: "Restore", url: "/app/restore" }} {...(open && model.may.cancel ? { secondaryActions: [{ content: live ? "Stop this restore" : "Give this plan up", destructive: true, disabled: busy, onAction: () => onControl("cancel") }] } : {})}>
      <BlockStack gap="400">
        <FirstLine badge={<RestoreBadge state={model.state} size="large" />} below={<Text as="p">{"As it was "}<Time at={model.at} form="day" />{model.target === "This store" ? "." : `, into ${model.target}.`}{model.estimateMs !== null && model.estimateMs > 0 && open && model.state !== "planning" ? ` At ${model.disclosedTo === null ? "your" : "that"} store's rate limit it takes at most about ${duration(Math.max(1000, model.estimateMs))}.` : ""}</Text>}>
          {restoreAnswer(model)}
        </FirstLine>
        {problem ? <ProblemBanner problem={problem} what={model.state === "stale" ? "Out of date" : "Not done"} /> : null}
        {model.state === "stale" ? <div><Button url="/app/restore/new" variant="primary">Make a new plan</Button></div> : null}
        {model.disclosedTo === null ? null : <Disclosure shop={model.disclosedTo} over={["done", "failed"].includes(model.state)} />}
        {model.run ? <ProgressCard run={model.run} /> : null}
        {live ? <Controls model={model} {...actions} /> : null}
        <NextStep model={model} {...actions} />
        {model.run === null ? <RestoreRights model={model} busy={busy} answer={actions.rightsAnswer} onAsk={actions.onRights} onGiveBack={actions.onRightsBack} /> : null}
        {model.counts && model.state !== "planning" ? <Counts model={model} /> : null}
        {model.moments.length > 0 ? <Moments model={model} /> : null}
        {model.export !== null && model.export.parts > 0 ? <Parts keyId={model.export.keyId} parts={model.export.parts} onPart={actions.onPart} /> : null}
        <RestoreReport model={model} onPage={actions.onPage} onReport={actions.onReport} />
        {model.counts && model.state !== "planning" && model.report === null ? <RestoreFamilies model={model} busy={busy} onDecide={actions.onDecide} onPage={actions.onPage} /> : null}
        {model.losses.length > 0 ? <Losses model={model} /> : null}
        <People model={model} />
      </BlockStack>
    </Page>
  );
}

function Controls({ model, busy, onControl }: { model: RestoreModel } & RestoreActions) {
  if (!model.may.apply || model.run === null) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="p">{model.pauseAsked ? "It holds on between two steps. What has been put back stays." : "It can hold on between two steps at any time."}</Text>
        <ButtonGroup>{model.pauseAsked ? <Button variant="primary" loading={busy} onClick={() => onControl("resume")}>Go on</Button> : <Button loading={busy} onClick={() => onControl("pause")}>Pause</Button>}</ButtonGroup>
      </BlockStack>
    </Card>
  );
}

function NextStep({ model, busy, onKeys, onSubmit, onApprove }: { model: RestoreModel } & RestoreActions) {
  const { state, may, undecided, counts } = model;
  const changes = counts === null ? 0 : counts.create + counts.update + counts.remove;
  if (model.run !== null) return null;
  if (state === "planning") {
    if (model.waiting) return <Card><Text as="p">A snapshot of what your store has now is being taken. It is also the way back from this restore. You can close this page.</Text></Card>;
    return may.plan ? <WithKeys model={model} busy={busy} title="Open the copies" label="See what would change" onKeys={onKeys} /> : null;
  }
  if (state === "draft") {
    if (!may.plan) return null;
    return (
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Ask a second person</Text>
          <Text as="p">{changes === 0 ? "There is nothing to approve." : undecided > 0 ? `Decide about ${count(undecided, "conflict")} first, below.` : "Another approver sees exactly this plan, and approves or refuses it. The plan is sealed; whatever is changed afterwards needs a new approval."}</Text>
          <div><Button variant="primary" loading={busy} disabled={changes === 0 || undecided > 0} onClick={onSubmit}>Ask for approval</Button></div>
        </BlockStack>
      </Card>
    );
  }
  if (state === "awaiting-approval") return may.approve ? <Approval model={model} busy={busy} onApprove={onApprove} /> : <Banner tone="info">It takes an approver who had no hand in this plan. Send them this page's address; it shows their decision by itself.</Banner>;
  if (state === "approved" || state === "running" || state === "paused") {
    if (!may.apply || (model.rights?.missing?.length ?? 0) > 0) return null;
    return <WithKeys model={model} busy={busy} critical title={state === "approved" ? "Put the records back" : "Go on where it stopped"} label={state === "approved" ? applyLabel(model) : "Go on"} onKeys={onKeys} />;
  }
  return null;
}

function applyLabel({ counts, target, export: sealed }: RestoreModel): string {
  if (sealed !== null) return `Write ${count(counts?.create ?? 0, "record")} into ${target.charAt(0).toLowerCase()}${target.slice(1)}`;
  const changes = counts === null ? 0 : counts.create + counts.update + counts.remove;
  return `Change ${count(changes, "record")} in ${target === "This store" ? "this store" : target}`;
}

function WithKeys({ model, busy, title, label, critical = false, onKeys }: { model: RestoreModel; busy: boolean; title: string; label: string; critical?: boolean; onKeys: RestoreActions["onKeys"] }) {
  const { keys, keyService } = model;
  const [ownFile, setOwnFile] = useState(false);
  if (keys === null) return null;
  const byService = keyService === "opens" && !ownFile;
  return (
    <>
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">{title}</Text>
          {keyService === "away" ? <Banner tone="warning">Your key service does not answer, or does not open this vault. Go on with an identity file, or load this page again to ask the service anew.</Banner> : null}
          {byService ? (
            <>
              <Text as="p">Your key service opens the copies; no identity file is needed.</Text>
              <ButtonGroup>
                <Button variant="primary" {...(critical ? { tone: "critical" as const } : {})} loading={busy} onClick={() => onKeys(null)}>{label}</Button>
                <Button disabled={busy} onClick={() => setOwnFile(true)}>Use an identity file instead</Button>
              </ButtonGroup>
            </>
          ) : (
            <>
              <IdentityForm keys={keys} submit={label} critical={critical} busy={busy} opens={`This file opens what is needed. ${count(keys.sealedKeys.length, "content key")} will be sent.`} onOpened={(opened) => onKeys(opened)} />
              {keyService === "opens" ? <div><Button variant="plain" disabled={busy} onClick={() => setOwnFile(false)}>Use the key service after all</Button></div> : null}
            </>
          )}
        </BlockStack>
      </Card>
      {byService ? null : <SentCard keys={keys.sealedKeys.length} />}
    </>
  );
}

function Approval({ model, busy, onApprove }: { model: RestoreModel; busy: boolean; onApprove: RestoreActions["onApprove"] }) {
  const [remark, setRemark] = useState("");
  const [asked, setAsked] = useState(false);
  const wrong = /[@\p{Cc}]/u.test(remark);
  const decide = (approve: boolean): void => {
    setAsked(true);
    if (!wrong) onApprove(approve, remark.trim());
  };
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Approve or refuse</Text>
        <Text as="p">You approve exactly what is shown on this page. It is not begun by your approval; a responder starts it.</Text>
        <Facts facts={[...(model.export === null ? [] : [{ name: "Recipient's key", value: <Code>{model.export.keyId}</Code> }]), { name: "SHA-256 of the plan", value: <Code>{model.digest ?? ""}</Code> }]} />
        <TextField label="Remark" value={remark} onChange={setRemark} autoComplete="off" maxLength={500} helpText="One line, for the log. No names or addresses." error={asked && wrong ? "Write one line without an @." : undefined} />
        <ButtonGroup>
          <Button variant="primary" loading={busy} onClick={() => decide(true)}>{`Approve: ${applyLabel(model).toLowerCase()}`}</Button>
          <Button tone="critical" disabled={busy} onClick={() => decide(false)}>Refuse</Button>
        </ButtonGroup>
      </BlockStack>
    </Card>
  );
}

function Counts({ model }: { model: RestoreModel }) {
  if (model.kinds.length === 0) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">By kind</Text>
        <Scroll label="What would change, by kind">
          <table className="hf-table">
            <caption className="hf-unseen">What the plan would change, by kind of record</caption>
            <thead><tr><th scope="col">Kind</th><th scope="col" className="hf-figure">Put back</th><th scope="col" className="hf-figure">Re-created</th><th scope="col" className="hf-figure">Removed</th><th scope="col" className="hf-figure">Cannot come back</th><th scope="col" className="hf-figure">Erased for good</th></tr></thead>
            <tbody>
              {model.kinds.map(({ kind, update, create, remove, refuse, erased }) => (
                <tr key={kind}><th scope="row">{kindName(kind, 2).replace(/^./, (first) => first.toUpperCase())}</th><td className="hf-figure">{number(update)}</td><td className="hf-figure">{number(create)}</td><td className="hf-figure">{number(remove)}</td><td className="hf-figure">{number(refuse)}</td><td className="hf-figure">{number(erased)}</td></tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </BlockStack>
    </Card>
  );
}

/** What the recipient is given. Nobody else can open it. */
function Parts({ keyId, parts, onPart }: { keyId: string; parts: number; onPart: RestoreActions["onPart"] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">The export</Text>
        <Text as="p">{`Sealed to one key: whoever has its private half opens it with any program for JWE (RFC 7516), and finds one record a line. ${parts > 1 ? "Give them every part." : ""}`}</Text>
        <Facts facts={[{ name: "Recipient's key", value: <Code>{keyId}</Code> }]} />
        <ButtonGroup>{Array.from({ length: parts }, (_, n) => <Button key={n} onClick={() => onPart(n + 1)}>{parts === 1 ? "Download the export" : `Download part ${n + 1} of ${parts}`}</Button>)}</ButtonGroup>
      </BlockStack>
    </Card>
  );
}

/** Before anybody approves: of some kinds the chosen second is not known. */
function Moments({ model }: { model: RestoreModel }) {
  const over = ["done", "failed", "cancelled"].includes(model.state);
  return (
    <Banner tone="warning" title={momentsTitle(model.moments, over)}>
      <BlockStack gap="200">
        <Text as="p">Shopify tells nobody when these change, so only snapshots know them. Changes made between the snapshot and the moment you chose are not in the copy.</Text>
        <ul className="hf-list">{model.moments.map(({ kind, at }) => <li key={kind}>{`${kindName(kind, 2).replace(/^./, (first) => first.toUpperCase())}: as of `}<Time at={at} form="day" /></li>)}</ul>
      </BlockStack>
    </Banner>
  );
}

function Losses({ model }: { model: RestoreModel }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What cannot come back</Text>
        <Text as="p" tone="subdued">Shopify takes these from nobody, so no backup can put them back. The copy still has them.</Text>
        <Scroll label="What cannot come back">
          <table className="hf-table">
            <caption className="hf-unseen">Fields that cannot come back, with the reason</caption>
            <thead><tr><th scope="col">Field</th><th scope="col">Why</th><th scope="col" className="hf-figure">Records</th></tr></thead>
            <tbody>{model.losses.map(({ kind, field, reason, records }) => <tr key={`${kind} ${field} ${reason}`}><th scope="row">{`${kindName(kind, 1).replace(/^./, (first) => first.toUpperCase())}: ${field}`}</th><td>{reasonWords(reason)}</td><td className="hf-figure">{number(records)}</td></tr>)}</tbody>
          </table>
        </Scroll>
      </BlockStack>
    </Card>
  );
}

function People({ model }: { model: RestoreModel }) {
  const { people } = model;
  const facts = [
    { name: "Planned by", value: <>{people.createdBy}{", "}<Time at={people.createdAt} /></> },
    ...(people.submittedBy === null ? [] : [{ name: "Approval asked for by", value: people.submittedBy }]),
    ...(people.decidedBy === null ? [] : [{ name: model.state === "refused" ? "Refused by" : "Approved by", value: <>{people.decidedBy}{people.decidedAt === null ? null : <>{", "}<Time at={people.decidedAt} /></>}</> }]),
    ...(people.remark === null ? [] : [{ name: "Remark", value: people.remark }]),
    ...(people.appliedBy === null ? [] : [{ name: "Started by", value: <>{people.appliedBy}{people.startedAt === null ? null : <>{", "}<Time at={people.startedAt} /></>}</> }]),
    ...(people.finishedAt === null ? [] : [{ name: "Ended", value: <Time at={people.finishedAt} /> }]),
    ...(model.digest === null ? [] : [{ name: "SHA-256 of the plan", value: <Code>{model.digest}</Code> }]),
  ];
  return <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Who did what</Text><Facts facts={facts} /></BlockStack></Card>;
}
