/** Orders with their line items and metafields. */
import { ADDRESS_FIELDS, METAFIELD_CHILD, addressInput, asList, asObject, childrenOf, pick, type Family, type Incremental, type Node, type WrittenKind } from "../kind.ts";
import { ATTRIBUTES, MONEY, TAX_LINES, attributes, comparedTaxLines, moneyInput, newIdOf, oldIdOf, taxLinesInput } from "../fields.ts";
import { METAFIELDS, bulkPart, bulkRead, detailPart, oneQuery, sized, type Shape } from "../queries.ts";

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
    customAttributes ${ATTRIBUTES}
    clientIp
    customerLocale
    customerAcceptsMarketing
    discountCodes
    registeredSourceUrl
    customerJourneySummary { firstVisit { landingPage referrerUrl } lastVisit { landingPage referrerUrl } }
    purchasingEntity { ... on PurchasingCompany { company { id } location { id } contact { id } } }
    cancellation { staffNote }
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
    totalRefundedSet ${MONEY}
    taxLines ${TAX_LINES}
    transactions {
      id kind status gateway formattedGateway test createdAt processedAt amountSet ${MONEY} accountNumber paymentId errorCode receiptJson parentTransaction { id }
      paymentDetails { ... on CardPaymentDetails { name company number } }
    }
    refunds { id note createdAt processedAt updatedAt totalRefundedSet ${MONEY} return { id } }
    fulfillments { id name status displayStatus createdAt updatedAt inTransitAt deliveredAt estimatedDeliveryAt totalQuantity trackingInfo { company number url } }
    risk { recommendation assessments { riskLevel facts { description sentiment } } }`,
  connections: [
    {
      name: "lineItems",
      fields: `id title variantTitle sku vendor quantity currentQuantity requiresShipping taxable isGiftCard product { id } variant { id } customAttributes ${ATTRIBUTES} originalUnitPriceSet ${MONEY} taxLines ${TAX_LINES} lineItemGroup { id title customAttributes ${ATTRIBUTES} }`,
      page: 20,
    },
    METAFIELDS,
  ],
};

/** Returns hold what customers wrote about why. They need a scope of their own, and would be a sixth connection. */
const RETURNS: Shape = {
  type: "Order",
  fields: "id",
  connections: [
    {
      name: "returns",
      fields: "id name status createdAt closedAt requestApprovedAt totalQuantity decline { reason note }",
      page: 5,
      below: {
        type: "Return",
        connections: [
          { name: "returnLineItems", fields: "id quantity customerNote returnReasonNote returnReasonDefinition { handle name } ... on ReturnLineItem { fulfillmentLineItem { id } }", page: 20 },
          { name: "exchangeLineItems", fields: "id quantity title variantTitle variantSku", page: 10 },
        ],
      },
    },
  ],
};

/** Not reachable in bulk: nodes without an id, and connections inside lists. */
const DETAILS = detailPart({
  stream: "order-details",
  scopes: ["read_orders", "read_all_orders"],
  type: "Order",
  fields: [
    sized("shippingLines", `id title code source phone custom deliveryCategory carrierIdentifier isRemoved originalPriceSet ${MONEY} discountedPriceSet ${MONEY} taxLines ${TAX_LINES}`),
    sized("localizedFields", "key title value purpose countryCode"),
    sized("discountApplications", "index allocationMethod targetSelection targetType value { ... on MoneyV2 { amount currencyCode } ... on PricingPercentageValue { percentage } } ... on DiscountCodeApplication { code } ... on ManualDiscountApplication { title description } ... on AutomaticDiscountApplication { title } ... on ScriptDiscountApplication { title }"),
    `refunds { id ${sized("refundLineItems", `id quantity restockType lineItem { id } subtotalSet ${MONEY} totalTaxSet ${MONEY}`)} ${sized("orderAdjustments", `id reason amountSet ${MONEY}`)} }`,
    `fulfillments { id ${sized("fulfillmentLineItems", "id quantity lineItem { id }")} }`,
  ].join(" "),
  batch: 8,
  size: 4,
  most: 30,
});

const countQuery = `#graphql
  query OrdersCount { ordersCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
    orderCreate(order: $order, options: $options) { order { id } userErrors { code field message } }
  }
