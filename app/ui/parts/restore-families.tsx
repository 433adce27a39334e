/** What a plan says of each record: names of fields, never values. Conflicts are decided here, one by one. */
import { Badge, BlockStack, Button, ButtonGroup, Card, InlineStack, Select, Text } from "@shopify/polaris";
import type { FamilyModel, ReportLineModel, RestoreModel } from "../models/restore.ts";
import { kindName } from "../wording/kinds.ts";
import { count, list, number } from "../wording/numbers.ts";
import { ACTION_WORD, CONFLICT_WORD, OUTCOME_WORD, reasonWords } from "../wording/restores.ts";
import { Code } from "./facts.tsx";
import { Scroll } from "./scroll.tsx";

export interface FamiliesProps {
  readonly model: RestoreModel;
  readonly busy: boolean;
  readonly onDecide: (rule: RestoreModel["rule"], decisions: readonly { readonly kind: string; readonly id: string; readonly decision: "overwrite" | "keep" | null }[]) => void;
  readonly onPage: (page: number, onlyConflicts: boolean) => void;
}

export function RestoreFamilies({ model, busy, onDecide, onPage }: FamiliesProps) {
  const { families, page, more, onlyConflicts } = model;
  const conflicts = model.editedSince + model.reCreated;
  const deciding = model.state === "draft" && model.may.plan;
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">Record by record</Text>
          {conflicts > 0 ? <Button pressed={onlyConflicts} onClick={() => onPage(0, !onlyConflicts)}>{`Only the ${count(conflicts, "conflict")}`}</Button> : null}
        </InlineStack>
        {conflicts > 0 && deciding ? (
          <Select label="Rule for conflicts" value={model.rule} disabled={busy} onChange={(rule) => onDecide(rule as RestoreModel["rule"], [])} options={[{ value: "ask", label: "Decide about each of them" }, { value: "overwrite", label: "Put them back all the same" }, { value: "keep", label: "Keep them as they are now" }]} helpText="What you decide for a single record counts before the rule." />
        ) : null}
        {families.length === 0 ? <Text as="p" tone="subdued">{onlyConflicts ? "No conflicts on this page." : "No record would be changed."}</Text> : (
          <Scroll label="Records of the plan">
            <table className="hf-table">
              <caption className="hf-unseen">{`What the plan says of each record, page ${page + 1}`}</caption>
              <thead><tr><th scope="col">Record</th><th scope="col">What happens</th><th scope="col">Fields</th><th scope="col">Conflict</th></tr></thead>
              <tbody>{families.map((family) => <Row key={`${family.kind} ${family.id}`} family={family} deciding={deciding} busy={busy} onDecide={(decision) => onDecide(model.rule, [{ kind: family.kind, id: family.id, decision }])} />)}</tbody>
            </table>
          </Scroll>
        )}
        <Pages page={page} more={more} onPage={(next) => onPage(next, onlyConflicts)} />
      </BlockStack>
    </Card>
  );
}

function Row({ family, deciding, busy, onDecide }: { family: FamilyModel; deciding: boolean; busy: boolean; onDecide: (decision: "overwrite" | "keep" | null) => void }) {
  const { kind, id, nowId, action, changes, losses, conflict, decision } = family;
  const kept = decision === "keep";
  return (
    <tr>
      <th scope="row">{capital(kindName(kind, 1))}<br /><Code>{id}</Code>{nowId ? <Text as="p" tone="subdued">{"Now "}<Code>{nowId}</Code></Text> : null}</th>
      <td>{kept ? "Left as it is" : ACTION_WORD[action]}</td>
      <td>
        <Fields changes={changes} root={id} />
        {losses.length > 0 ? <Text as="p" tone="subdued">{`Cannot come back: ${list([...new Set(losses.map(({ field }) => field))].slice(0, 8))}${losses.length > 8 ? " …" : ""}`}</Text> : null}
      </td>
      <td>
        {conflict === null ? "–" : (
          <BlockStack gap="200">
            <div><Badge tone={decision === null ? "attention" : "info"}>{CONFLICT_WORD[conflict]}</Badge></div>
            {deciding ? (
              <ButtonGroup>
                <Button size="slim" pressed={decision === "overwrite"} disabled={busy} accessibilityLabel={`Put back ${id}`} onClick={() => onDecide("overwrite")}>Put back</Button>
                <Button size="slim" pressed={kept} disabled={busy} accessibilityLabel={`Keep ${id} as it is`} onClick={() => onDecide("keep")}>Keep</Button>
              </ButtonGroup>
            ) : <Text as="p">{decision === null ? "Not decided" : kept ? "Kept as it is" : "Put back"}</Text>}
          </BlockStack>
        )}
      </td>
    </tr>
  );
}

