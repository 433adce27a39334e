import { describe, expect, test } from "@jest/globals";
import { getNamedType, isInterfaceType, isLeafType, isNonNullType, isObjectType, isUnionType } from "graphql";
import type { GraphQLCompositeType, GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from "graphql";
import { scopesNamed } from "#app/sandbox/schema/access.ts";
import { loadSchema } from "#app/sandbox/schema/load.ts";
import { ask, startShop } from "./support.ts";

/** Fields that the shop says nothing true about: settings of other kinds, or money in ways that it does not pay. */
const LEFT_OUT = new Set(["contextualPricing", "purchasingEntity", "merchantBusinessEntity", "totalCashRoundingAdjustment", "market", "storefrontId", "canRestock", "fulfillableQuantity", "fulfillmentStatus", "metafieldsCount", "inventoryItem", "avatar", "privateData"]);

/** A selection of all that a type has: leaves, and objects down to `depth`. Deprecated fields too. */
function everything(schema: GraphQLSchema, type: GraphQLCompositeType, depth: number, inConnection = false): string {
  // An interface is asked for as each of its types.
  if (isUnionType(type) || isInterfaceType(type)) return `__typename ${schema.getPossibleTypes(type).filter(() => depth > 0).map((one) => `... on ${one.name} { __typename }`).join(" ")}`;
  const parts: string[] = [];
  for (const field of Object.values((type as GraphQLObjectType).getFields())) {
    if (LEFT_OUT.has(field.name) || field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) continue;
    const part = selected(schema, field, depth, inConnection);
    if (part !== "") parts.push(part);
  }
  return parts.length === 0 ? "__typename" : parts.join(" ");
}

function selected(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, depth: number, inConnection: boolean): string {
  const named = getNamedType(field.type);
  if (isLeafType(named)) return field.name;
  if (depth === 0) return "";
  if (isObjectType(named) && named.name.endsWith("Connection")) {
    if (inConnection) return "";
    const node = getNamedType(named.getFields()["nodes"]?.type);
    return node === undefined || isLeafType(node) ? "" : `${field.name}(first: 1) { nodes { ${everything(schema, node as GraphQLCompositeType, depth - 1, true)} } }`;
  }
  return `${field.name} { ${everything(schema, named as GraphQLCompositeType, depth - 1, inConnection)} }`;
}

const KINDS = [
  ["Customer", "customers"],
  ["Order", "orders"],
  ["DraftOrder", "draftOrders"],
  ["Product", "products"],
  ["ProductVariant", "productVariants"],
  ["GiftCard", "giftCards"],
  ["Segment", "segments"],
  ["Company", "companies"],
  ["CompanyLocation", "companyLocations"],
  ["File", "files"],
  ["AbandonedCheckout", "abandonedCheckouts"],
  ["DiscountNode", "discountNodes"],
  ["Page", "pages"],
  ["Blog", "blogs"],
  ["Article", "articles"],
  ["Comment", "comments"],
  ["SubscriptionContract", "subscriptionContracts"],
  ["Event", "events"],
] as const;

describe("everything the schema says about a kind can be asked for", () => {
  test.each(KINDS)("%s", async (type, list) => {
    const schema = await loadSchema();
    const shop = await startShop({ customers: 400, orders: 400, scopes: [...scopesNamed(schema), "read_all_orders"] });
    const named = schema.getType(type) as GraphQLObjectType | GraphQLInterfaceType;
    const concrete = isInterfaceType(named) ? (type === "File" ? ["GenericFile", "MediaImage"] : ["BasicEvent", "CommentEvent"]).map((name) => schema.getType(name) as GraphQLObjectType) : [named];
    const parts = concrete.flatMap((one) =>
      Object.values(one.getFields())
        .filter((field) => !LEFT_OUT.has(field.name) && !field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined))
        .flatMap((field) => {
          const part = selected(schema, field, 2, false);
          return part === "" ? [] : [{ field, part: one === named ? part : `... on ${one.name} { ${part} }` }];
        }),
    );
    const wrong: string[] = [];
    for (const { field, part } of parts) {
      let answer = await ask(shop, `{ ${list}(first: 40) { nodes { id ${part} } } }`);
      for (const first of [10, 4, 1]) if (answer.errors?.[0]?.extensions?.code === "MAX_COST_EXCEEDED") answer = await ask(shop, `{ ${list}(first: ${first}) { nodes { id ${part} } } }`);
      for (const error of answer.errors ?? []) wrong.push(`${field.name}: ${error.message} ${JSON.stringify(error.extensions)}`);
    }
    expect([...new Set(wrong)]).toEqual([]);
  });
});
