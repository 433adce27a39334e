/** One table of field resolvers, read by graphql-js for pages and by the bulk compiler for streams, so that both say the same. */
import type { GraphQLField } from "graphql";
import type { Fields } from "./context.ts";
import { addressFields, customerFields } from "./fields/customers.ts";
import { metafieldDefinitionFields, metafieldFields } from "./fields/metafields.ts";
import { metaobjectDefinitionFields, metaobjectFieldDefinitionFields, metaobjectFieldFields, metaobjectFields } from "./fields/metaobjects.ts";
import { historyFields } from "./fields/order-history.ts";
import { lineItemFields, orderFields } from "./fields/orders.ts";
import { queryFields } from "./fields/query.ts";
import { appFields, installationFields, shopFields, subscriptionFields } from "./fields/shop.ts";
import { kindFields } from "./fields/kinds.ts";
import { knownName, shapeOf } from "./shapes.ts";
import type { AnyResolve } from "./shapes.ts";

const TABLE = {
  ...kindFields,
  QueryRoot: queryFields,
  Customer: customerFields,
  MailingAddress: addressFields,
  Order: orderFields,
  LineItem: lineItemFields,
  ...historyFields,
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
  const table = TABLE[typeName];
  const name = knownName(field);
  const own = table === undefined || !Object.hasOwn(table, name) ? undefined : table[name];
  // What is answered by a document's resolver is a plain value still; the older tables answer in shape.
  return own === undefined || !(typeName in kindFields) ? (own ?? shapeOf(typeName, field)) : shapeOf(typeName, field, own);
}