`;

const PAYMENTS: ReadonlySet<unknown> = new Set(["SALE", "CAPTURE", "AUTHORIZATION"]);

/** Nothing may leave the shop or change its stock because an order is put back. */
const QUIETLY = { inventoryBehaviour: "BYPASS", sendReceipt: false, sendFulfillmentReceipt: false };

export const orders: WrittenKind = {
  kind: "Order",
  types: ["Order"],
  titles: { one: "order", many: "orders" },
  stream: "orders",
  scopes: ["read_orders", "read_all_orders"],
  read: bulkRead("orders", SHAPE, INCREMENTAL),
  parts: [bulkPart("order-returns", "orders", RETURNS, INCREMENTAL, ["read_returns"]), DETAILS],
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
    { topic: "orders/risk_assessment_changed", action: "update", id: "admin_graphql_api_order_id" },
    { topic: "order_transactions/create", action: "update", id: "order_id" },
    { topic: "refunds/create", action: "update", id: "order_id" },
    { topic: "fulfillments/create", action: "update", id: "order_id" },
    { topic: "fulfillments/update", action: "update", id: "order_id" },
    { topic: "returns/request", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/approve", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/decline", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/update", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/close", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/reopen", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/cancel", action: "update", id: "order.admin_graphql_api_id" },
    { topic: "returns/process", action: "update", id: "order.admin_graphql_api_id" },
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
        lineItemGroup: "platform.history",
      },
      compared: (fields) => ({ ...fields, taxLines: comparedTaxLines(fields["taxLines"]) }),
    },
    METAFIELD_CHILD,
    {
      kind: "OrderDetail",
      ordered: false,
      losses: { id: "platform.assigns", localizedFields: "platform.history", discountApplications: "platform.history", refunds: "platform.history", fulfillments: "platform.history" },
      name: () => "detail",
      compared: (fields) => {
        const lines = placed(fields["shippingLines"]).map((line) => ({ ...pick(line, ["title", "code", "source", "originalPriceSet"]), taxLines: comparedTaxLines(line["taxLines"]) }));
        return lines.length === 0 ? null : { shippingLines: lines };
      },
    },
    { kind: "Return", ordered: false, losses: {}, notRestored: "platform.history" },
    { kind: "ReturnLineItem", ordered: false, losses: {}, notRestored: "platform.history" },
    { kind: "UnverifiedReturnLineItem", ordered: false, losses: {}, notRestored: "platform.history" },
    { kind: "ExchangeLineItem", ordered: false, losses: {}, notRestored: "platform.history" },
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
    taxLines: "platform.computes",
    clientIp: "platform.history",
    customerLocale: "platform.history",
    customerAcceptsMarketing: "platform.history",
    discountCodes: "platform.history",
    registeredSourceUrl: "platform.history",
    customerJourneySummary: "platform.history",
    purchasingEntity: "platform.history",
    cancellation: "platform.history",
    refunds: "platform.history",
    fulfillments: "platform.history",
    risk: "platform.history",
  },
  compared: (fields, oldId) => ({
    ...fields,
    customer: oldIdOf(fields["customer"], oldId),
    transactions: payments(fields["transactions"]).map((one) => pick(one, ["kind", "status", "gateway", "processedAt", "test", "amountSet"])),
  }),
  notRestored: null,
  write: {
    mutation,
    payload: "orderCreate",
    node: "order",
    how: "bulk",
    variables: (family, references) => {
      const { fields } = family.root;
      const customer = newIdOf(fields["customer"], references);
      const location = newIdOf(asObject(fields["purchasingEntity"])?.["location"], references);
      const shipped = shippingLines(family);
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
          customAttributes: attributes(fields["customAttributes"]),
          lineItems: childrenOf(family, "LineItem").map(lineItem),
          shippingLines: shipped,
          ...orderTaxes(family, shipped),
          transactions: transactions(fields["transactions"]),
          // What has left the house must not be sent a second time.
          ...(fields["displayFulfillmentStatus"] === "FULFILLED" ? { fulfillmentStatus: "FULFILLED" } : {}),
          ...(typeof fields["customerAcceptsMarketing"] === "boolean" ? { buyerAcceptsMarketing: fields["customerAcceptsMarketing"] } : {}),
          ...(location === undefined ? {} : { companyLocationId: location }),
          ...references.inlineMetafields(family),
        },
        options: QUIETLY,
      };
    },
  },
};

function lineItem({ fields }: Node): Record<string, unknown> {
  const price = moneyInput(fields["originalUnitPriceSet"]);
  return {
    ...pick(fields, ["title", "variantTitle", "sku", "vendor", "quantity", "requiresShipping", "taxable"]),
    ...(typeof fields["isGiftCard"] === "boolean" ? { giftCard: fields["isGiftCard"] } : {}),
    ...(price === null ? {} : { priceSet: { shopMoney: price } }),
    taxLines: taxLinesInput(fields["taxLines"]),
    properties: attributes(fields["customAttributes"]).map(({ key, value }) => ({ name: key, value })),
  };
}

/** The order's own tax lines repeat those of its lines; they are written only where no line has any. */
function orderTaxes(family: Family, shipping: readonly Record<string, unknown>[]): Record<string, unknown> {
  const onLines = [...childrenOf(family, "LineItem").map(({ fields }) => fields), ...shipping].some((line) => asList(line["taxLines"]).length > 0);
  return onLines ? {} : { taxLines: taxLinesInput(family.root.fields["taxLines"]) };
}

function shippingLines(family: Family): Record<string, unknown>[] {
  return placed(childrenOf(family, "OrderDetail")[0]?.fields["shippingLines"]).map((line) => ({
    ...pick(line, ["title", "code", "source"]),
    priceSet: { shopMoney: moneyInput(line["originalPriceSet"]) },
    taxLines: taxLinesInput(line["taxLines"]),
  }));
}

/** Shipping lines that still count. */
function placed(value: unknown): Readonly<Record<string, unknown>>[] {
  return asList(value).map(asObject).filter((line) => line !== null).filter((line) => line["isRemoved"] !== true);
}

/** What was paid. Refunds and voids are not written: they undo a payment that exists only once the order does. */
function payments(value: unknown): Readonly<Record<string, unknown>>[] {
  return asList(value).map(asObject).filter((one) => one !== null).filter((one) => one["status"] === "SUCCESS" && PAYMENTS.has(one["kind"]));
}

function transactions(value: unknown): Record<string, unknown>[] {
  return payments(value).map((one) => ({ ...pick(one, ["kind", "status", "gateway", "processedAt", "test", "receiptJson"]), amountSet: { shopMoney: moneyInput(one["amountSet"]) } }));
}
