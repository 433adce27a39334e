import { beforeAll, describe, expect, it } from "@jest/globals";
import { GraphQLEnumType, parse, validate, type GraphQLSchema, type OperationDefinitionNode } from "graphql";
import { CATALOGUE, ORDERED_KINDS } from "#app/sources/shopify/catalogue/all.ts";
import { RESTORED_KINDS } from "#app/sources/shopify/catalogue/restored-kinds.ts";
import { REVISIONS } from "#app/sources/shopify/catalogue/revise/index.ts";
import { BY_HANDLE, DIGESTS, METAFIELDS_DELETE, METAFIELD_DEFINITION, METAOBJECT_DEFINITION, NEWEST_QUERIES, STAMP_QUERIES } from "#app/sources/shopify/revise/index.ts";
import { BULK_OPERATION, CANCEL, OWN_MUTATIONS, RUN_MUTATION, RUN_QUERY } from "#app/sources/shopify/operation.ts";
import { RESTORE_ORDER } from "#app/sources/shopify/restore/order.ts";
import { STAGED_UPLOAD } from "#app/sources/shopify/restore/staged-upload.ts";
import { METAFIELDS_SET } from "#app/sources/shopify/restore/write-metafields.ts";
import { METAOBJECT_TYPES_QUERY } from "#app/sources/shopify/streams/metaobject-stream.ts";
import { costOf, MAX_COST } from "#app/sandbox/graphql/cost.ts";
import { refuseShape } from "#app/sandbox/bulk/limits.ts";
import { loadSchema } from "#app/sandbox/schema/load.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadSchema();
}, 120_000);

const SEARCH = "updated_at:>='2026-01-01T00:00:00Z'";
const bulkQueries: [string, string][] = CATALOGUE.flatMap(({ stream, read, parts }): [string, string][] => [
  ...[{ stream, ...read }, ...parts].flatMap((one): [string, string][] =>
    one.how !== "bulk" ? [] : [[one.stream, one.query], ...(one.narrowed === null ? [] : [[`${one.stream}, narrowed`, one.narrowed(SEARCH)] as [string, string]])],
  ),
  ...(read.how === "by-type" ? [[stream, read.bulkQuery('odd "type"')], [`${stream}, narrowed`, read.bulkQuery("type", SEARCH)]] as [string, string][] : []),
]);

const everything: [string, string][] = [
  ...CATALOGUE.flatMap((kind): [string, string][] => [
    [`${kind.stream}: read`, kind.read.query],
    ...(kind.write === null ? [] : [[`${kind.stream}: write`, kind.write.mutation] as [string, string]]),
    ...(kind.write?.after ?? []).map(({ payload, mutation }): [string, string] => [`${kind.stream}: ${payload}`, mutation]),
    ...(kind.adopted === undefined ? [] : [[`${kind.stream}: adopted`, kind.adopted.query] as [string, string]]),
    ...kind.parts.flatMap((part): [string, string][] => (part.how !== "bulk" ? [] : [[`${part.stream}: one`, part.one], ...Object.entries(part.nested).map(([type, query]): [string, string] => [`${part.stream}: one ${type}`, query])])),
    ...(kind.one === null ? [] : [[`${kind.stream}: one`, kind.one] as [string, string]]),
    ...kind.parts.flatMap((part): [string, string][] => (part.how === "content" ? [] : [[`${part.stream}: part`, part.query]])),
    ...(kind.count === null ? [] : [[`${kind.stream}: count`, kind.count.query] as [string, string]]),
    ...(kind.count?.windowed === undefined ? [] : [[`${kind.stream}: count in windows`, kind.count.windowed.query] as [string, string]]),
  ]),
  ...bulkQueries.map(([stream, query]): [string, string] => [`${stream}: bulk`, query]),
  ["bulk operation", BULK_OPERATION],
  ["run query", RUN_QUERY],
  ["run mutation", RUN_MUTATION],
  ["cancel", CANCEL],
  ["staged upload", STAGED_UPLOAD],
  ["metafields", METAFIELDS_SET],
  ["metaobject types", METAOBJECT_TYPES_QUERY],
  ["own bulk mutations", OWN_MUTATIONS],
  ["digests of metafields", DIGESTS],
  ["a metaobject by its handle", BY_HANDLE],
  ["removal of metafields", METAFIELDS_DELETE],
  ["a metafield definition", METAFIELD_DEFINITION],
  ["a metaobject definition", METAOBJECT_DEFINITION],
  ...[...STAMP_QUERIES, ...NEWEST_QUERIES].map((text, n): [string, string] => [`look ${n}`, text]),
  ...Object.entries(REVISIONS).flatMap(([kind, { steps, remove }]) => [...steps, ...(remove === null ? [] : [remove])].map(({ payload, mutation }): [string, string] => [`${kind}: ${payload}`, mutation])),
];

