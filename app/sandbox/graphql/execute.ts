/** Runs one operation on the shop: checks it on the real schema, then lets graphql-js read the table of resolvers. */
import { execute as run } from "graphql";
import type { ExecutionResult, GraphQLError, GraphQLFieldResolver, GraphQLTypeResolver } from "graphql";
import { checkOperation, operationNamed } from "../schema/operation.ts";
import type { ShopifyError } from "../schema/operation.ts";
import type { Context } from "./context.ts";
import { denied } from "./denied.ts";
import { List } from "./list.ts";
import { pageOf } from "./page.ts";
import type { PageArguments } from "./page.ts";
import { RefusedError } from "./refused.ts";
import { mutationFields } from "./mutations/index.ts";
import { resolverOf } from "./resolve.ts";
import { knownName, notSimulated } from "./shapes.ts";
import type { AnyResolve } from "./shapes.ts";

export interface Outcome {
  readonly data?: ExecutionResult["data"];
  readonly errors?: readonly ShopifyError[];
}

/** The largest list that may be handed in (https://shopify.dev/docs/api/usage/limits). */
const MAX_INPUT = 250;

const resolvers = new WeakMap<object, AnyResolve>();

const fieldResolver: GraphQLFieldResolver<unknown, Context> = (source, args: Readonly<Record<string, unknown>>, context, info) => {
  const field = info.parentType.getFields()[info.fieldName];
  if (field === undefined) return undefined;
  const missing = denied(context, info.parentType.name, field);
  if (missing !== null) throw new RefusedError("ACCESS_DENIED", `Access denied for ${field.name} field. Required access: ${missing}`, { documentation: "https://shopify.dev/api/usage/access-scopes", requiredAccess: missing });
  let resolve = resolvers.get(field);
  if (resolve === undefined) resolvers.set(field, (resolve = info.parentType.name === "Mutation" ? mutationOf(knownName(field)) : resolverOf(info.parentType.name, field)));
  const value = resolve(source, args, context);
  return value instanceof List ? pageOf(value as List, args as PageArguments, info.fieldName) : value;
};

const typeResolver: GraphQLTypeResolver<unknown, Context> = (source) => (source as { readonly __typename?: string }).__typename;

export async function execute(context: Context, text: string, variables: Readonly<Record<string, unknown>>, operationName: string | null): Promise<Outcome> {
  const checked = checkOperation(context.schema, text);
  if (!checked.ok) return { errors: checked.errors };
  const operation = operationNamed(checked.document, operationName);
  if (!("kind" in operation)) return { errors: [operation] };
  const tooLong = longList(variables);
  if (tooLong !== null) return { errors: [{ message: `The input array size of ${tooLong} is greater than the maximum allowed of ${MAX_INPUT}.`, extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" } }] };
  const result = await run({ schema: context.schema, document: checked.document, rootValue: {}, contextValue: context, variableValues: variables, operationName, fieldResolver, typeResolver });
  return { ...(result.data === undefined ? {} : { data: result.data }), ...(result.errors === undefined ? {} : { errors: result.errors.map(inShopifysShape) }) };
}

function inShopifysShape(error: GraphQLError): ShopifyError {
  const where = { ...(error.locations === undefined ? {} : { locations: error.locations }), ...(error.path === undefined ? {} : { path: error.path }) };
  const cause = error.originalError;
  if (cause instanceof RefusedError) return { message: error.message, ...where, extensions: cause.extensions };
  const variable = /^Variable "\$(\w+)" (?:got invalid value|of required type "(.+)" was not provided)/.exec(error.message);
  if (variable !== null) {
    // graphql-js quotes the value; Shopify's sentence names the place only.
    const place = / at "\w+\.(.+?)"; /.exec(error.message)?.[1] ?? "";
    const explanation = /; (.*)$/s.exec(error.message)?.[1] ?? "Expected value to not be null";
    return { message: `Variable $${variable[1] ?? ""} was provided invalid value${place === "" ? "" : ` for ${place} (${explanation})`}`, ...where, extensions: { code: "INVALID_VARIABLE", problems: [{ path: place === "" ? [] : place.split("."), explanation }] } };
  }
  if (cause === undefined) return { message: error.message, ...where };
  return { message: "Internal error. Looks like something went wrong on our end.", ...where, extensions: { code: "INTERNAL_SERVER_ERROR", detail: cause.message } };
}

/** The length of a list above the limit anywhere in the variables, or null. */
function longList(value: unknown): number | null {
  if (Array.isArray(value)) {
    if (value.length > MAX_INPUT) return value.length;
    for (const one of value) {
      const found = longList(one);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof value === "object" && value !== null) {
    for (const one of Object.values(value)) {
      const found = longList(one);
      if (found !== null) return found;
    }
  }
  return null;
}

function mutationOf(name: string): AnyResolve {
  return (
    mutationFields[name] ??
    (() => {
      throw notSimulated("Mutation", name);
    })
  );
}
