/** A new restore: which moment, and what of it should be as it was then. Nothing changes here: a plan is made first. */
import { Banner, BlockStack, Button, Card, ChoiceList, EmptyState, InlineStack, Page, Select, Tag, Text, TextField } from "@shopify/polaris";
import { useEffect, useState } from "react";
import type { PublicHalf } from "../browser/identity.ts";
import type { ProblemModel } from "../models.ts";
import type { RestoreNewModel, SelectionModel } from "../models/restore.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { IntoAnother } from "../parts/into-another.tsx";
import { RecipientPick } from "../parts/recipient-pick.tsx";
import { RecordSearch } from "../parts/record-search.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import type { FindConnection } from "../parts/use-find.ts";
import { kindName } from "../wording/kinds.ts";
import { number } from "../wording/numbers.ts";
import { intoHelp } from "../wording/restores.ts";
import { exact } from "../wording/time.ts";
import { NotAResponder } from "./restores.tsx";

export interface AskedRestore {
  readonly at: string;
  readonly selection: SelectionModel;
  readonly rule: "ask" | "overwrite" | "keep";
  readonly extras: "keep" | "remove";
  readonly sandbox: boolean;
  /** Another store, instead of into this one. */
  readonly shop: string | null;
  /** For a named recipient, instead of into a shop. */
  readonly export: { readonly kind: "export"; readonly name: string; readonly recipient: { readonly keyId: string; readonly jwk: Pick<PublicHalf, "kty" | "crv" | "x" | "y"> } } | null;
  readonly from: string | null;
}

export interface RestoreNewActions {
  readonly find: FindConnection;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  readonly onPlan: (asked: AskedRestore) => void;
}

export function RestoreNewScreen(props: { model: RestoreNewModel } & RestoreNewActions) {
  return <ClockProvider now={props.model.now}><RestoreNew {...props} /></ClockProvider>;
}

function RestoreNew({ model, ...actions }: { model: RestoreNewModel } & RestoreNewActions) {
  return (
    <Page title="Plan a restore" backAction={{ content: "Restore", url: "/app/restore" }}>
      <BlockStack gap="400">
        {model.first === null ? (
          <Card><EmptyState heading="First a snapshot" image="" action={model.ready ? { content: "Go to the overview", url: "/app" } : { content: "Finish set-up", url: "/app/setup" }}><p>There is nothing to restore from before the first snapshot.</p></EmptyState></Card>
        ) : (
          <>
            <FirstLine>Nothing changes yet. First you see what would, record by record; then a second person approves it.</FirstLine>
            {actions.problem ? <ProblemBanner problem={actions.problem} what="No plan was made" /> : null}
            {model.mayPlan ? <Form model={model} first={model.first} {...actions} /> : <NotAResponder />}
          </>
        )}
      </BlockStack>
    </Page>
  );
}

const SCOPES = [
  { value: "everything", label: "Everything", helpText: "All that differs from then, of every kind." },
  { value: "kinds", label: "Some kinds", helpText: "All customers, all orders …" },
  { value: "namespace", label: "One app's metafields", helpText: "All metafields of one namespace; other fields stay as they are." },
  { value: "person", label: "One customer with all that belongs to them", helpText: "The customer, their orders and drafts, and whatever else names them." },
  { value: "records", label: "Single records", helpText: "Each with what belongs to it." },
  { value: "field", label: "One field of one record", helpText: "The rest of the record stays as it is." },
];

/** A whole GID; a customer's number is taken as one where a customer is asked for. */
export function gidOf(typed: string, person: boolean): string | null {
  const text = typed.trim();
  if (person && /^\d{1,20}$/.test(text)) return `gid://shopify/Customer/${text}`;
  return /^gid:\/\/shopify\/[A-Za-z]+\/[A-Za-z0-9?=&_.-]{1,200}$/.test(text) && (!person || text.startsWith("gid://shopify/Customer/")) ? text : null;
}

