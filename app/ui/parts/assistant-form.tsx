/** The one thing that is asked now, and the ways to answer it. Everything by keyboard; the answer that was given before somebody went back is filled in. */
import { Banner, BlockStack, Button, Checkbox, ChoiceList, InlineStack, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { Answer, AssistantRunModel, TreeNode } from "../models/assistant.ts";
import { ACT_PLACES, factWords, OFFER_WORDS, ROLE_WORDS, STATUS_WORDS } from "../wording/assistant.ts";
import { kindTitle } from "../wording/kinds.ts";
import { exact, relative } from "../wording/time.ts";
import { Facts } from "./facts.tsx";
import { Time, useClock } from "./time.tsx";

export interface AnswerActions {
  readonly onAnswer: (answer: Answer) => void;
  readonly onLook: () => void;
  /** Something is being sent. */
  readonly busy: boolean;
}

type NodeOf<K extends TreeNode["kind"]> = Extract<TreeNode, { kind: K }>;

export function AssistantForm({ model, ...actions }: { model: AssistantRunModel } & AnswerActions) {
  const { node } = model;
  return (
    <BlockStack gap="400">
      {node.help ? <Text as="p">{node.help}</Text> : null}
      <Figures node={node} />
      <Form model={model} {...actions} />
    </BlockStack>
  );
}

function Form({ model, ...actions }: { model: AssistantRunModel } & AnswerActions) {
  const { node } = model;
  switch (node.kind) {
    case "question":
      return <QuestionForm node={node} before={model.before} {...actions} />;
    case "moment":
      return <MomentForm node={node} before={model.before} {...actions} />;
    case "what":
      return <WhatForm node={node} model={model} {...actions} />;
    case "instruction":
      return <InstructionForm node={node} {...actions} />;
    case "check":
      return <CheckForm lookup={model.lookup} {...actions} />;
    default:
      return null;
  }
}

/** A number is said together with what makes it binding. */
function Figures({ node }: { node: TreeNode }) {
  const { figures = [] } = node;
  if (figures.length === 0) return null;
  return <ul className="hf-list hf-help">{figures.map(({ value, status, cite }) => <li key={value}>{`${value}: ${STATUS_WORDS[status]} (${cite})`}</li>)}</ul>;
}

function QuestionForm({ node, before, onAnswer, busy }: { node: NodeOf<"question">; before: Answer | null } & AnswerActions) {
  const [chosen, setChosen] = useState<string | null>(before?.kind === "choice" ? before.id : null);
  const [asked, setAsked] = useState(false);
  return (
    <BlockStack gap="400">
      <ChoiceList
        title={node.ask}
        titleHidden
        choices={node.answers.map(({ id, say, help }) => ({ value: id, label: say, ...(help === undefined ? {} : { helpText: help }) }))}
        selected={chosen === null ? [] : [chosen]}
        onChange={([id]) => setChosen(id ?? null)}
        {...(asked && chosen === null ? { error: "Choose one of the answers." } : {})}
      />
      <div><Button variant="primary" size="large" loading={busy} onClick={() => (chosen === null ? setAsked(true) : onAnswer({ kind: "choice", id: chosen }))}>Continue</Button></div>
    </BlockStack>
  );
}

/** In the person's own time; what is sent is UTC. Seconds count: the restore goes back to the one before. */
function MomentForm({ node, before, onAnswer, busy }: { node: NodeOf<"moment">; before: Answer | null } & AnswerActions) {
  const { now, zone } = useClock();
  const [typed, setTyped] = useState(before?.kind === "moment" && before.at !== null ? localInput(before.at) : "");
  const [asked, setAsked] = useState(false);
  const at = isoOf(typed);
  const fault = at === null ? "Give a day and a time." : at > now ? "That moment has not come yet." : null;
  return (
    <BlockStack gap="400">
      <TextField
        label="Day and time"
        type="datetime-local"
        step={1}
        value={typed}
        onChange={setTyped}
        autoComplete="off"
        helpText={at === null ? "In your own time zone." : `${relative(at, now)}: ${exact(at, zone)}`}
        {...(asked && fault !== null ? { error: fault } : {})}
      />
      <InlineStack gap="300">
        <Button variant="primary" size="large" loading={busy} onClick={() => (fault === null && at !== null ? onAnswer({ kind: "moment", at }) : setAsked(true))}>Continue</Button>
        <Button size="large" disabled={busy} onClick={() => onAnswer({ kind: "moment", at: null })}>{node.unknown.say}</Button>
      </InlineStack>
    </BlockStack>
  );
}

function localInput(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function isoOf(typed: string): string | null {
  const at = Date.parse(typed);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

type Offer = NodeOf<"what">["offers"][number];

function WhatForm({ node, model, onAnswer, busy }: { node: NodeOf<"what">; model: AssistantRunModel } & AnswerActions) {
  const said = model.before?.kind === "what" ? model.before.selection : null;
  const [offer, setOffer] = useState<Offer | null>(said?.what ?? (node.offers.length === 1 ? (node.offers[0] ?? null) : null));
  const [kinds, setKinds] = useState<readonly string[]>(said?.what === "kinds" ? said.kinds : []);
  const [namespace, setNamespace] = useState(said?.what === "namespace" ? said.namespace : (model.namespaces[0] ?? ""));
  const [ids, setIds] = useState(said?.what === "records" ? said.ids.join("\n") : "");
  const [asked, setAsked] = useState(false);
  const selection = selectionOf(offer, { kinds, namespace, ids });
  return (
    <BlockStack gap="400">
      {node.offers.length === 1 ? null : (
        <ChoiceList title={node.ask} titleHidden choices={node.offers.map((one) => ({ value: one, label: OFFER_WORDS[one].say, helpText: OFFER_WORDS[one].help }))} selected={offer === null ? [] : [offer]} onChange={([one]) => setOffer((one as Offer | undefined) ?? null)} {...(asked && offer === null ? { error: "Choose one of these." } : {})} />
      )}
      {offer === "kinds" ? (
        <fieldset className="hf-fieldset">
          <legend>Which kinds</legend>
          <BlockStack gap="100">{model.kinds.map((kind) => <Checkbox key={kind} label={kindTitle(kind)} checked={kinds.includes(kind)} onChange={(on) => setKinds(on ? [...kinds, kind] : kinds.filter((one) => one !== kind))} />)}</BlockStack>
          {asked && kinds.length === 0 ? <Text as="p" tone="critical">Choose at least one kind.</Text> : null}
        </fieldset>
      ) : null}
      {offer === "namespace" && model.namespaces.length > 0 ? <Select label="Whose fields" options={model.namespaces.map((one) => ({ value: one, label: one }))} value={namespace} onChange={setNamespace} helpText="As the app names them; the last snapshot found these." /> : null}
      {offer === "namespace" && model.namespaces.length === 0 ? <TextField label="Whose fields" value={namespace} onChange={setNamespace} autoComplete="off" helpText="The first part of the field's name, before the point." {...(asked && selection === null ? { error: "Letters, digits, _ and - only." } : {})} /> : null}
      {offer === "records" ? <TextField label="Ids, one on each line" value={ids} onChange={setIds} autoComplete="off" multiline={3} helpText="A customer's number as it stands in the admin's address, or the whole id: gid://shopify/Order/123. No names." {...(asked && selection === null ? { error: "At least one line must be an id, and none anything else. 100 at the most." } : {})} /> : null}
      <div><Button variant="primary" size="large" loading={busy} onClick={() => (selection === null ? setAsked(true) : onAnswer({ kind: "what", selection }))}>Continue</Button></div>
    </BlockStack>
  );
}

const GID = /^gid:\/\/shopify\/[A-Za-z]{1,64}\/[A-Za-z0-9_-]{1,64}$/;

/** Null: not enough was chosen yet. A bare number is a customer's. */
export function selectionOf(offer: Offer | null, { kinds, namespace, ids }: { readonly kinds: readonly string[]; readonly namespace: string; readonly ids: string }): Extract<Answer, { kind: "what" }>["selection"] | null {
  if (offer === "everything") return { what: "everything" };
  if (offer === "kinds") return kinds.length === 0 ? null : { what: "kinds", kinds: [...kinds] };
  if (offer === "namespace") return /^[A-Za-z0-9_$-]{1,255}$/.test(namespace) ? { what: "namespace", namespace } : null;
  if (offer !== "records") return null;
  const lines = [...new Set(ids.split(/[\s,;]+/).filter((line) => line !== "").map((line) => (/^\d+$/.test(line) ? `gid://shopify/Customer/${line}` : line)))];
  return lines.length > 0 && lines.length <= 100 && lines.every((line) => GID.test(line)) ? { what: "records", ids: lines } : null;
}

function InstructionForm({ node, onAnswer, busy }: { node: NodeOf<"instruction"> } & AnswerActions) {
  const place = node.act === undefined ? undefined : ACT_PLACES[node.act];
  return (
    <BlockStack gap="400">
      <Text as="p"><Text as="span" fontWeight="semibold">{ROLE_WORDS[node.who]}</Text>{node.minutes === undefined ? "" : `, about ${node.minutes} min`}</Text>
      <ol className="hf-list">{node.how.map((line) => <li key={line}>{line}</li>)}</ol>
      {node.built ? null : <Banner tone="info"><Text as="p">This app cannot do it yet. The steps above say how to do it by hand.</Text></Banner>}
      {place === undefined ? null : <div><Button url={place.url} size="large">{place.name}</Button></div>}
      <InlineStack gap="300">
        <Button variant="primary" size="large" loading={busy} onClick={() => onAnswer({ kind: "done" })}>{node.done.say}</Button>
        {node.cannot === undefined ? null : <Button size="large" disabled={busy} onClick={() => onAnswer({ kind: "cannot" })}>{node.cannot.say}</Button>}
      </InlineStack>
    </BlockStack>
  );
}

function CheckForm({ lookup, onAnswer, onLook, busy }: { lookup: AssistantRunModel["lookup"] } & AnswerActions) {
  if (lookup === null) return <div><Button variant="primary" size="large" loading={busy} onClick={onLook}>Look it up</Button></div>;
  return (
    <BlockStack gap="400">
      <Banner tone={lookup.outcome === "unknown" ? "warning" : "info"}><Text as="p" fontWeight="semibold">{lookup.say}</Text></Banner>
      <Found facts={lookup.facts} />
      <Text as="p" tone="subdued">Looked up <Time at={lookup.at} /></Text>
      <InlineStack gap="300">
        <Button variant="primary" size="large" loading={busy} onClick={() => onAnswer({ kind: "seen", lookup: lookup.n })}>Continue</Button>
        <Button size="large" disabled={busy} onClick={onLook}>Look again</Button>
      </InlineStack>
    </BlockStack>
  );
}

export function Found({ facts }: { facts: NonNullable<AssistantRunModel["lookup"]>["facts"] }) {
  if (facts.length === 0) return null;
  return <Facts facts={facts.map((one) => factWords(one)).map(({ name, value, time }) => ({ name, value: time ? <Time at={value} /> : value }))} />;
}
