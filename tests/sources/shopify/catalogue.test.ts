import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse, validate, type GraphQLSchema } from "graphql";
import { CATALOGUE, ORDERED_KINDS } from "#app/sources/shopify/catalogue/all.ts";
import { RESTORED_KINDS } from "#app/sources/shopify/catalogue/restored-kinds.ts";
import { BULK_OPERATION, CANCEL, RUN_MUTATION, RUN_QUERY } from "#app/sources/shopify/operation.ts";
import { STAGED_UPLOAD } from "#app/sources/shopify/restore/staged-upload.ts";
import { METAFIELDS_SET } from "#app/sources/shopify/restore/write-metafields.ts";
import { METAOBJECT_TYPES_QUERY } from "#app/sources/shopify/streams/metaobject-stream.ts";
import { refuseShape } from "#app/sandbox/bulk/limits.ts";
import { loadSchema } from "#app/sandbox/schema/load.ts";

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadSchema();
}, 120_000);

const bulkQueries = CATALOGUE.flatMap(({ stream, read }) => (read.how === "bulk" ? [[stream, read.query] as const] : read.how === "by-type" ? [[stream, read.bulkQuery('odd "type"')] as const] : []));

const everything: [string, string][] = [
  ...CATALOGUE.flatMap((kind): [string, string][] => [
    [`${kind.stream}: read`, kind.read.query],
    [`${kind.stream}: write`, kind.write.mutation],
    ...(kind.count === null ? [] : [[`${kind.stream}: count`, kind.count.query] as [string, string]]),
  ]),
  ...bulkQueries.map(([stream, query]): [string, string] => [`${stream}: bulk`, query]),
  ["bulk operation", BULK_OPERATION],
  ["run query", RUN_QUERY],
  ["run mutation", RUN_MUTATION],
  ["cancel", CANCEL],
  ["staged upload", STAGED_UPLOAD],
  ["metafields", METAFIELDS_SET],
  ["metaobject types", METAOBJECT_TYPES_QUERY],
];

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

  it("is refused when the schema loses a field (so that these tests can fail)", () => {
    const query = CATALOGUE[0]!.read.query.replace("displayNameKey", "displayNameKeyOfOld");
    expect(validate(schema, parse(query))).toHaveLength(1);
  });
});

describe("what the catalogue says", () => {
  it("names what cannot come back only among fields that are read", () => {
    for (const kind of CATALOGUE) {
      for (const losses of [kind.losses, ...kind.children.map((child) => child.losses)]) {
        for (const field of Object.keys(losses)) expect(`${kind.stream}: ${new RegExp(`\\b${field}\\b`).test(kind.read.query) ? "read" : `${field} is not read`}`).toBe(`${kind.stream}: read`);
      }
    }
  });

  it("says of every field that is written that it is read, so that a restore has something to write", () => {
    const customers = CATALOGUE.find(({ kind }) => kind === "Customer")!;
    for (const field of ["firstName", "lastName", "locale", "note", "tags", "taxExempt", "taxExemptions", "addressesV2", "metafields"]) expect(customers.read.query).toContain(field);
  });

  it("agrees with itself about the kinds that get an id of their own", () => {
    expect([...RESTORED_KINDS].sort()).toEqual(CATALOGUE.map(({ kind }) => kind).sort());
  });

  it("keeps the order of line items and of nothing else", () => {
    expect([...ORDERED_KINDS]).toEqual(["LineItem"]);
  });

  it("reads definitions before what they define", () => {
    const order = CATALOGUE.map(({ kind }) => kind);
    expect(order.indexOf("MetaobjectDefinition")).toBeLessThan(order.indexOf("Metaobject"));
    expect(order.indexOf("Metaobject")).toBeLessThan(order.indexOf("Customer"));
    expect(order.indexOf("Customer")).toBeLessThan(order.indexOf("Order"));
  });
});
