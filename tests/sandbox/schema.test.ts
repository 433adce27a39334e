import { describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaFile } from "#app/sandbox/schema/fetch.ts";
import { loadSchema } from "#app/sandbox/schema/load.ts";
import { ask, post, startShop } from "./support.ts";

describe("an operation that the real schema refuses", () => {
  const cases: readonly (readonly [name: string, query: string, code: string, message: RegExp])[] = [
    ["a field that does not exist", "{ customers(first: 1) { nodes { ssn } } }", "undefinedField", /^Field 'ssn' doesn't exist on type 'Customer'$/],
    ["an argument that does not exist", "{ customers(first: 1, colour: 2) { nodes { id } } }", "argumentNotAccepted", /^Field 'customers' doesn't accept argument 'colour'$/],
    ["an argument of the wrong type", '{ customers(first: "ten") { nodes { id } } }', "argumentLiteralsIncompatible", /^Argument 'first' on Field 'customers' has an invalid value \("ten"\)\. Expected type 'Int'\.$/],
    ["a required argument left out", "{ customer { id } }", "missingRequiredArguments", /^Field 'customer' is missing required arguments: id$/],
    ["an object without selection", "{ shop }", "selectionMismatch", /^Field must have selections \(field 'shop' returns Shop/],
    ["a scalar with selection", "{ shop { name { first } } }", "selectionMismatch", /^Selections can't be made on scalars \(field 'name' returns String/],
    ["an input field that does not exist", 'mutation { customerCreate(input: { ssn: "1" }) { userErrors { message } } }', "argumentNotAccepted", /^InputObject 'CustomerInput' doesn't accept argument 'ssn'$/],
    ["a variable that is not declared", "query Q { customer(id: $id) { id } }", "variableNotDefined", /^Variable \$id is used by Q but not declared$/],
    ["a variable that is not used", "query Q($id: ID) { shop { name } }", "variableNotUsed", /^Variable \$id is declared by Q but not used$/],
    ["a variable of the wrong type", "query Q($id: Int!) { customer(id: $id) { id } }", "variableMismatch", /^Type mismatch on variable \$id and argument id \(Int! \/ ID!\)$/],
    ["a type that does not exist", "{ customers(first: 1) { nodes { ... on Patient { id } } } }", "undefinedType", /^No such type Patient/],
    ["an enum value that does not exist", "{ customers(first: 1, sortKey: AGE) { nodes { id } } }", "argumentLiteralsIncompatible", /Expected type 'CustomerSortKeys'/],
  ];
  test.each(cases)("%s is refused as Shopify refuses it", async (_name, query, code, message) => {
    const shop = await startShop({ customers: 1 });
    const { data, errors } = await ask(shop, query);
    expect(data).toBeUndefined();
    expect(errors?.[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { code }, locations: [{ line: 1 }] });
    expect(errors?.[0]?.path.length).toBeGreaterThan(0);
  });

  test("says where it stands", async () => {
    const shop = await startShop({ customers: 1 });
    const { errors } = await ask(shop, "query People {\n  customers(first: 1) { nodes { ssn } }\n}");
    expect(errors?.[0]).toMatchObject({ path: ["query People", "customers", "nodes", "ssn"], locations: [{ line: 2, column: 33 }] });
  });

  test("a text that is no GraphQL is a syntax error", async () => {
    const shop = await startShop();
    expect((await ask(shop, "{ shop { name ")).errors?.[0]?.message).toMatch(/^syntax error/);
  });

  test("variables that do not fit are named, and their values are not repeated", async () => {
    const shop = await startShop();
    const { errors } = await ask(shop, "mutation ($input: CustomerInput!) { customerCreate(input: $input) { userErrors { message } } }", { input: { secretName: "Jane Roe" } });
    expect(errors?.[0]?.extensions.code).toBe("INVALID_VARIABLE");
    expect(JSON.stringify(errors)).not.toContain("Jane");
  });
});

test("what the sandbox cannot do is refused, never made up", async () => {
  const shop = await startShop({ customers: 1 });
  const { errors } = await ask(shop, 'mutation { collectionCreate(input: { title: "x" }) { collection { id } } }');
  expect(errors?.[0]?.extensions).toMatchObject({ code: "NOT_SIMULATED", fieldName: "collectionCreate" });
});

test("another API version is not answered", async () => {
  const shop = await startShop();
  const response = await fetch(`${shop.url}/admin/api/2024-01/graphql.json`, { method: "POST", headers: { "X-Shopify-Access-Token": shop.accessToken }, body: "{}" });
  expect(response.status).toBe(404);
});

test("a request for another shop is not answered", async () => {
  const shop = await startShop();
  const response = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "X-Shopify-Access-Token": shop.accessToken, "X-Forwarded-Host": "other.myshopify.com" }, body: "{}" });
  expect(response.status).toBe(404);
});

test("a wrong or missing access token is 401", async () => {
  const shop = await startShop();
  expect((await post(shop, "{ shop { name } }", {}, "shpat_wrong")).status).toBe(401);
});

describe("the schema file", () => {
  test("is fetched once when two ask at the same time, and nothing else is left behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "holdfast-schema-"));
    const paths = await Promise.all([schemaFile(directory), schemaFile(directory)]);
    expect(new Set(paths).size).toBe(1);
    expect(await readdir(directory)).toEqual(["admin_2026-10.json.gz"]);
    await rm(directory, { recursive: true });
  }, 120_000);

  test("a damaged one is refused with a sentence that says what to do", async () => {
    const directory = await mkdtemp(join(tmpdir(), "holdfast-schema-"));
    await writeFile(join(directory, "admin_2026-10.json.gz"), "not gzip");
    await expect(loadSchema(directory)).rejects.toMatchObject({ code: "sandbox.schema_damaged", message: expect.stringMatching(/Remove them/) });
    await rm(directory, { recursive: true });
  });

  test("a package of another content is refused", async () => {
    const directory = await mkdtemp(join(tmpdir(), "holdfast-schema-"));
    const bin = join(directory, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "npm"), '#!/bin/sh\nfor last in "$@"; do [ "$previous" = "--pack-destination" ] && to="$last"; previous="$last"; done\necho forged > "$to/forged.tgz"\n');
    await chmod(join(bin, "npm"), 0o755);
    await expect(schemaFile(join(directory, "cache"), join(bin, "npm"))).rejects.toMatchObject({ code: "sandbox.schema_damaged" });
    await rm(directory, { recursive: true });
  });

  test("without the registry the error says what is missing", async () => {
    const directory = await mkdtemp(join(tmpdir(), "holdfast-schema-"));
    await expect(schemaFile(join(directory, "cache"), join(directory, "npm"))).rejects.toMatchObject({ code: "sandbox.schema_unavailable", message: expect.stringMatching(/Connect to the npm registry/) });
    await rm(directory, { recursive: true });
  });
});
