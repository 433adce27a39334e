/** Shopify's Admin API schema as graphql-js sees it; read once for each directory and process. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { buildClientSchema } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";
import { SandboxError } from "../types.ts";
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
  try {
    const json = JSON.parse(gunzipSync(await readFile(path)).toString()) as { data: IntrospectionQuery };
    return buildClientSchema(json.data, { assumeValid: true });
  } catch (error) {
    throw new SandboxError("sandbox.schema_damaged", `The schema file ${path} cannot be read. Remove it: it is fetched again.`, { cause: error });
  }
}
