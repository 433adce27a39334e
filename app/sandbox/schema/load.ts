/** Shopify's Admin API schema as graphql-js sees it; read once for each directory and process. */
import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { buildClientSchema } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";
import { SandboxError } from "../types.ts";
import { noteAccess } from "./access.ts";
import { DEFAULT_DIRECTORY, schemaFile } from "./fetch.ts";

const loaded = new Map<string, Promise<GraphQLSchema>>();

export function loadSchema(directory: string = DEFAULT_DIRECTORY): Promise<GraphQLSchema> {
  let schema = loaded.get(directory);
  if (schema === undefined) {
    schema = read(directory);
    loaded.set(directory, schema);
    schema.catch(() => loaded.delete(directory));
  }
  return schema;
}

async function read(directory: string): Promise<GraphQLSchema> {
  const path = await schemaFile(directory);
  const slim = path.replace(/\.json\.gz$/, ".slim.json");
  try {
    const json = (await parsed(slim)) ?? (await slimmed(path, slim));
    const schema = buildClientSchema(json, { assumeValid: true });
    noteAccess(schema, json);
    return schema;
  } catch (error) {
    throw new SandboxError("sandbox.schema_damaged", `The schema files in ${directory} cannot be read. Remove them: they are fetched again.`, { cause: error });
  }
}

/** The introspection itself, read anew: the caller may change it. */
export async function loadIntrospection(directory: string = DEFAULT_DIRECTORY): Promise<IntrospectionQuery> {
  const path = await schemaFile(directory);
  const slim = path.replace(/\.json\.gz$/, ".slim.json");
  return (await parsed(slim)) ?? (await slimmed(path, slim));
}

async function parsed(path: string): Promise<IntrospectionQuery | null> {
  try {
    return JSON.parse(await readFile(path, "latin1")) as IntrospectionQuery;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Most of the file is prose for people, which nobody asks the sandbox for. Without it, the next start takes a third of the memory.
 * Written as ASCII, and moved into place whole.
 */
async function slimmed(path: string, slim: string): Promise<IntrospectionQuery> {
  const json = (JSON.parse(gunzipSync(await readFile(path)).toString()) as { data: IntrospectionQuery }).data;
  withoutProse(json);
  const text = JSON.stringify(json).replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const temporary = `${slim}.${randomUUID()}`;
  await writeFile(temporary, text, "latin1");
  await rename(temporary, slim);
  return json;
}

function withoutProse(value: object): void {
  const record = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(record)) {
    if (key === "description" || key === "deprecationReason") record[key] = null;
    else if (typeof inner === "object" && inner !== null) withoutProse(inner);
  }
}
