/** The drills behind the chart, newest first, as text. */
import { Button, Link, Text } from "@shopify/polaris";
import { useState } from "react";
import type { DrillRow } from "../models.ts";
import { number } from "../wording/numbers.ts";
import { duration } from "../wording/time.ts";
import { Scroll } from "./scroll.tsx";
import { DrillBadge } from "./state.tsx";
import { Time } from "./time.tsx";

const FIRST = 12;

export function DrillTable({ rows }: { rows: readonly DrillRow[] }) {
  const [all, setAll] = useState(rows.length <= FIRST);
  const visible = all ? rows : rows.slice(0, FIRST);
  return (
    <>
      <Scroll label="Drills">
        <table className="hf-table">
          <caption className="hf-unseen">Drills, newest first</caption>
          <thead><tr><th scope="col">Drill</th><th scope="col">Result</th><th scope="col" className="hf-figure">Time to restore</th><th scope="col" className="hf-figure">Records</th><th scope="col" className="hf-figure">Differ</th></tr></thead>
          <tbody>
            {visible.map((row) => (
              <tr key={row.id}>
                <th scope="row"><Link url={`/app/drills/${row.id}`}><Time at={row.startedAt} form="day" begins /></Link></th>
                <td><DrillBadge state={row.state} />{row.snapshotId === undefined ? <Text as="p" tone="subdued">Made-up data only</Text> : null}</td>
                <td className="hf-figure">{row.rtoMs === undefined ? "–" : duration(row.rtoMs)}</td>
                <td className="hf-figure">{number(row.records)}</td>
                <td className="hf-figure">{number(row.differences)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {all ? null : <div><Button onClick={() => setAll(true)}>{`Show all ${number(rows.length)} drills`}</Button></div>}
    </>
  );
}
