/** The API change guard, on the real schema: the sandbox answers introspection from it, and the test takes members away in between. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyClient } from "#app/sources/shopify/client.ts";
import { checkSchema, type SchemaFinding, type SchemaReport, type Signatures } from "#app/sources/shopify/schema-check.ts";
import { LiveSchema } from "#app/sources/shopify/schema-live.ts";
import { extractorId, needsOf, type Need } from "#app/sources/shopify/schema-needs.ts";
import { ShopifySurvey } from "#app/sources/shopify/survey.ts";
import { Sandboxes, optionsFor } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
let shop: SandboxShop;
let good: SchemaReport;
let requests = 0;
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 1, orders: 1 });
  good = await check({});
}, 60_000);
afterAll(() => sandboxes.close());

interface TypeAnswer {
  name: string;
  fields: { name: string; isDeprecated: boolean; type: object; args: { name: string; type: object; defaultValue: string | null }[] }[] | null;
  inputFields: { name: string; type: object }[] | null;
  enumValues: { name: string }[] | null;
}
/** What a later version does to a type; null: the type is gone. */
type Change = (type: TypeAnswer) => TypeAnswer | null;

/** The live schema after a change, which passes through introspection as it would. */
async function check(changes: Readonly<Record<string, Change>>, o: { needs?: readonly Need[]; known?: Signatures | null } = {}): Promise<SchemaReport> {
  const altered: typeof fetch = async (input, init) => {
    requests++;
    const answer = await fetch(input, init);
    const body = (await answer.json()) as { data?: Record<string, TypeAnswer | null> };
    for (const [alias, type] of Object.entries(body.data ?? {})) {
      const change = type === null ? undefined : changes[type.name];
      if (change !== undefined) body.data![alias] = change(structuredClone(type!));
    }
    return Response.json(body, { headers: answer.headers });
  };
  const client = new ShopifyClient(optionsFor(shop, { fetch: altered }));
  return checkSchema(new LiveSchema(client, new AbortController().signal), o.needs ?? needsOf(), o.known ?? null);
}

const without = (name: string): Change => (type) => ({ ...type, fields: type.fields!.filter((field) => field.name !== name) });
const edit = (name: string, change: (field: NonNullable<TypeAnswer["fields"]>[number]) => void): Change => (type) => {
  change(type.fields!.find((field) => field.name === name)!);
  return type;
};
const found = (findings: readonly SchemaFinding[]): string[] => findings.map(({ code, member, use }) => `${code} ${member} ${use}`);

describe("the live schema as it is", () => {
  it("has all that is needed, and says so from a few requests", () => {
    expect(found(good.findings).filter((line) => !line.startsWith("schema.deprecated"))).toEqual([]);
    expect(good.signatures["Customer.note"]).toBe("String");
    expect(Object.keys(good.signatures).length).toBeGreaterThan(400);
    expect(requests).toBeLessThan(60);
  });

  it("has the same fingerprint twice", async () => {
    expect((await check({}, { known: good.signatures })).fingerprint).toBe(good.fingerprint);
  });
});

