/** Subscription contracts of this app. The platform shows nobody another app's, which is a coverage gap and said as one. */
import type { Incremental, Kind } from "../kind.ts";
import { ADDRESS_FIELDS } from "../kind.ts";
import { ATTRIBUTES } from "../fields.ts";
import { bulkRead, detailPart, oneQuery, sized, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const MONEY = "{ amount currencyCode }";
const ADDRESS = ADDRESS_FIELDS.replace("countryCodeV2", "countryCode");

const SHAPE: Shape = {
  type: "SubscriptionContract",
  fields: `
    id
    status
    createdAt
    updatedAt
    nextBillingDate
    lastPaymentStatus
    currencyCode
    note
    customAttributes ${ATTRIBUTES}
    customer { id }
    originOrder { id }
    deliveryPrice ${MONEY}
    billingPolicy { interval intervalCount }
    deliveryPolicy { interval intervalCount }
    deliveryMethod {
      ... on SubscriptionDeliveryMethodShipping { address { ${ADDRESS} } }
      ... on SubscriptionDeliveryMethodLocalDelivery { address { ${ADDRESS} } localDeliveryOption { phone instructions title } }
    }`,
  connections: [],
};

export const subscriptionContracts: Kind = {
  kind: "SubscriptionContract",
  types: ["SubscriptionContract"],
  titles: { one: "subscription contract", many: "subscription contracts" },
  stream: "subscription-contracts",
  scopes: ["read_own_subscription_contracts"],
  read: bulkRead("subscriptionContracts", SHAPE, INCREMENTAL),
  // Lines have ids but are no nodes.
  parts: [
    detailPart({
      stream: "subscription-contract-lines",
      scopes: ["read_own_subscription_contracts"],
      type: "SubscriptionContract",
      fields: sized("lines", `id title variantTitle sku quantity productId variantId currentPrice ${MONEY} customAttributes ${ATTRIBUTES}`),
      batch: 20,
      size: 10,
      most: 200,
    }),
  ],
  one: oneQuery(SHAPE),
  count: null,
  incremental: INCREMENTAL,
  topics: [
    { topic: "subscription_contracts/create", action: "create" },
    { topic: "subscription_contracts/update", action: "update" },
    { topic: "subscription_contracts/activate", action: "update" },
    { topic: "subscription_contracts/pause", action: "update" },
    { topic: "subscription_contracts/cancel", action: "update" },
    { topic: "subscription_contracts/expire", action: "update" },
    { topic: "subscription_contracts/fail", action: "update" },
  ],
  children: [{ kind: "SubscriptionContractDetail", ordered: false, losses: {}, notRestored: "platform.history" }],
  // A contract charges a payment method, which nobody can carry over: a restored one would be a promise to bill that cannot be kept.
  losses: {},
  write: null,
  notRestored: "platform.history",
};
