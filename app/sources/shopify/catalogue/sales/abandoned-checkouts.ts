/** Abandoned checkouts: what people typed before they left. Nothing creates one but a customer at the checkout. */
import { ADDRESS_FIELDS, type Kind } from "../kind.ts";
import { ATTRIBUTES, MONEY, TAX_LINES } from "../fields.ts";
import { bulkRead, oneQuery, type Shape } from "../queries.ts";

const SHAPE: Shape = {
  type: "AbandonedCheckout",
  fields: `
    id
    name
    createdAt
    updatedAt
    completedAt
    customer { id }
    note
    customAttributes ${ATTRIBUTES}
    discountCodes
    billingAddress { ${ADDRESS_FIELDS} }
    shippingAddress { ${ADDRESS_FIELDS} }
    subtotalPriceSet ${MONEY}
    totalPriceSet ${MONEY}
    taxLines ${TAX_LINES}`,
  connections: [{ name: "lineItems", fields: `id title variantTitle sku quantity product { id } variant { id } customAttributes ${ATTRIBUTES} originalUnitPriceSet ${MONEY}` }],
};

const countQuery = `#graphql
  query AbandonedCheckoutsCount { abandonedCheckoutsCount(limit: null) { count precision } }
`;

export const abandonedCheckouts: Kind = {
  kind: "AbandonedCheckout",
  types: ["AbandonedCheckout"],
  titles: { one: "abandoned checkout", many: "abandoned checkouts" },
  stream: "abandoned-checkouts",
  scopes: ["read_orders"],
  // It can be searched by updated_at but not sorted by it, which may time out; each run reads all of the three months that the platform keeps.
  read: bulkRead("abandonedCheckouts", SHAPE, null),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "abandonedCheckoutsCount" },
  incremental: null,
  // checkouts/* tell of every checkout under an id that is not the abandoned one's.
  topics: [
    { topic: "checkouts/create", action: "create", whole: true },
    { topic: "checkouts/update", action: "update", whole: true },
    { topic: "checkouts/delete", action: "delete", whole: true },
  ],
  children: [{ kind: "AbandonedCheckoutLineItem", ordered: true, losses: {}, notRestored: "platform.history" }],
  losses: {},
  write: null,
  notRestored: "platform.history",
};
