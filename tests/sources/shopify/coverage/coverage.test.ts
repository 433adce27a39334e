/** The page that says what is covered is true, whole and up to date, and a change of the schema cannot pass unseen. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from "graphql";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { API_VERSION, schemaFile } from "#app/sandbox/schema/fetch.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { carryingTypes, type IntrospectedSchema, type IntrospectedType } from "#app/sources/shopify/coverage/carries.ts";
import { coveragePage } from "#app/sources/shopify/coverage/page.ts";
import { coverageReport, type CoverageReport } from "#app/sources/shopify/coverage/report.ts";

let introspection: IntrospectedSchema;
let schema: GraphQLSchema;
const PAGE = resolve(import.meta.dirname, "../../../../docs/coverage.md");

beforeAll(async () => {
  const { data } = JSON.parse(gunzipSync(await readFile(await schemaFile())).toString()) as { data: IntrospectionQuery };
  introspection = data.__schema as unknown as IntrospectedSchema;
  schema = buildClientSchema(data, { assumeValid: true });
}, 120_000);

const report = (changed: IntrospectedSchema = introspection, catalogue = CATALOGUE): CoverageReport => coverageReport(catalogue, schema, changed);
const string = { kind: "SCALAR", name: "String", ofType: null };
/** The schema with one more field on a type, and perhaps more types. */
function withField(on: string, field: { name: string; type: { kind: string; name: string | null } }, ...types: IntrospectedType[]): IntrospectedSchema {
  return { types: [...introspection.types.map((type) => (type.name === on ? { ...type, fields: [...(type.fields ?? []), field] } : type)), ...types] };
}

describe("docs/coverage.md", () => {
  it("is what the schema, the catalogue and the decisions say today (node bin/coverage.ts writes it)", async () => {
    expect(await readFile(PAGE, "utf8")).toBe(coveragePage(report(), CATALOGUE, API_VERSION));
  });

  it("has no empty row and no empty cell", async () => {
    const { rows } = report();
    expect(rows.filter(({ kinds, decision, fields }) => (kinds.length === 0 && decision === null) || fields.length === 0).map(({ type }) => type)).toEqual([]);
    expect((await readFile(PAGE, "utf8")).split("\n").filter((line) => /\|\s*\|/.test(line))).toEqual([]);
  });
});

describe("every type that carries customer data", () => {
  it("is read, or somebody has decided why not, field by field", () => {
    expect(report().undecided).toEqual([]);
  });

  it("has no decision that is out of date", () => {
    expect(report().stale).toEqual([]);
  });
});

describe("a schema that grows", () => {
  it("fails with the type that nobody has looked at", () => {
    const chart: IntrospectedType = { kind: "OBJECT", name: "PatientChart", fields: [{ name: "id", type: string }, { name: "note", type: string }], interfaces: [] };
    const grown = withField("Customer", { name: "chart", type: { kind: "OBJECT", name: "PatientChart" } }, chart);
    expect(report(grown).undecided).toEqual(["PatientChart"]);
  });

  it("does not mind a type that nothing leads to, or that holds nothing of the sort", () => {
    const lost: IntrospectedType = { kind: "OBJECT", name: "LostChart", fields: [{ name: "note", type: string }], interfaces: [] };
    const dull: IntrospectedType = { kind: "OBJECT", name: "Gauge", fields: [{ name: "reading", type: string }], interfaces: [] };
    expect(report(withField("Customer", { name: "gauge", type: { kind: "OBJECT", name: "Gauge" } }, lost, dull)).undecided).toEqual([]);
  });

  it.each([
    ["text that people write", { name: "clinicalNote", type: string }],
    ["a way to know a person", { name: "clientIp", type: string }],
    ["an address", { name: "homeAddress", type: { kind: "OBJECT", name: "MailingAddress" } }],
    ["custom attributes", { name: "extras", type: { kind: "OBJECT", name: "Attribute" } }],
    ["a person", { name: "guardian", type: { kind: "OBJECT", name: "Customer" } }],
    ["a field that Shopify protects", { name: "shoeSize", type: string, isProtected: true }],
  ])("fails with a new field of a known type: %s", (_, field) => {
    expect(report(withField("Customer", field)).undecided).toEqual([`Customer.${field.name}`]);
  });

  it("fails when the catalogue stops reading what it read", () => {
    const without = CATALOGUE.filter(({ kind }) => kind !== "GiftCard");
    expect(report(introspection, without).undecided).toEqual(expect.arrayContaining(["GiftCard", "GiftCardRecipient"]));
    const noNote = CATALOGUE.map((kind) => (kind.kind === "GiftCard" && kind.read.how === "bulk" ? { ...kind, read: { ...kind.read, query: kind.read.query.replace(/^ +note$/m, "") } } : kind));
    expect(report(introspection, noNote).undecided).toEqual(["GiftCard.note"]);
  });

  it("fails with the decision that has nothing to say any more", () => {
    const shrunk = { types: introspection.types.map((type) => (type.name === "FulfillmentHold" ? { ...type, fields: (type.fields ?? []).filter(({ name }) => name !== "reasonNotes") } : type)) };
    expect(report(shrunk).stale).toEqual(["FulfillmentHold"]);
  });
});

describe("what carries customer data by definition", () => {
  it("holds everything that Shopify itself flags as protected, wherever it can be reached", () => {
    const carrying = new Set(carryingTypes(introspection).flatMap(({ name, fields }) => fields.map((field) => `${name}.${field.name}`)));
    const flagged = introspection.types.flatMap((type) => (type.kind === "OBJECT" ? (type.fields ?? []).flatMap((field) => (field.isProtected === true ? [`${type.name}.${field.name}`] : [])) : []));
    expect(flagged.length).toBeGreaterThan(60);
    // Only the answer of a mutation leads to it: a draft order that was calculated and not kept.
    const unreached = flagged.filter((name) => !carrying.has(name)).map((name) => name.split(".")[0]);
    expect([...new Set(unreached)]).toEqual(["CalculatedDraftOrder"]);
  });
});

describe("the scopes of each kind", () => {
  const rootFields = (): Map<string, string | null> => new Map((introspection.types.find(({ name }) => name === "QueryRoot")?.fields ?? []).map((field) => [field.name, field.requiredAccess ?? null]));

  it("hold one that the schema names for the field it is read by", () => {
    const access = rootFields();
    for (const { stream, read, scopes } of CATALOGUE) {
      const root = read.how === "pages" || read.how === "by-type" ? read.connection : /^\s*(\w+)(?:\(| \{)/m.exec(read.query.slice(read.query.indexOf("{") + 1))?.[1];
      const required = access.get(root ?? "");
      expect([stream, required !== undefined]).toEqual([stream, true]);
      const named = [...(required ?? "").matchAll(/`(\w+)` access scope/g)].map(([, scope]) => scope);
      if (named.length > 0) expect([stream, scopes.some((scope) => named.includes(scope))]).toEqual([stream, true]);
    }
  });

  it("are names that the schema knows", () => {
    const text = JSON.stringify(introspection);
    for (const scope of new Set(CATALOGUE.flatMap(({ scopes, parts }) => [...scopes, ...parts.flatMap((part) => part.scopes)]))) expect([scope, text.includes(`\`${scope}\``)]).toEqual([scope, true]);
  });
});
