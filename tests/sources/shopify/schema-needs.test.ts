/** The API change guard's list of documents against the source they are written in. What is really sent is noted by the suites that send (tests/support/sent-documents.ts). */
import { describe, expect, it } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extractorId, needsOf } from "#app/sources/shopify/schema-needs.ts";
import { normal, operationOf } from "#tests/support/sent-documents.ts";

const APP = join(import.meta.dirname ?? __dirname, "../../../app");
/**
 * Introspection cannot be held against what it answers. Shopify Flow's trigger is told of by an alert of its own when it is refused (flow.*), and moves no record. The rate of a shop is asked with
 * the same words as ThisShop.
 */
const APART = new Set(["SchemaRoots", "SchemaTypes", "FlowTrigger", "RateOfThisShop"]);

const files = readdirSync(APP, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !file.startsWith("sandbox"));
/** Names of the operations that are written out, and "One*" where a name is put together. */
const written = files.flatMap((file) =>
  [...readFileSync(join(APP, file), "utf8").matchAll(/#graphql\\?n?\s*(?:query|mutation) (\w*(?:\$\{[^}]*\}\w*)*)/g)].map(([, name]) => ({ file, name: name! })),
);
const names = new Set(needsOf().map(({ text }) => operationOf(text)));
const matches = (name: string): boolean => {
  const pattern = new RegExp(`^${name.replaceAll(/\$\{[^}]*\}/g, "\\w+")}$`);
  return [...names].some((known) => pattern.test(known));
};

describe("the documents that the API change guard knows", () => {
  it("are all that are written anywhere in this program", () => {
    expect(written.length).toBeGreaterThan(90);
    expect(written.filter(({ name }) => !APART.has(name) && !matches(name)).map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  it("say of each what it is needed for: reading narrowed and by id, writing what comes after a record, changing and removing, and what only watches", () => {
    const of = (use: string): string[] => needsOf().filter((need) => need.use === use).map(({ text }) => operationOf(text));
    expect(of("restore")).toEqual(expect.arrayContaining(["ReviseCustomer", "ReviseCustomerDelete", "RestoreStoreCredit", "RestoreMetafields", "StageVariables", "RestoreCompanyContact", "ReviseMetafieldsDelete", "DefinitionOfMetafield", "GiveBackScopes"]));
    expect(of("watch")).toEqual(expect.arrayContaining(["InstalledApps", "DefinedMetafields", "SubscribeTyped"]));
    expect(needsOf().filter(({ text }) => text.includes("sortKey: UPDATED_AT")).length).toBeGreaterThan(3);
  });

  it("name another extractor when what is read or written changes, and the same when what only watches does", () => {
    const needs = needsOf();
    const [first] = needs;
    expect(extractorId([...needs, { ...first!, use: "watch" }])).toBe(extractorId(needs));
    expect(extractorId([...needs, first!])).not.toBe(extractorId(needs));
  });
});

describe("documents as they are compared", () => {
  it("are the same whatever the size of a page or the search, and others when a field is", () => {
    expect(normal("{ customers(first: 5, query: \"a\") { nodes { id } } }")).toBe(normal("{ customers(query: \"b\", first: 50) { nodes { id } } }"));
    expect(normal("query Q($first: Int!) { customers(first: $first) { nodes { id } } }")).toBe(normal("query Q { customers(first: 9) { nodes { id } } }"));
    expect(normal("{ customers(first: 5) { nodes { id } } }")).not.toBe(normal("{ customers(first: 5) { nodes { id note } } }"));
  });
});
