/** Holds in force: what each keeps, by what right, and its release, which needs a reason. */
import { Badge, BlockStack, Button, Card, Text, TextField } from "@shopify/polaris";
import { LockIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import type { HoldRow } from "../models/privacy.ts";
import { count } from "../wording/numbers.ts";
import { Facts } from "./facts.tsx";
import { Time, useClock } from "./time.tsx";

export function HoldList({ holds, busy, onRelease }: { holds: readonly HoldRow[]; busy: boolean; onRelease: (hold: string, reason: string) => void }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Holds in force</Text>
        {holds.length === 0 ? <Text as="p" tone="subdued">None. A hold keeps snapshots from every prune until somebody releases it.</Text> : (
          <ul className="hf-holds">{holds.map((hold) => <li key={hold.id}><Held hold={hold} busy={busy} onRelease={onRelease} /></li>)}</ul>
        )}
      </BlockStack>
    </Card>
  );
}

function Held({ hold, busy, onRelease }: { hold: HoldRow; busy: boolean; onRelease: (hold: string, reason: string) => void }) {
  const { now } = useClock();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const { legal } = hold;
  const wrong = reason.trim() === "" || reason.includes("@");
  const past = legal?.until !== undefined && Date.parse(legal.until) < Date.parse(now);
  return (
    <BlockStack gap="300">
      <BlockStack gap="100">
        <Text as="h3" variant="headingSm">{hold.name}</Text>
        {legal ? <div><Badge tone={past ? "warning" : "info"} icon={LockIcon}>{past ? "Legal hold, past its date" : "Legal hold"}</Badge></div> : null}
      </BlockStack>
      <Facts facts={[
        { name: "Keeps", value: hold.snapshots === "all" ? "Every snapshot, those to come included" : count(hold.snapshots, "snapshot") },
        ...(legal ? [{ name: "No erasure of", value: legal.persons === "all" ? "Anybody" : count(legal.persons, "person") }, { name: "Basis", value: legal.basis }, { name: "Where it is written", value: legal.citation }, { name: "Ends for erasures", value: legal.until ? <Time at={legal.until} form="day" /> : "With its release" }] : []),
        { name: "Reason", value: hold.reason },
        { name: "Since", value: <Time at={hold.at} /> },
      ]} />
      {open ? (
        <form noValidate onSubmit={(event) => { event.preventDefault(); setAsked(true); if (!wrong) onRelease(hold.id, reason.trim()); }}>
          <BlockStack gap="300">
            <TextField label={`Why is “${hold.name}” released?`} value={reason} onChange={setReason} autoComplete="off" maxLength={500} helpText="For the log. No names of persons." error={asked && wrong ? "Write why, in one line without an @." : undefined} />
            <div><Button submit tone="critical" loading={busy}>{`Release ${hold.name}`}</Button></div>
          </BlockStack>
        </form>
      ) : <div><Button onClick={() => setOpen(true)} accessibilityLabel={`Release ${hold.name}`}>Release</Button></div>}
    </BlockStack>
  );
}
