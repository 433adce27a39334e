/** Writes docs/coverage.md anew: node bin/coverage.ts. With --check it writes nothing and ends with 1 when the page is out of date. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { buildClientSchema, type IntrospectionQuery } from "graphql";
import { API_VERSION, schemaFile } from "#app/sandbox/schema/fetch.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import type { IntrospectedSchema } from "#app/sources/shopify/coverage/carries.ts";
import { coveragePage } from "#app/sources/shopify/coverage/page.ts";
import { coverageReport } from "#app/sources/shopify/coverage/report.ts";

const path = resolve(import.meta.dirname, "../docs/coverage.md");
const { data } = JSON.parse(gunzipSync(await readFile(await schemaFile())).toString()) as { data: IntrospectionQuery };
const report = coverageReport(CATALOGUE, buildClientSchema(data, { assumeValid: true }), data.__schema as unknown as IntrospectedSchema);
for (const name of report.undecided) process.stderr.write(`no row for ${name}: read it in the catalogue, or decide in app/sources/shopify/coverage/decisions.ts\n`);
for (const name of report.stale) process.stderr.write(`the row for ${name} has nothing to say any more\n`);
const page = coveragePage(report, CATALOGUE, API_VERSION);
const check = process.argv.includes("--check");
const current = await readFile(path, "utf8").catch(() => "");
if (!check) await writeFile(path, page);
if (check && current !== page) process.stderr.write("docs/coverage.md is out of date: node bin/coverage.ts\n");
process.exitCode = report.undecided.length > 0 || report.stale.length > 0 || (check && current !== page) ? 1 : 0;