describe("a schema that changed", () => {
  it("is found to lack a field, by the name of type and field and with the streams that read it", async () => {
    const { findings, fingerprint } = await check({ Customer: without("note") }, { known: good.signatures });
    const finding = findings.find(({ member }) => member === "Customer.note");
    expect(finding).toMatchObject({ code: "schema.removed", use: "read", streams: expect.arrayContaining(["customers"]) as unknown });
    expect(fingerprint).not.toBe(good.fingerprint);
  });

  it("is found to lack a field that was renamed", async () => {
    const { findings } = await check({ Order: edit("note", (field) => (field.name = "remark")) });
    expect(found(findings)).toContain("schema.removed Order.note read");
  });

  it("is found to lack a whole type", async () => {
    const { findings } = await check({ MailingAddress: () => null });
    expect(found(findings)).toContain("schema.removed MailingAddress read");
  });

  it("is found to have a field of another type than it was, or of another shape than the query takes it for", async () => {
    const list = edit("note", (field) => (field.type = { kind: "LIST", name: null, ofType: field.type }));
    expect(found((await check({ Customer: list }, { known: good.signatures })).findings)).toContain("schema.retyped Customer.note read");
    const object = edit("note", (field) => (field.type = { kind: "OBJECT", name: "MoneyV2", ofType: null }));
    expect(found((await check({ Customer: object })).findings)).toContain("schema.retyped Customer.note read");
  });

  it("may say that a value is never null, or may be: that changes nothing that is kept", async () => {
    const required = edit("note", (field) => (field.type = { kind: "NON_NULL", name: null, ofType: field.type }));
    expect(found((await check({ Customer: required }, { known: good.signatures })).findings)).toEqual(found(good.findings));
  });

  it("is found to announce the end of a field", async () => {
    const { findings } = await check({ Customer: edit("note", (field) => (field.isDeprecated = true)) });
    expect(found(findings)).toContain("schema.deprecated Customer.note read");
  });

  it("is found to take an argument no more, and to want one that nobody gives", async () => {
    const fewer = edit("metafieldDefinitions", (field) => (field.args = field.args.filter(({ name }) => name !== "ownerType")));
    expect(found((await check({ QueryRoot: fewer })).findings)).toContain("schema.removed QueryRoot.metafieldDefinitions(ownerType) read");
    const more = edit("customers", (field) => field.args.push({ name: "why", defaultValue: null, type: { kind: "NON_NULL", name: null, ofType: { kind: "SCALAR", name: "String", ofType: null } } }));
    expect(found((await check({ QueryRoot: more })).findings)).toContain("schema.required QueryRoot.customers(why) read");
  });

  it("is found to lack a value of an enum that a query names", async () => {
    const needs: Need[] = [{ text: "{ customers(first: 1, sortKey: UPDATED_AT) { nodes { id } } }", use: "read", stream: "customers" }];
    expect(found((await check({}, { needs })).findings)).toEqual([]);
    const { findings } = await check({ CustomerSortKeys: (type) => ({ ...type, enumValues: type.enumValues!.filter(({ name }) => name !== "UPDATED_AT") }) }, { needs });
    expect(found(findings)).toEqual(["schema.removed CustomerSortKeys.UPDATED_AT read"]);
  });

  it("is found to lack what a restore writes, which is no fault of reading", async () => {
    const { findings } = await check({ CustomerInput: (type) => ({ ...type, inputFields: type.inputFields!.filter(({ name }) => name !== "note") }) }, { known: good.signatures });
    expect(found(findings)).toContain("schema.removed CustomerInput.note restore");
    expect(found(findings)).not.toContain("schema.removed CustomerInput.note read");
  });
});

describe("the extractor's name", () => {
  it("changes with any query", () => {
    const needs = needsOf();
    expect(extractorId(needs)).toBe(extractorId());
    expect(extractorId([{ ...needs[0]!, text: `${needs[0]!.text} ` }, ...needs.slice(1)])).not.toBe(extractorId());
  });
});

describe("a survey of a shop", () => {
  it("tells scopes and definitions, without reading a record", async () => {
    const asked: string[] = [];
    const options = optionsFor(shop, {
      fetch: (input, init) => {
        asked.push(typeof init?.body === "string" ? init.body : "");
        return fetch(input, init);
      },
    });
    const around = await new ShopifySurvey(options).surroundings("2026-10", new AbortController().signal);
    expect(around.scopes).toContain("read_customers");
    expect(around.definitions).toContainEqual({ owner: "CUSTOMER", namespace: "health_intake", key: "intake_form", type: "json", readable: true });
    expect(around.definitions.some(({ owner }) => owner === "METAOBJECT_DEFINITION")).toBe(true);
    for (const text of asked) expect(text).not.toMatch(/\b(customers|orders|metafields|metaobjects)\(/);
  });
});
