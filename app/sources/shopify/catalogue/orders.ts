/** Orders with their line items and metafields. */
import { ADDRESS_FIELDS, METAFIELD_CHILD, addressInput, asList, asObject, childrenOf, pick, type Incremental, type WrittenKind, type Node } from "./kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "./queries.ts";

const MONEY = "{ shopMoney { amount currencyCode } }";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };

const SHAPE: Shape = {
  type: "Order",
  fields: `
    id
    name
    confirmationNumber
    createdAt
    updatedAt
    processedAt
    closedAt
    cancelledAt
    cancelReason
    customer { id }
    email
    phone
    note
    tags
    poNumber
    customAttributes { key value }
    currencyCode
    presentmentCurrencyCode
    taxesIncluded
    test
    sourceName
    sourceIdentifier
    displayFinancialStatus
    displayFulfillmentStatus
    billingAddress { ${ADDRESS_FIELDS} }
    shippingAddress { ${ADDRESS_FIELDS} }
    subtotalPriceSet ${MONEY}
    totalPriceSet ${MONEY}
    totalTaxSet ${MONEY}
    totalDiscountsSet ${MONEY}
    totalShippingPriceSet ${MONEY}
    totalRefundedSet ${MONEY}`,
  connections: [
    {
      name: "lineItems",
      fields: `id title variantTitle sku vendor quantity currentQuantity requiresShipping taxable isGiftCard product { id } variant { id } customAttributes { key value } originalUnitPriceSet ${MONEY}`,
    },
    METAFIELDS,
  ],
};

const countQuery = `#graphql
  query OrdersCount { ordersCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
    orderCreate(order: $order, options: $options) { order { id } userErrors { code field message } }
  }
`;

/** Nothing may leave the shop or change its stock because an order is put back. */
const QUIETLY = { inventoryBehaviour: "BYPASS", sendReceipt: false, sendFulfillmentReceipt: false };

export const orders: WrittenKind = {
  kind: "Order",
  types: ["Order"],
  titles: { one: "order", many: "orders" },
  stream: "orders",
  scopes: ["read_orders", "read_all_orders"],
  read: bulkRead("orders", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "ordersCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "orders/create", action: "create" },
    { topic: "orders/updated", action: "update" },
    { topic: "orders/cancelled", action: "update" },
    { topic: "orders/edited", action: "update", id: "order_edit.order_id" },
    { topic: "orders/fulfilled", action: "update" },
    { topic: "orders/partially_fulfilled", action: "update" },
    { topic: "orders/paid", action: "update" },
    { topic: "orders/delete", action: "delete", id: "id" },
  ],
  children: [
    {
      kind: "LineItem",
      ordered: true,
      losses: {
        id: "platform.assigns",
        currentQuantity: "platform.history",
        product: "kind.not_restored",
        variant: "kind.not_restored",
      },
    },
    METAFIELD_CHILD,
  ],
  losses: {
    id: "platform.assigns",
    confirmationNumber: "platform.assigns",
    createdAt: "platform.assigns",
    updatedAt: "platform.assigns",
    cancelledAt: "platform.history",
    cancelReason: "platform.history",
    displayFinancialStatus: "platform.history",
    displayFulfillmentStatus: "platform.history",
    subtotalPriceSet: "platform.computes",
    totalPriceSet: "platform.computes",
    totalTaxSet: "platform.computes",
    totalDiscountsSet: "platform.computes",
    totalShippingPriceSet: "platform.computes",
    totalRefundedSet: "platform.computes",
  },
  notRestored: null,
  write: {
    mutation,
    payload: "orderCreate",
    node: "order",
    how: "bulk",
    variables: (family, references) => {
      const { fields } = family.root;
      const customerId = asObject(fields["customer"])?.["id"];
      const customer = typeof customerId === "string" ? references.newId(customerId) : undefined;
      const billing = asObject(fields["billingAddress"]);
      const shipping = asObject(fields["shippingAddress"]);
      return {
        order: {
          ...pick(fields, ["name", "email", "phone", "note", "tags", "poNumber", "processedAt", "closedAt", "test", "taxesIncluded", "sourceName", "sourceIdentifier"]),
          ...(typeof fields["currencyCode"] === "string" ? { currency: fields["currencyCode"] } : {}),
          ...(typeof fields["presentmentCurrencyCode"] === "string" ? { presentmentCurrency: fields["presentmentCurrencyCode"] } : {}),
          ...(customer === undefined ? {} : { customer: { toAssociate: { id: customer } } }),
          ...(billing === null ? {} : { billingAddress: addressInput(billing) }),
          ...(shipping === null ? {} : { shippingAddress: addressInput(shipping) }),
          customAttributes: attributes(fields["customAttributes"]).map(({ key, value }) => ({ key, value })),
          lineItems: childrenOf(family, "LineItem").map(lineItem),
          ...references.inlineMetafields(family),
        },
        options: QUIETLY,
      };
    },
  },
};

function lineItem({ fields }: Node): Record<string, unknown> {
  const price = asObject(asObject(fields["originalUnitPriceSet"])?.["shopMoney"]);
  return {
    ...pick(fields, ["title", "variantTitle", "sku", "vendor", "quantity", "requiresShipping", "taxable"]),
    ...(typeof fields["isGiftCard"] === "boolean" ? { giftCard: fields["isGiftCard"] } : {}),
    ...(price === null ? {} : { priceSet: { shopMoney: { amount: price["amount"], currencyCode: price["currencyCode"] } } }),
    properties: attributes(fields["customAttributes"]).map(({ key, value }) => ({ name: key, value })),
  };
}

/** An attribute without a value is written as the empty text: the input takes no null. */
function attributes(value: unknown): { key: string; value: string }[] {
  return asList(value).flatMap((item) => {
    const attribute = asObject(item);
    if (attribute === null || typeof attribute["key"] !== "string") return [];
    return [{ key: attribute["key"], value: typeof attribute["value"] === "string" ? attribute["value"] : "" }];
  });
}
