/** Discounts with their codes: a title or a code can name a person, and a discount can be meant for named customers. */
import { METAFIELD_CHILD, type Incremental, type Kind } from "../kind.ts";
import { METAFIELDS, bulkRead, detailPart, oneQuery, sized, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const TYPES = ["DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping", "DiscountCodeApp"] as const;
const AUTOMATIC = ["DiscountAutomaticBasic", "DiscountAutomaticBxgy", "DiscountAutomaticFreeShipping", "DiscountAutomaticApp"] as const;
const COMMON = "title status startsAt endsAt createdAt updatedAt";
const CONTEXT = "context { ... on DiscountCustomers { customers { id } } ... on DiscountCustomerSegments { segments { id } } }";

const SHAPE: Shape = {
  type: "DiscountNode",
  fields: `
    id
    discount {
      __typename
      ${TYPES.map((type) => `... on ${type} { ${COMMON} usageLimit appliesOncePerCustomer ${CONTEXT} }`).join("\n      ")}
      ${AUTOMATIC.map((type) => `... on ${type} { ${COMMON} }`).join("\n      ")}
    }`,
  connections: [METAFIELDS],
};

const countQuery = `#graphql
  query DiscountsCount { discountNodesCount(limit: null) { count precision } }
`;

export const discounts: Kind = {
  kind: "DiscountNode",
  // The API shows one discount under three names; which of them a list answers is not documented.
  types: ["DiscountNode", "DiscountCodeNode", "DiscountAutomaticNode"],
  titles: { one: "discount", many: "discounts" },
  stream: "discounts",
  scopes: ["read_discounts"],
  read: bulkRead("discountNodes", SHAPE, INCREMENTAL),
  parts: [
    detailPart({
      stream: "discount-codes",
      scopes: ["read_discounts"],
      type: "DiscountNode",
      fields: `discount { ${TYPES.map((type) => `... on ${type} { ${sized("codes", "id code")} }`).join(" ")} }`,
      batch: 20,
      size: 20,
      most: 250,
    }),
  ],
  // Messages call a discount by another name than a list may; this field takes each of them, and the answer has the name of the list.
  one: oneQuery(SHAPE, "discountNode"),
  count: { query: countQuery, field: "discountNodesCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "discounts/create", action: "create" },
    { topic: "discounts/update", action: "update" },
    { topic: "discounts/redeemcode_added", action: "update" },
    { topic: "discounts/redeemcode_removed", action: "update" },
    { topic: "discounts/delete", action: "delete" },
  ],
  children: [METAFIELD_CHILD, { kind: "DiscountNodeDetail", ordered: false, losses: {}, notRestored: "merchant.catalogue" }],
  losses: {},
  write: null,
  notRestored: "merchant.catalogue",
};
