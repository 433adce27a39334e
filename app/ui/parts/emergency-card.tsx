/** A snapshot at once, that waits for nothing and is held; and those that were asked for lately. */
import { BlockStack, Button, Card, FormLayout, InlineStack, Link, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { EmergencyRow } from "../models/recovery.ts";
import { errorWords } from "../wording/errors.ts";
import { EMERGENCY_STATES, REASONS } from "../wording/recovery.ts";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";

export function EmergencyCard({ rows, onEmergency, busy }: { rows: readonly EmergencyRow[]; onEmergency: (reason: string, incident: string) => void; busy: boolean }) {
  const [reason, setReason] = useState(REASONS[0]?.value ?? "incident");
  const [incident, setIncident] = useState("");
  // The same letters that the action takes; said here, before anything is sent.
  const fault = /^[A-Za-z0-9_-]*$/.test(incident.trim()) ? undefined : "Use letters, figures, - and _ only, as in 2026-014.";
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Something is wrong right now</Text>
        <Text as="p">An emergency snapshot starts within a minute, waits for nothing, and is held: with an incident until that is closed, without one for 72 hours.</Text>
        <FormLayout>
          <FormLayout.Group>
            <Select label="Why" options={[...REASONS]} value={reason} onChange={setReason} />
            <TextField label="Incident number (if there is one)" autoComplete="off" maxLength={64} value={incident} onChange={setIncident} error={fault} />
          </FormLayout.Group>
        </FormLayout>
        <InlineStack><Button variant="primary" tone="critical" loading={busy} disabled={fault !== undefined} onClick={() => onEmergency(reason, incident.trim())}>Take an emergency snapshot</Button></InlineStack>
        {rows.length > 0 ? (
          <Scroll label="Emergency snapshots">
            <table className="hf-table">
              <caption className="hf-unseen">Emergency snapshots, newest first</caption>
              <thead><tr><th scope="col">Asked for</th><th scope="col">Why</th><th scope="col">State</th><th scope="col">Held until</th></tr></thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <th scope="row">{row.snapshotId === null ? <Time at={row.requestedAt} begins /> : <Link url={`/app/snapshots/${row.snapshotId}`}><Time at={row.requestedAt} begins /></Link>}</th>
                    <td>{REASONS.find(({ value }) => value === row.reason)?.label ?? row.reason}</td>
                    <td>{EMERGENCY_STATES[row.state]}{row.state === "failed" && row.code !== null ? `: ${errorWords(row.code).happened}` : ""}</td>
                    <td><HeldUntil row={row} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        ) : null}
      </BlockStack>
    </Card>
  );
}

function HeldUntil({ row: { state, holdUntil, incident } }: { row: EmergencyRow }) {
  if (state === "failed") return <>–</>;
  if (holdUntil !== null) return <Time at={holdUntil} form="day" begins />;
  return <>{incident === null ? "72 hours after it is taken" : `Incident ${incident} is closed`}</>;
}
