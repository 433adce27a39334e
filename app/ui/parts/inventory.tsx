/** What there is: kinds of records, and metafields by owner, namespace and key. */
import { BlockStack, Card, Text } from "@shopify/polaris";
import type { ExposureModel, FieldRow, KindRow } from "../models-exposure.ts";
import { verdict } from "./counts-table.tsx";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";
import { kindName, kindTitle } from "../wording/kinds.ts";
import { count, number, size } from "../wording/numbers.ts";

export function Inventory({ model }: { model: ExposureModel }) {
  if (model.kinds.length === 0) {
    return <Card><Text as="p">Nothing has been read yet. After the first full snapshot this is the list of what the store holds.</Text></Card>;
  }
  return (
    <BlockStack gap="400">
      <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Kinds</Text><Text as="p">{`${count(model.records, "record")}, ${size(model.bytes)} as they came.`}</Text><Kinds rows={model.kinds} /></BlockStack></Card>
      <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">Custom fields</Text><Fields rows={model.fields} /></BlockStack></Card>
    </BlockStack>
  );
}

function Kinds({ rows }: { rows: readonly KindRow[] }) {
  return (
    <Scroll label="Kinds of records">
      <table className="hf-table">
        <caption className="hf-unseen">Kinds of records, with counts, sizes and when they were last read</caption>
        <thead><tr><th scope="col">Kind</th><th scope="col" className="hf-figure">Here</th><th scope="col" className="hf-figure">By the shop</th><th scope="col">Verdict</th><th scope="col" className="hf-figure">Size</th><th scope="col">Last read</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.kind}>
              <th scope="row">{kindTitle(row.kind)}</th>
              <td className="hf-figure">{number(row.records)}</td>
              <td className="hf-figure">{row.shop === undefined ? "–" : number(row.shop)}</td>
              <td>{verdict({ kind: row.kind, here: row.records, ...(row.shop === undefined ? {} : { shop: row.shop }) })}</td>
              <td className="hf-figure">{size(row.bytes)}</td>
              <td><Time at={row.readAt} begins /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Fields({ rows }: { rows: readonly FieldRow[] }) {
  if (rows.length === 0) return <Text as="p">This store has no custom fields that can be seen.</Text>;
  return (
    <Scroll label="Custom fields">
      <table className="hf-table">
        <caption className="hf-unseen">Metafields by owner, namespace and key</caption>
        <thead><tr><th scope="col">Field</th><th scope="col">Of</th><th scope="col">Type</th><th scope="col" className="hf-figure">Records</th><th scope="col" className="hf-figure">Size</th><th scope="col">Last read</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.owner}/${row.namespace}/${row.key}`}>
              <th scope="row">{row.namespace === "" ? "Others" : `${row.namespace}.${row.key}`}</th>
              <td>{ownerName(row.owner)}</td>
              <td>{row.readable ? (row.type ?? "Not defined") : "Private to another app"}</td>
              <td className="hf-figure">{row.readable ? number(row.records) : "–"}</td>
              <td className="hf-figure">{row.readable ? size(row.bytes) : "–"}</td>
              <td>{row.readAt === undefined ? (row.readable ? "No record has it" : "Cannot be read") : <Time at={row.readAt} begins />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** "Customer", "CUSTOMER" and "COMPANY_LOCATION" alike. */
function ownerName(owner: string): string {
  return owner === "" ? "–" : kindName(/[a-z]/.test(owner) ? owner : owner.toLowerCase().replaceAll("_", " "));
}