/** Queries that are charged by their size: all but bulk queries. */
const paged: [string, string, Record<string, unknown>][] = CATALOGUE.flatMap((kind): [string, string, Record<string, unknown>][] => [
  ...(kind.read.how === "bulk" ? [] : [[`${kind.stream}: read`, kind.read.query, { type: "any", ...(kind.read.how === "pages" ? kind.read.variables[0] : {}) }] as [string, string, Record<string, unknown>]]),
  ...(kind.one === null ? [] : [[`${kind.stream}: one`, kind.one, {}] as [string, string, Record<string, unknown>]]),
  ...kind.parts.flatMap((part): [string, string, Record<string, unknown>][] => (part.how !== "bulk" ? [] : [part.one, ...Object.values(part.nested)].map((query, n) => [`${part.stream}: one ${n}`, query, {}]))),
  ...kind.parts.flatMap((part): [string, string, Record<string, unknown>][] =>
    part.how !== "details" ? [] : [[`${part.stream}: alone`, part.query, { ids: ["1"], size: part.most }], [`${part.stream}: batch`, part.query, { ids: Array.from({ length: part.batch }, () => "1"), size: part.size }]],
  ),
]);

describe("every query of the catalogue", () => {
  it.each(everything)("is accepted by the real schema (%s)", (_, text) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });

  it.each(everything)("is marked for tools that look for GraphQL (%s)", (_, text) => {
    expect(text.startsWith("#graphql\n")).toBe(true);
  });

  it.each(bulkQueries)("keeps within the limits of bulk operations (%s)", (_, query) => {
    expect(refuseShape(schema, parse(query))).toBeNull();
  });

  it.each(paged)("costs no more than one query may, with every page full (%s)", (_, text, variables) => {
    const document = parse(text);
    const operation = document.definitions[0] as OperationDefinitionNode;
    // nodes(ids:) answers as many objects as it is given ids, whatever a list counts for here.
    const roots = Array.isArray(variables["ids"]) ? variables["ids"].length : 1;
    expect(costOf(schema, document, operation, variables) * roots).toBeLessThanOrEqual(MAX_COST);
  });

  it("is refused when the schema loses a field (so that these tests can fail)", () => {
    const query = CATALOGUE[0]!.read.query.replace("displayNameKey", "displayNameKeyOfOld");
    expect(validate(schema, parse(query))).toHaveLength(1);
  });
});

describe("what the catalogue says", () => {
  it("names only webhook topics that the schema has", () => {
    const topics = schema.getType("WebhookSubscriptionTopic") as GraphQLEnumType;
    const known = new Set(topics.getValues().map(({ name }) => name));
    for (const kind of CATALOGUE) for (const { topic } of kind.topics) expect([topic, known.has(topic.replace(/[/.]/g, "_").toUpperCase())]).toEqual([topic, true]);
  });

  it("sorts a narrowed query by what it is narrowed by", () => {
    for (const { stream, read, incremental } of CATALOGUE) {
      if (read.how === "bulk") expect([stream, read.narrowed !== null]).toEqual([stream, incremental !== null]);
      if (read.how === "bulk" && incremental !== null) expect(read.narrowed?.(SEARCH)).toContain(`sortKey: ${incremental.sortKey}`);
    }
  });

  it("has a place in the restore for each kind that is written back, customers before what is theirs", () => {
    const written = CATALOGUE.filter(({ write, adopted }) => (write !== null && write.how !== "single") || adopted !== undefined).map(({ kind }) => kind);
    const order = RESTORE_ORDER.map(({ kind }) => kind);
    expect([...order].sort()).toEqual([...written].sort());
    for (const [first, then] of [["Customer", "Company"], ["Company", "CompanyLocation"], ["CompanyLocation", "Order"], ["Customer", "GiftCard"], ["Blog", "Article"]] as const) expect([first, then, order.indexOf(first) < order.indexOf(then)]).toEqual([first, then, true]);
  });

  it("gives a reason for each kind that is not written back, and for no other", () => {
    for (const kind of CATALOGUE) expect([kind.stream, kind.notRestored !== null]).toEqual([kind.stream, kind.write === null]);
  });

  it("names what cannot come back only among fields that are read", () => {
    for (const kind of CATALOGUE) {
      for (const losses of [kind.losses, ...kind.children.map((child) => child.losses)]) {
        const text = [kind.read.query, ...kind.parts.map((part) => (part.how === "content" ? "" : part.query))].join("\n");
        for (const field of Object.keys(losses)) expect(`${kind.stream}: ${new RegExp(`\\b${field}\\b`).test(text) ? "read" : `${field} is not read`}`).toBe(`${kind.stream}: read`);
      }
    }
  });

  it("says of every field that is written that it is read, so that a restore has something to write", () => {
    const customers = CATALOGUE.find(({ kind }) => kind === "Customer")!;
    for (const field of ["firstName", "lastName", "locale", "note", "tags", "taxExempt", "taxExemptions", "addressesV2", "metafields"]) expect(customers.read.query).toContain(field);
  });

  it("agrees with itself about the kinds that get an id of their own", () => {
    const written = CATALOGUE.filter(({ write, adopted }) => write !== null || adopted !== undefined).flatMap(({ types }) => types);
    expect([...RESTORED_KINDS].sort()).toEqual([...written, "CompanyContact"].sort());
  });

  it("keeps the order of line items and of nothing else", () => {
    expect([...ORDERED_KINDS].every((kind) => kind.endsWith("LineItem"))).toBe(true);
    expect([...ORDERED_KINDS]).toContain("LineItem");
  });

  it("reads definitions before what they define", () => {
    const order = CATALOGUE.map(({ kind }) => kind);
    expect(order.indexOf("MetaobjectDefinition")).toBeLessThan(order.indexOf("Metaobject"));
    expect(order.indexOf("Metaobject")).toBeLessThan(order.indexOf("Customer"));
    expect(order.indexOf("Customer")).toBeLessThan(order.indexOf("Order"));
  });
});
