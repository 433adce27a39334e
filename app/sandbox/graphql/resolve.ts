/** One table of field resolvers, read by graphql-js for pages and by the bulk compiler for streams, so that both say the same. */
import { getNamedType, getNullableType, isListType, isNonNullType } from "graphql";
import type { GraphQLField } from "graphql";
import type { Context, Fields } from "./context.ts";
import { addressFields, customerFields } from "./fields/customers.ts";
import { metafieldDefinitionFields, metafieldFields } from "./fields/metafields.ts";
import { metaobjectDefinitionFields, metaobjectFieldDefinitionFields, metaobjectFieldFields, metaobjectFields } from "./fields/metaobjects.ts";
import { lineItemFields, orderFields } from "./fields/orders.ts";
import { queryFields } from "./fields/query.ts";
import { appFields, installationFields, shopFields, subscriptionFields } from "./fields/shop.ts";
import { List } from "./list.ts";
import { RefusedError } from "./refused.ts";

export type AnyResolve = (source: unknown, args: Readonly<Record<string, unknown>>, context: Context) => unknown;

const TABLE = {
  QueryRoot: queryFields,
  Customer: customerFields,
  MailingAddress: addressFields,
  Order: orderFields,
  LineItem: lineItemFields,
  Metafield: metafieldFields,
  MetafieldDefinition: metafieldDefinitionFields,
  Metaobject: metaobjectFields,
  MetaobjectField: metaobjectFieldFields,
  MetaobjectDefinition: metaobjectDefinitionFields,
  MetaobjectFieldDefinition: metaobjectFieldDefinitionFields,
  Shop: shopFields,
  AppInstallation: installationFields,
  App: appFields,
  WebhookSubscription: subscriptionFields,
} as unknown as Readonly<Record<string, Fields<unknown>>>;

/** How to read one field: its resolver, else the property of its name, else what a shop without such things answers. */
export function resolverOf(typeName: string, field: GraphQLField<unknown, unknown>): AnyResolve {
  const own = TABLE[typeName]?.[field.name];
  if (own !== undefined) return own;
  const otherwise = absent(typeName, field);
  return (source) => {
    const value = (source as Record<string, unknown> | null)?.[field.name];
    return value === undefined ? otherwise() : value;
  };
}

/** The shop has no products, draft orders, companies …: their lists are empty, their counts 0 and their references null. */
function absent(typeName: string, field: GraphQLField<unknown, unknown>): () => unknown {
  const named = getNamedType(field.type).name;
  if (named.endsWith("Connection")) return () => List.empty;
  if (named === "Count") return () => ({ count: 0, precision: "EXACT" });
  if (!isNonNullType(field.type)) return () => null;
  if (isListType(getNullableType(field.type))) return () => [];
  return () => {
    throw notSimulated(typeName, field.name);
  };
}

export function notSimulated(typeName: string, fieldName: string): RefusedError {
  return new RefusedError("NOT_SIMULATED", `The sandbox shop does not simulate ${typeName}.${fieldName}.`, { typeName, fieldName });
}
