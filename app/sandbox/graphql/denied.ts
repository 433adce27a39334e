/** Whether the app may read a field: by its access scopes, and by what is closed to it on purpose. */
import { isObjectType } from "graphql";
import type { GraphQLField, GraphQLSchema } from "graphql";
import { deniedField } from "../schema/access.ts";
import type { Context } from "./context.ts";

/** The sentence of what is missing, or null. */
export function denied(context: Pick<Context, "denyFields" | "granted"> & { readonly schema: GraphQLSchema }, typeName: string, field: GraphQLField<unknown, unknown>): string | null {
  const named = context.denyFields;
  if (named.length > 0 && (named.includes(`${typeName}.${field.name}`) || (typeName === "QueryRoot" && named.includes(field.name)))) return "approval by Shopify.";
  return deniedField(context.schema, typeName, field, context.granted);
}

/** The same by names, for a selection that is only looked at. */
export function deniedByName(context: Context, typeName: string, fieldName: string): string | null {
  const type = context.schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  return field === undefined ? null : denied(context, typeName, field);
}
