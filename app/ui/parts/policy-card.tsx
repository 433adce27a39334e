/** A retention policy: how many of each period, what it would let go and why, and only then the button that does it. */
import { Banner, BlockStack, Button, ButtonGroup, Card, Checkbox, FormLayout, List, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { PruneDraft, RetentionModel } from "../models/privacy.ts";
import type { RetentionActions } from "../screens/retention.tsx";
import { count, number, size } from "../wording/numbers.ts";
import { EXPIRY_WHY, KEPT_WHY } from "../wording/privacy.ts";
import { Details } from "./details.tsx";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";
import { isConfirmed, TypedConfirmation } from "./typed-confirmation.tsx";

const FIELDS = [
  ["last", "The last", "snapshots, however close together"],
  ["hourly", "Hourly", "the newest of each of the last hours"],
  ["daily", "Daily", "the newest of each of the last days"],
  ["weekly", "Weekly", "the newest of each of the last weeks"],
  ["monthly", "Monthly", "the newest of each of the last months"],
  ["yearly", "Yearly", "the newest of each of the last years"],
] as const;
type Field = (typeof FIELDS)[number][0];
type Counts = Readonly<Record<Field, string>>;

const PROPOSED: Counts = { last: "3", hourly: "24", daily: "14", weekly: "8", monthly: "12", yearly: "7" };

/** "last=3,daily=7"; what is 0 or empty is left out. */
export function policyText(counts: Counts): string {
  return FIELDS.flatMap(([name]) => (Number(counts[name]) > 0 ? [`${name}=${Number(counts[name])}`] : [])).join(",");
}

export function countsOf(keep: string | undefined): Counts {
  if (keep === undefined) return PROPOSED;
  const parts = new Map(keep.split(",").map((part) => part.split("=") as [string, string]));
  return Object.fromEntries(FIELDS.map(([name]) => [name, parts.get(name) ?? "0"])) as Counts;
}

export function PolicyCard({ model, busy, draft, onDraft, onPrune, onSave }: { model: RetentionModel } & Pick<RetentionActions, "busy" | "draft" | "onDraft" | "onPrune" | "onSave">) {
  const [counts, setCounts] = useState(countsOf(model.policy?.keep));
  const [daily, setDaily] = useState(model.policy?.enabled ?? false);
  const keep = policyText(counts);
  const wrong = FIELDS.some(([name]) => !/^\d{0,6}$/.test(counts[name].trim()));
  const shown = draft !== null && draft.keep === keep ? draft : null;
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">What to keep</Text>
        <Text as="p" tone="subdued">{model.policy === null ? "A proposal; change it as you like. Nothing goes until you have seen what would go." : "The newest snapshot, the newest whole one, the one checked last, and held ones always stay."}</Text>
        <form noValidate onSubmit={(event) => { event.preventDefault(); if (!wrong && keep !== "") onDraft(keep); }}>
          <BlockStack gap="400">
            <FormLayout>
              <FormLayout.Group condensed>
                {FIELDS.map(([name, label, help]) => (
                  <TextField key={name} label={label} type="number" min={0} inputMode="numeric" autoComplete="off" value={counts[name]} onChange={(value) => setCounts({ ...counts, [name]: value })} helpText={help} error={/^\d{0,6}$/.test(counts[name].trim()) ? undefined : "Enter a whole number."} />
                ))}
              </FormLayout.Group>
            </FormLayout>
            <ButtonGroup>
              <Button submit variant="primary" loading={busy === "draft"} disabled={wrong || keep === ""}>Show what would go</Button>
            </ButtonGroup>
          </BlockStack>
        </form>
        <div role="status" aria-live="polite">{shown ? <DraftView draft={shown} model={model} busy={busy} onPrune={onPrune} /> : null}</div>
        <form noValidate onSubmit={(event) => { event.preventDefault(); if (!wrong && keep !== "") onSave(keep, daily); }}>
          <BlockStack gap="300">
            <Checkbox label="Let go once a day, by itself, what this policy does not keep" checked={daily} onChange={setDaily} helpText="Holds are respected each time, and each is in the log." />
            <div><Button submit loading={busy === "save"} disabled={wrong || keep === ""}>Save the policy</Button></div>
          </BlockStack>
        </form>
      </BlockStack>
    </Card>
  );
}

function DraftView({ draft, model, busy, onPrune }: { draft: PruneDraft; model: RetentionModel } & Pick<RetentionActions, "busy" | "onPrune">) {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState(false);
  const going = draft.expire.length;
  const word = String(going);
  return (
    <BlockStack gap="400">
      <Banner tone={going === 0 ? "success" : "warning"} title={going === 0 ? "Nothing would go." : `${count(going, "snapshot")} of ${number(model.snapshots)} would go, ${number(draft.kept.length)} would stay.`}>
        <List>
          {draft.freedNow + draft.freedLater === 0 ? null : <List.Item>{`${size(draft.freedNow + draft.freedLater)} would be freed${draft.freedLater > 0 ? ", after a day's grace, so that a snapshot under way stays whole" : ""}.`}</List.Item>}
          {draft.partlyDead.bytes === 0 ? null : <List.Item>{`${size(draft.partlyDead.bytes)} more lie in ${count(draft.partlyDead.packs, "pack")} that are needed in part, and stay with them.`}</List.Item>}
          {draft.youngerThanSixYears === 0 ? null : <List.Item>{`${count(draft.youngerThanSixYears, "is", "are")} younger than six years: HIPAA keeps documentation that long (45 CFR 164.316(b)(2)(i)), so see that none of it rests in snapshots alone.`}</List.Item>}
        </List>
      </Banner>
      {going === 0 ? null : (
        <>
          <Details title={`What would go, and why (${number(going)})`}>
            <Scroll label="Snapshots that would go">
              <table className="hf-table">
                <thead><tr><th scope="col">Snapshot</th><th scope="col">Why</th></tr></thead>
                <tbody>{draft.expire.map(({ id, takenAt, why }) => <tr key={id}><th scope="row"><Time at={takenAt} form="day" /></th><td>{EXPIRY_WHY[why] ?? why}</td></tr>)}</tbody>
              </table>
            </Scroll>
          </Details>
          <Details title={`What would stay, and why (${number(draft.kept.length)})`}>
            <Scroll label="Snapshots that would stay">
              <table className="hf-table">
                <thead><tr><th scope="col">Snapshot</th><th scope="col">Why</th></tr></thead>
                <tbody>{draft.kept.map(({ id, takenAt, reasons }) => <tr key={id}><th scope="row"><Time at={takenAt} form="day" /></th><td>{reasons.map(({ code, detail }) => (detail === undefined ? (KEPT_WHY[code] ?? code) : `${KEPT_WHY[code] ?? code} (${detail})`)).join(", ")}</td></tr>)}</tbody>
              </table>
            </Scroll>
          </Details>
          <form noValidate onSubmit={(event) => { event.preventDefault(); setAsked(true); if (isConfirmed(typed, word)) onPrune(draft.keep); }}>
            <BlockStack gap="400">
              <TypedConfirmation word={word} typed={typed} onTyped={setTyped} asked={asked} disabled={model.run !== null} />
              <div><Button submit variant="primary" tone="critical" loading={busy === "prune"} disabled={model.run !== null}>{`Let ${count(going, "snapshot")} go`}</Button></div>
            </BlockStack>
          </form>
        </>
      )}
    </BlockStack>
  );
}