function Form({ model, first, find, busy, onPlan }: { model: RestoreNewModel; first: string } & RestoreNewActions) {
  const { zone } = useClock();
  const given = model.from?.selection;
  const [point, setPoint] = useState(model.from?.at ? "time" : "0");
  const [typed, setTyped] = useState("");
  const [scope, setScope] = useState<SelectionModel["scope"]>(given?.scope ?? "everything");
  const [kinds, setKinds] = useState<string[]>(given?.scope === "kinds" ? [...given.kinds] : []);
  const [namespace, setNamespace] = useState(given?.scope === "namespace" ? given.namespace : (model.namespaces[0] ?? ""));
  const [ids, setIds] = useState<readonly string[]>(given !== undefined && "ids" in given ? given.ids : []);
  const [typedId, setTypedId] = useState("");
  const [field, setField] = useState(given?.scope === "field" ? given.field : "");
  const [rule, setRule] = useState<AskedRestore["rule"]>(model.from?.rule ?? "ask");
  const [extras, setExtras] = useState<AskedRestore["extras"]>(model.from?.extras ?? "keep");
  const [into, setInto] = useState("same");
  const [half, setHalf] = useState<PublicHalf | null>(null);
  const [name, setName] = useState("");
  const receiver = model.receivers.find(({ shop }) => into === `shop:${shop}`);
  const partElsewhere = receiver !== undefined && (scope === "namespace" || scope === "field");
  const nameWrong = !/^[^\p{Cc}@]{1,64}$/u.test(name.trim());
  const [asked, setAsked] = useState(false);
  const byIds = scope === "person" || scope === "records" || scope === "field";
  const [searching, setSearching] = useState(false);
  // The picker shows the reader's own time, which is known in the browser only.
  useEffect(() => {
    if (model.from?.at) setTyped(localOf(model.from.at));
  }, [model.from?.at]);

  const at = point === "time" ? isoOf(typed) : (model.points[Number(point)]?.at ?? null);
  const momentWrong = at === null || at < first || at > model.now;
  const add = (text: string): boolean => {
    const id = gidOf(text, scope === "person");
    if (id === null) return false;
    setIds((before) => (scope === "field" ? [id] : [...new Set([...before, id])]));
    return true;
  };
  const selection = ((): SelectionModel | null => {
    switch (scope) {
      case "everything":
        return { scope };
      case "kinds":
        return kinds.length === 0 ? null : { scope, kinds };
      case "namespace":
        return namespace.trim() === "" ? null : { scope, namespace: namespace.trim() };
      case "field":
        return ids.length !== 1 || field.trim() === "" ? null : { scope, ids: [ids[0]!], field: field.trim() };
      default:
        return ids.length === 0 ? null : { scope, ids };
    }
  })();
  const submit = (): void => {
    setAsked(true);
    if (momentWrong || selection === null || partElsewhere || (into === "export" && (half === null || nameWrong))) return;
    const sealed = into === "export" && half !== null ? { kind: "export" as const, name: name.trim(), recipient: { keyId: half.kid, jwk: { kty: half.kty, crv: half.crv, x: half.x, y: half.y } } } : null;
    onPlan({ at, selection, rule, extras, sandbox: into === "sandbox", shop: receiver?.shop ?? null, export: sealed, from: model.from?.run ?? null });
  };
  return (
    <>
      {model.from ? <Banner tone="info">Filled in from the questions you answered. Look it over; nothing changes before a second person approves.</Banner> : null}
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">As it was when?</Text>
          <Select label="Recovery point" value={point} onChange={setPoint} options={[{ value: "time", label: "A second that I choose" }, ...model.points.map((one, n) => ({ value: String(n), label: `${exact(one.at, zone)}: ${number(one.records)} records${one.complete ? "" : ", with gaps"}` }))]} helpText="Between snapshots, changes are kept as they happen, so any second can be chosen. Of what Shopify tells nothing about (files, articles, gift cards and others) only snapshots know; the plan names each kind that goes back to one instead." />
          {point === "time" ? (
            <TextField label="Date and time" type="datetime-local" step={1} value={typed} onChange={setTyped} autoComplete="off" min={localOf(first)} max={localOf(model.now)} helpText={`In your time zone (${zone}), to the second. Choose the last second in which everything was right.`} error={asked && momentWrong ? "Choose a moment between the first snapshot and now." : undefined} />
          ) : null}
          {at !== null && !momentWrong ? <Text as="p" tone="subdued">{"That was "}<Time at={at} />{"."}</Text> : null}
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">What should be as it was?</Text>
          <ChoiceList title="What should be as it was?" titleHidden choices={SCOPES} selected={[scope]} onChange={([chosen]) => { setScope(chosen as SelectionModel["scope"]); setIds([]); setAsked(false); }} />
          {scope === "kinds" ? <ChoiceList allowMultiple title="Kinds" choices={model.kinds.map((kind) => ({ value: kind, label: capital(kindName(kind, 2)) }))} selected={kinds} onChange={setKinds} {...(asked && kinds.length === 0 ? { error: "Choose at least one." } : {})} /> : null}
          {scope === "namespace" ? (
            model.namespaces.length > 0
              ? <Select label="Namespace" options={[...model.namespaces]} value={namespace} onChange={setNamespace} />
              : <TextField label="Namespace" value={namespace} onChange={setNamespace} autoComplete="off" error={asked && namespace.trim() === "" ? "Enter the namespace." : undefined} />
          ) : null}
          {byIds ? (
            <BlockStack gap="300">
              {ids.length > 0 ? <InlineStack gap="200">{ids.map((id) => <Tag key={id} onRemove={() => setIds(ids.filter((other) => other !== id))}>{id}</Tag>)}</InlineStack> : null}
              <TextField label={scope === "person" ? "Customer's number or id" : "Record's id"} value={typedId} onChange={setTypedId} autoComplete="off" placeholder={scope === "person" ? "1234567890" : "gid://shopify/Customer/1234567890"} error={asked && ids.length === 0 ? "Add a record first." : undefined} connectedRight={<Button disabled={gidOf(typedId, scope === "person") === null} onClick={() => { if (add(typedId)) setTypedId(""); }}>Add</Button>} helpText="Or find it by e-mail, phone, name or order number below." />
              {scope === "field" ? <TextField label="Field" value={field} onChange={setField} autoComplete="off" placeholder="note, or metafield:namespace.key" error={asked && field.trim() === "" ? "Enter the field's name." : undefined} /> : null}
              {searching ? null : <div><Button onClick={() => { find.load(); setSearching(true); }}>Find a record</Button></div>}
            </BlockStack>
          ) : null}
        </BlockStack>
      </Card>
      {byIds && searching ? <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Find a record</Text><RecordSearch material={find.material} busy={find.busy} answer={find.answer} onFind={find.find} pick="Choose" onPick={(found) => add(found.id)} /></BlockStack></Card> : null}
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">What counts when both have changed?</Text>
          <ChoiceList title="Records that somebody worked on since" selected={[rule]} onChange={([chosen]) => setRule(chosen as AskedRestore["rule"])} choices={[{ value: "ask", label: "Ask me about each of them" }, { value: "overwrite", label: "Put them back all the same" }, { value: "keep", label: "Keep them as they are now" }]} />
          <ChoiceList title="What is new since" selected={[extras]} onChange={([chosen]) => setExtras(chosen as AskedRestore["extras"])} choices={[{ value: "keep", label: "Stays" }, { value: "remove", label: "Is removed", helpText: "Records and fields that did not exist then." }]} />
          <Select label="Into" value={into} onChange={setInto} options={[{ value: "same", label: "This store" }, ...model.receivers.map(({ shop }) => ({ value: `shop:${shop}`, label: `Another store: ${shop}` })), { value: "sandbox", label: "A fresh sandbox shop, to try it" }, { value: "export", label: "An encrypted export for somebody" }]} helpText={receiver === undefined ? intoHelp(model.shop, model.receivers.length) : undefined} />
          {receiver === undefined ? null : <IntoAnother receiver={receiver} />}
          {asked && partElsewhere ? <Text as="p" tone="critical">Another store takes whole records only. Choose something else above, or another place.</Text> : null}
          {into === "export" ? (
            <BlockStack gap="300">
              <TextField label="Who it is for" value={name} onChange={setName} autoComplete="off" maxLength={64} helpText="As you and the approver know them. No e-mail address." error={asked && nameWrong ? "Enter a name, without an @." : undefined} />
              {half === null ? <RecipientPick onPicked={setHalf} /> : <InlineStack gap="200" blockAlign="center"><Tag onRemove={() => setHalf(null)}>{half.kid}</Tag></InlineStack>}
              {asked && half === null ? <Text as="p" tone="critical">Choose their recipient file first.</Text> : null}
            </BlockStack>
          ) : null}
        </BlockStack>
      </Card>
      <InlineStack><Button variant="primary" loading={busy} onClick={submit}>See what would change</Button></InlineStack>
    </>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "2026-11-22T14:03:11" of the reader's own clock, as the picker writes it. */
function localOf(iso: string): string {
  const date = new Date(iso);
  const pad = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** The end of that second: what happened in it still counts. */
function isoOf(local: string): string | null {
  const date = new Date(/T\d\d:\d\d$/.test(local) ? `${local}:00` : local);
  return Number.isNaN(date.getTime()) ? null : new Date(date.getTime() + 999).toISOString();
}
