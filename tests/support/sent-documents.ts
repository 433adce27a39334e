/**
 * Notes every document that this program sends to a shop while the tests of a file run, and fails the file at its end for one that the API change guard does not know of. The program's own begin
 * with "#graphql"; what tests ask of a sandbox shop does not. Sizes of pages, searches, types of metaobjects and names of operations are data: they are left out of the comparison.
 */
import { afterAll, beforeAll, expect } from "@jest/globals";
import { parse, print, visit, Kind, type OperationDefinitionNode } from "graphql";
import { needsOf } from "#app/sources/shopify/schema-needs.ts";

/** Introspection cannot be held against what it answers. */
const GUARD = new Set(["SchemaRoots", "SchemaTypes"]);

const sent = new Map<string, string>();

/** Names of operations that were sent, as sorted words; unnamed ones (bulk queries) by their first field. */
export function sentOperations(): readonly string[] {
  return [...new Set(sent.values())].sort();
}

/** The document without what is data in it. */
export function normal(text: string): string {
  return print(
    visit(parse(text), {
      IntValue: (node) => ({ ...node, value: "0" }),
      StringValue: (node) => ({ ...node, value: "", block: false }),
      Variable: (node, _key, _parent, _path, ancestors) => (ancestors.at(-1) !== undefined && node.name.value === "first" ? { kind: Kind.INT, value: "0" } : undefined),
      // A page whose size is fitted to its cost takes it as a variable. A bulk mutation is named after its batch, by which it is found again.
      OperationDefinition: { leave: (node) => ({ ...node, name: undefined, variableDefinitions: (node.variableDefinitions ?? []).filter((one) => one.variable.kind === Kind.VARIABLE && one.variable.name.value !== "first").sort((a, b) => (a.variable.name.value < b.variable.name.value ? -1 : 1)) }) },
      Field: { leave: (node) => ({ ...node, arguments: [...(node.arguments ?? [])].sort((a, b) => (a.name.value < b.name.value ? -1 : 1)) }) },
    }),
  );
}

export function operationOf(text: string): string {
  const operation = parse(text).definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION);
  const [first] = operation?.selectionSet.selections ?? [];
  return operation?.name?.value ?? (first?.kind === Kind.FIELD ? first.name.value : "?");
}

function note(body: unknown): void {
  const { query, variables } = JSON.parse(String(body)) as { query?: unknown; variables?: Record<string, unknown> };
  for (const text of [query, variables?.["query"], variables?.["mutation"]]) {
    if (typeof text !== "string" || !text.startsWith("#graphql") || sent.has(text)) continue;
    const name = operationOf(text);
    if (!GUARD.has(name)) sent.set(text, name);
  }
}

export function unknownDocuments(): readonly string[] {
  const known = new Set(needsOf().map(({ text }) => normal(text)));
  return [...sent].filter(([text]) => !known.has(normal(text))).map(([, name]) => name);
}

/** Call it once in a file. */
export function holdDocumentsToNeeds(): void {
  const real = globalThis.fetch;
  beforeAll(() => {
    globalThis.fetch = (input, init) => {
      const address = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
      if (address.endsWith("/graphql.json") && typeof init?.body === "string") note(init.body);
      return real(input, init);
    };
  });
  afterAll(() => {
    globalThis.fetch = real;
    expect(unknownDocuments()).toEqual([]);
  });
}
