/** A snapshot at once, that waits for nothing and is held; those that were asked for lately; and the end of what they are held for. */
import { BlockStack, Button, Card, FormLayout, InlineStack, Link, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { EmergencyRow, RecoveryPointsModel } from "../models/recovery.ts";
import { errorWords } from "../wording/errors.ts";
import { EMERGENCY_STATES, REASONS } from "../wording/recovery.ts";
import { dayAndTime } from "../wording/time.ts";
import { Scroll } from "./scroll.tsx";
import { Time, useClock } from "./time.tsx";

export interface AskedEmergency {
  readonly reason: string;
  /** Empty: none. Never both. */
  readonly incident: string;
  readonly assistantRun: string;
}

export interface EmergencyActions {
  readonly onEmergency: (asked: AskedEmergency) => void;
  readonly onCloseIncident: (incident: string) => void;
  readonly busy: boolean;
}

const FOR_HOURS = "";
const ELSEWHERE = "incident";

export function EmergencyCard({ rows, openRuns, onEmergency, onCloseIncident, busy }: { rows: readonly EmergencyRow[]; openRuns: RecoveryPointsModel["openRuns"] } & EmergencyActions) {
  const { now, zone } = useClock();
  const [reason, setReason] = useState(REASONS[0]?.value ?? "incident");
  const [held, setHeld] = useState(openRuns[0] === undefined ? FOR_HOURS : `run:${openRuns[0].id}`);
  const [incident, setIncident] = useState("");
  // The same letters that the action takes; said here, before anything is sent.
  const fault = held === ELSEWHERE && !/^(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9_-]*$/.test(incident.trim()) ? "Letters, figures, - and _ only, and no date: 2026-014." : undefined;
  const options = [
    ...openRuns.map(({ id, title, startedAt }) => ({ value: `run:${id}`, label: `This run of the assistant ends: ${title}, started ${dayAndTime(startedAt, now, zone)}` })),
    { value: FOR_HOURS, label: "72 hours are over" },
    { value: ELSEWHERE, label: "I close an incident that has its number elsewhere" },
  ];
  const ask = (): void => onEmergency({ reason, incident: held === ELSEWHERE ? incident.trim() : "", assistantRun: held.startsWith("run:") ? held.slice(4) : "" });
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Something is wrong right now</Text>
        <Text as="p">An emergency snapshot starts within a minute, waits for nothing, and is held until what you choose here: no rule removes it before.</Text>
        <FormLayout>
          <Select label="Why" options={[...REASONS]} value={reason} onChange={setReason} />
          <Select label="Hold it until" options={options} value={held} onChange={setHeld} helpText={held.startsWith("run:") ? "It stands in that run's timeline, too." : undefined} />
          {held === ELSEWHERE ? <TextField label="Incident number" autoComplete="off" maxLength={64} value={incident} onChange={setIncident} error={incident === "" ? undefined : fault} helpText="It is held until you press Close incident here; Holdfast does not ask the other system." /> : null}
        </FormLayout>
        <InlineStack><Button variant="primary" tone="critical" loading={busy} disabled={fault !== undefined} onClick={ask}>Take an emergency snapshot</Button></InlineStack>
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
                    <td><HeldUntil row={row} onCloseIncident={onCloseIncident} busy={busy} /></td>
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

function HeldUntil({ row: { state, holdUntil, incident, assistantRun }, onCloseIncident, busy }: { row: EmergencyRow } & Pick<EmergencyActions, "onCloseIncident" | "busy">) {
  if (state === "failed") return <>–</>;
  if (assistantRun !== null) return <><Link url={`/app/assistant/${assistantRun}`}>Its run of the assistant</Link>{state === "released" ? " ended" : " ends"}</>;
  if (incident !== null) {
    if (state === "released" || holdUntil !== null) return <>{`Incident ${incident} was closed`}</>;
    return <InlineStack gap="200" blockAlign="center"><span>{`You close incident ${incident}`}</span><Button size="slim" disabled={busy} accessibilityLabel={`Close incident ${incident}`} onClick={() => onCloseIncident(incident)}>Close incident</Button></InlineStack>;
  }
  return holdUntil === null ? <>72 hours after it was asked for</> : <Time at={holdUntil} form="day" begins />;
}
