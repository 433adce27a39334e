/** Draft orders with their line items and metafields. */
import { ATTRIBUTES, MONEY, TAX_LINES, attributes, moneyInput, newIdOf, oldIdOf } from "../fields.ts";
import { ADDRESS_FIELDS, METAFIELD_CHILD, addressInput, asList, asObject, childrenOf, pick, type Incremental, type Node, type WrittenKind } from "../kind.ts";
import { METAFIELDS, bulkRead, detailPart, oneQuery, sized, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const DISCOUNT = "{ title description value valueType }";

const SHAPE: Shape = {
  type: "DraftOrder",
  fields: `
    id
    name
    status
    createdAt
    updatedAt
    completedAt
    customer { id }
    order { id }
    email
    phone
    note2
    tags
    poNumber
    customAttributes ${ATTRIBUTES}
    currencyCode
    presentmentCurrencyCode
    taxExempt
    taxesIncluded
    visibleToCustomer
    acceptAutomaticDiscounts
    allowDiscountCodesInCheckout
    discountCodes
    reserveInventoryUntil
    invoiceSentAt
    invoiceEmailTemplateSubject
    appliedDiscount ${DISCOUNT}
    billingAddress { ${ADDRESS_FIELDS} }
    shippingAddress { ${ADDRESS_FIELDS} }
    shippingLine { title code originalPriceSet ${MONEY} }
    purchasingEntity { ... on PurchasingCompany { company { id } location { id } contact { id } } }
    subtotalPriceSet ${MONEY}
    totalPriceSet ${MONEY}
    totalTaxSet ${MONEY}
    taxLines ${TAX_LINES}`,
  connections: [
    {
      name: "lineItems",
      fields: `id uuid title variantTitle sku vendor quantity custom requiresShipping taxable isGiftCard product { id } variant { id } customAttributes ${ATTRIBUTES} originalUnitPriceSet ${MONEY} appliedDiscount ${DISCOUNT}`,
    },
    METAFIELDS,
  ],
};

const countQuery = `#graphql
  query DraftOrdersCount { draftOrdersCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreDraftOrder($input: DraftOrderInput!) {
    draftOrderCreate(input: $input) { draftOrder { id } userErrors { field message } }
  }
`;

export const draftOrders: WrittenKind = {
  kind: "DraftOrder",
  types: ["DraftOrder"],
  titles: { one: "draft order", many: "draft orders" },
  stream: "draft-orders",
  scopes: ["read_draft_orders"],
  read: bulkRead("draftOrders", SHAPE, INCREMENTAL),
  parts: [
    detailPart({ stream: "draft-order-details", scopes: ["read_draft_orders"], type: "DraftOrder", fields: sized("localizedFields", "key title value purpose countryCode"), batch: 50, size: 10, most: 200 }),
  ],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "draftOrdersCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "draft_orders/create", action: "create" },
    { topic: "draft_orders/update", action: "update" },
    { topic: "draft_orders/delete", action: "delete", id: "id" },
  ],
  children: [
    { kind: "DraftOrderLineItem", ordered: true, losses: { id: "platform.assigns", uuid: "platform.assigns", vendor: "kind.not_restored", variantTitle: "kind.not_restored", custom: "kind.not_restored", isGiftCard: "kind.not_restored", product: "kind.not_restored", variant: "kind.not_restored" } },
    METAFIELD_CHILD,
    {
      kind: "DraftOrderDetail",
      ordered: false,
      losses: { id: "platform.assigns" },
      name: () => "detail",
      compared: (fields) => ({ localizedFields: asList(fields["localizedFields"]).map((one) => pick(asObject(one) ?? {}, ["key", "value"])) }),
    },
  ],
  losses: {
    id: "platform.assigns",
    name: "platform.assigns",
    createdAt: "platform.assigns",
    updatedAt: "platform.assigns",
    status: "platform.history",
    order: "platform.history",
    invoiceSentAt: "platform.history",
    discountCodes: "platform.history",
    reserveInventoryUntil: "platform.history",
    purchasingEntity: "platform.history",
    invoiceEmailTemplateSubject: "platform.computes",
    currencyCode: "platform.computes",
    subtotalPriceSet: "platform.computes",
    totalPriceSet: "platform.computes",
    totalTaxSet: "platform.computes",
    taxLines: "platform.computes",
    taxesIncluded: "platform.computes",
  },
  compared: (fields, oldId) => (fields["completedAt"] !== null && fields["completedAt"] !== undefined ? null : { ...fields, completedAt: null, customer: oldIdOf(fields["customer"], oldId) }),
  notRestored: null,
  write: {
    mutation,
    payload: "draftOrderCreate",
    node: "draftOrder",
    how: "bulk",
    // It is an order by now, and comes back as that one.
    skips: ({ fields }) => typeof fields["completedAt"] === "string",
    variables: (family, references) => {
      const { fields } = family.root;
      const customer = newIdOf(fields["customer"], references);
      const billing = asObject(fields["billingAddress"]);
      const shipping = asObject(fields["shippingAddress"]);
      const line = asObject(fields["shippingLine"]);
      const fixed = discount(fields["appliedDiscount"]);
      const localized = asList(childrenOf(family, "DraftOrderDetail")[0]?.fields["localizedFields"]).map((one) => pick(asObject(one) ?? {}, ["key", "value"]));
      return {
        input: {
          ...pick(fields, ["email", "phone", "tags", "poNumber", "taxExempt", "visibleToCustomer", "acceptAutomaticDiscounts", "allowDiscountCodesInCheckout", "presentmentCurrencyCode"]),
          ...(fields["note2"] === null || fields["note2"] === undefined ? {} : { note: fields["note2"] }),
          ...(customer === undefined ? {} : { purchasingEntity: { customerId: customer } }),
          ...(billing === null ? {} : { billingAddress: addressInput(billing) }),
          ...(shipping === null ? {} : { shippingAddress: addressInput(shipping) }),
          ...(line === null ? {} : { shippingLine: { title: line["title"], priceWithCurrency: moneyInput(line["originalPriceSet"]) } }),
          ...(fixed === null ? {} : { appliedDiscount: fixed }),
          ...(localized.length === 0 ? {} : { localizedFields: localized }),
          customAttributes: attributes(fields["customAttributes"]),
          lineItems: childrenOf(family, "DraftOrderLineItem").map(lineItem),
          ...references.inlineMetafields(family),
        },
      };
    },
  },
};

/** As a custom item: what it was called and cost, not the product it came from. */
function lineItem({ fields }: Node): Record<string, unknown> {
  const price = moneyInput(fields["originalUnitPriceSet"]);
  const fixed = discount(fields["appliedDiscount"]);
  return {
    ...pick(fields, ["title", "quantity", "sku", "taxable", "requiresShipping"]),
    ...(price === null ? {} : { originalUnitPriceWithCurrency: price }),
    ...(fixed === null ? {} : { appliedDiscount: fixed }),
    customAttributes: attributes(fields["customAttributes"]),
  };
}

function discount(value: unknown): Record<string, unknown> | null {
  const fields = asObject(value);
  return fields === null ? null : pick(fields, ["title", "description", "value", "valueType"]);
}