function Fields({ changes, root }: { changes: FamilyModel["changes"]; root: string }) {
  if (changes.length === 0) return <>–</>;
  const shown = changes.slice(0, 4);
  return (
    <>
      {shown.map(({ kind, id, fields }) => <Text as="p" key={`${kind} ${id}`}>{`${id === root ? "" : `${capital(kindName(kind, 1))}: `}${fields.slice(0, 12).join(", ")}${fields.length > 12 ? " …" : ""}`}</Text>)}
      {changes.length > shown.length ? <Text as="p" tone="subdued">{`and ${count(changes.length - shown.length, "more part")}`}</Text> : null}
    </>
  );
}

export function RestoreReport({ model, onPage, onReport }: { model: RestoreModel; onPage: FamiliesProps["onPage"]; onReport: (format: "csv" | "json") => void }) {
  const { report, page } = model;
  if (report === null) return null;
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">What became of every record</Text>
          <ButtonGroup><Button onClick={() => onReport("csv")}>Download as CSV</Button><Button onClick={() => onReport("json")}>Download as JSON</Button></ButtonGroup>
        </InlineStack>
        <Scroll label="Report">
          <table className="hf-table">
            <caption className="hf-unseen">{`What became of every record, page ${page + 1}`}</caption>
            <thead><tr><th scope="col">Record</th><th scope="col">Outcome</th><th scope="col">New id</th><th scope="col">Why</th></tr></thead>
            <tbody>{report.lines.map((line) => <ReportRow key={`${line.kind} ${line.id}`} line={line} />)}</tbody>
          </table>
        </Scroll>
        <Pages page={page} more={report.more} onPage={(next) => onPage(next, false)} />
      </BlockStack>
    </Card>
  );
}

function ReportRow({ line }: { line: ReportLineModel }) {
  const lost = [...new Set(line.losses.map(({ field, reason }) => `${field}: ${reasonWords(reason)}`))];
  const differs = (line.differs ?? []).map(({ kind, fields }) => `${kindName(kind, 1)} (${fields.join(", ")})`);
  return (
    <tr>
      <th scope="row">{capital(kindName(line.kind, 1))}<br /><Code>{line.id}</Code></th>
      <td>{OUTCOME_WORD[line.outcome]}</td>
      <td>{line.newId ? <Code>{line.newId}</Code> : "–"}</td>
      <td>
        {lost.slice(0, 4).map((text) => <Text as="p" key={text}>{text}</Text>)}
        {differs.length > 0 ? <Text as="p">{`Differs: ${list(differs)}`}</Text> : null}
        {line.code ? <Text as="p" tone="subdued">{`Code: ${line.code}`}</Text> : null}
        {lost.length === 0 && differs.length === 0 && !line.code ? "–" : null}
      </td>
    </tr>
  );
}

function Pages({ page, more, onPage }: { page: number; more: boolean; onPage: (page: number) => void }) {
  if (page === 0 && !more) return null;
  return (
    <InlineStack gap="200" blockAlign="center">
      <Button disabled={page === 0} onClick={() => onPage(page - 1)}>Earlier records</Button>
      <Text as="span" tone="subdued">{`Page ${number(page + 1)}`}</Text>
      <Button disabled={!more} onClick={() => onPage(page + 1)}>More records</Button>
    </InlineStack>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
