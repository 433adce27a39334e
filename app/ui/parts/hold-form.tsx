/** Places a hold: on snapshots, or, with a basis in law, on what may be erased as well. */
import { BlockStack, Button, Card, Checkbox, ChoiceList, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { RetentionModel } from "../models/privacy.ts";
import { wholeId } from "../screens/erase.tsx";
import { exact } from "../wording/time.ts";

export interface HoldInput {
  readonly name: string;
  readonly reason: string;
  /** One id, or "all". */
  readonly snapshots: string;
  readonly legal?: { readonly basis: string; readonly citation: string; readonly until?: string; readonly persons: readonly string[] };
}

export function HoldForm({ recent, busy, onHold }: { recent: RetentionModel["recent"]; busy: boolean; onHold: (hold: HoldInput) => void }) {
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [snapshots, setSnapshots] = useState("all");
  const [legal, setLegal] = useState(false);
  const [basis, setBasis] = useState("");
  const [citation, setCitation] = useState("");
  const [until, setUntil] = useState("");
  const [whom, setWhom] = useState<"all" | "some">("all");
  const [persons, setPersons] = useState("");
  const [asked, setAsked] = useState(false);

  const ids = persons.split(/[\s,]+/).filter((text) => text !== "").map(wholeId);
  const nameWrong = !/^[\p{L}\p{N}][\p{L}\p{N} ._#/-]{0,63}$/u.test(name);
  const lineWrong = (text: string, least = 1): boolean => text.trim().length < least || text.includes("@");
  const personsWrong = legal && whom === "some" && (ids.length === 0 || ids.includes(null));
  const wrong = nameWrong || lineWrong(reason) || (legal && (lineWrong(basis, 3) || lineWrong(citation, 3) || personsWrong));

  const submit = (): void => {
    setAsked(true);
    if (wrong) return;
    onHold({
      name,
      reason: reason.trim(),
      snapshots,
      ...(legal ? { legal: { basis: basis.trim(), citation: citation.trim(), ...(until === "" ? {} : { until }), persons: whom === "all" ? [] : ids.filter((id) => id !== null) } } : {}),
    });
  };

  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Place a hold</Text>
        <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
          <BlockStack gap="400">
            <TextField label="Name" value={name} onChange={setName} autoComplete="off" maxLength={64} helpText="What to call it: “incident 7”, “case 2026/14”." error={asked && nameWrong ? "Use 1 to 64 letters, digits, spaces and ._#/-." : undefined} />
            <TextField label="Reason" value={reason} onChange={setReason} autoComplete="off" maxLength={500} helpText="For the log; stored in clear. No names of persons." error={asked && lineWrong(reason) ? "Write why, in one line without an @." : undefined} />
            <Select label="Snapshots" options={[{ value: "all", label: "All, those to come included" }, ...recent.map(({ id, takenAt }) => ({ value: id, label: exact(takenAt, "UTC") }))]} value={snapshots} onChange={setSnapshots} />
            <Checkbox label="It is a legal hold: it bars erasures, too" checked={legal} onChange={setLegal} helpText="An erasure that Shopify passes on is then answered with this hold instead of being carried out." />
            {legal ? (
              <>
                <TextField label="Basis" value={basis} onChange={setBasis} autoComplete="off" maxLength={200} helpText="Why the law bids to keep these records: “litigation”, “duty to retain medical records”." error={asked && lineWrong(basis, 3) ? "Name the basis, in one line without an @." : undefined} />
                <TextField label="Where it is written" value={citation} onChange={setCitation} autoComplete="off" maxLength={300} helpText="A statute's section, or a court's file number." error={asked && lineWrong(citation, 3) ? "Name the statute or the file, in one line without an @." : undefined} />
                <TextField label="Ends for erasures on (optional)" type="date" value={until} onChange={setUntil} autoComplete="off" helpText="From that day on erasures are due again. Snapshots stay held until you release it." />
                <ChoiceList title="Whom it is about" choices={[{ label: "Everybody", value: "all" }, { label: "Some customers", value: "some" }]} selected={[whom]} onChange={([value]) => setWhom(value === "some" ? "some" : "all")} />
                {whom === "some" ? <TextField label="Customers" value={persons} onChange={setPersons} autoComplete="off" multiline={3} helpText="Their numbers or whole ids, with spaces between. Kept as keyed hashes: nobody who reads the storage learns who they are." error={asked && personsWrong ? "Enter the customers' numbers, or whole ids." : undefined} /> : null}
              </>
            ) : null}
            <div><Button submit loading={busy}>{legal ? "Place the legal hold" : "Place the hold"}</Button></div>
          </BlockStack>
        </form>
      </BlockStack>
    </Card>
  );
}
