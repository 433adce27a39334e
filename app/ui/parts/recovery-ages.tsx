/** How old the newest state of each kind of data is, the nearest to what is allowed, or the furthest beyond it, first. */
import { Badge, BlockStack, Button, Card, InlineStack, Link, Text } from "@shopify/polaris";
import { useState } from "react";
import type { RecoveryRow } from "../models/recovery.ts";
import { kindTitle } from "../wording/kinds.ts";
import { number } from "../wording/numbers.ts";
import { ageWords, cadenceWords, isBreached, WHY_BASIS } from "../wording/recovery.ts";
import { goal } from "../wording/time.ts";
import { Scroll } from "./scroll.tsx";

const FIRST = 8;

export function RecoveryAges({ rows }: { rows: readonly RecoveryRow[] }) {
  // What is too old is never folded away.
  const shown = Math.max(FIRST, rows.filter(isBreached).length);
  const [all, setAll] = useState(rows.length <= shown);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">By kind of data</Text>
        <Scroll label="Recovery points by kind of data">
          <table className="hf-table">
            <caption className="hf-unseen">Recovery points by kind of data, the worst first</caption>
            <thead><tr><th scope="col">Kind</th><th scope="col">Age</th><th scope="col">Allowed</th><th scope="col" className="hf-figure">Not sealed yet</th><th scope="col" className="hf-figure">Changes an hour</th><th scope="col">Snapshots advised</th></tr></thead>
            <tbody>{(all ? rows : rows.slice(0, shown)).map((row) => <Age key={row.stream} row={row} />)}</tbody>
          </table>
        </Scroll>
        <Text as="p" tone="subdued">A snapshot may be a full one, or a reading of what changed since. <Link url="/app/settings">Set how often each is taken</Link></Text>
        {all || rows.length <= shown ? null : <div><Button onClick={() => setAll(true)}>{`Show all ${number(rows.length)} kinds`}</Button></div>}
      </BlockStack>
    </Card>
  );
}

function Age({ row }: { row: RecoveryRow }) {
  return (
    <tr>
      <th scope="row"><div className="hf-kind">{kindTitle(row.stream)}<Text as="span" variant="bodySm" tone="subdued">{WHY_BASIS[row.why]}</Text></div></th>
      <td><InlineStack gap="200">{ageWords(row.ageMs)}{isBreached(row) ? <span className="hf-nowrap"><Badge tone="warning">Too old</Badge></span> : null}</InlineStack></td>
      <td>{goal(row.objectiveMs)}</td>
      <td className="hf-figure">{number(row.pending)}</td>
      <td className="hf-figure">{number(Math.round(row.changesPerHour))}</td>
      <td>{cadenceWords(row.advisedMinutes)}</td>
    </tr>
  );
}
