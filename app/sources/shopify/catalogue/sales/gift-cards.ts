/** Gift cards: who has one, what it is worth, and the message that came with it. The code itself is shown to nobody. */
import { moneyInput, newIdOf, oldIdOf } from "../fields.ts";
import { asObject, pick, type OldId, type WrittenKind } from "../kind.ts";
import { bulkRead, detailPart, oneQuery, sized, type Shape } from "../queries.ts";

const MONEY = "{ amount currencyCode }";

const SHAPE: Shape = {
  type: "GiftCard",
  fields: `
    id
    maskedCode
    lastCharacters
    enabled
    createdAt
    updatedAt
    deactivatedAt
    expiresOn
    note
    templateSuffix
    crossCurrencyRedemptionStrategy
    initialValue ${MONEY}
    balance ${MONEY}
    customer { id }
    order { id }
    recipientAttributes { message preferredName sendNotificationAt recipient { id } }`,
  connections: [],
};

const countQuery = `#graphql
  query GiftCardsCount { giftCardsCount(limit: null) { count precision } }
`;

/** The new card gets a new code, which the answer is not asked for. */
const mutation = `#graphql
  mutation RestoreGiftCard($input: GiftCardCreateInput!) {
    giftCardCreate(input: $input) { giftCard { id } userErrors { code field message } }
  }
`;

export const giftCards: WrittenKind = {
  kind: "GiftCard",
  types: ["GiftCard"],
  titles: { one: "gift card", many: "gift cards" },
  stream: "gift-cards",
  scopes: ["read_gift_cards"],
  read: bulkRead("giftCards", SHAPE, null),
  // Transactions are an interface without Node. Their notes are text that staff write.
  parts: [
    detailPart({
      stream: "gift-card-details",
      scopes: ["read_gift_cards", "read_gift_card_transactions"],
      type: "GiftCard",
      fields: sized("transactions", `id note processedAt amount ${MONEY} ${"metafields(first: 5) { nodes { id namespace key type value } pageInfo { hasNextPage } }"}`),
      batch: 8,
      size: 5,
      most: 60,
    }),
  ],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "giftCardsCount" },
  incremental: null,
  topics: [],
  children: [{ kind: "GiftCardDetail", ordered: false, losses: {}, notRestored: "platform.history" }],
  losses: {
    id: "platform.assigns",
    maskedCode: "platform.secret",
    lastCharacters: "platform.secret",
    createdAt: "platform.assigns",
    updatedAt: "platform.assigns",
    deactivatedAt: "platform.history",
    order: "platform.history",
    initialValue: "platform.history",
  },
  compared: (fields, oldId) => (isLive(fields) ? { ...fields, customer: oldIdOf(fields["customer"], oldId), recipientAttributes: comparedRecipient(fields["recipientAttributes"], oldId) } : null),
  notRestored: null,
  write: {
    mutation,
    payload: "giftCardCreate",
    node: "giftCard",
    how: "bulk",
    // A card that is used up, switched off or past its day has nothing to give back.
    skips: ({ fields }) => !isLive(fields),
    variables: ({ root: { fields } }, references) => {
      const customer = newIdOf(fields["customer"], references);
      const recipient = asObject(fields["recipientAttributes"]);
      const person = newIdOf(recipient?.["recipient"], references);
      return {
        input: {
          ...pick(fields, ["note", "expiresOn", "templateSuffix", "crossCurrencyRedemptionStrategy"]),
          initialAmount: moneyInput(fields["balance"]),
          ...(customer === undefined ? {} : { customerId: customer }),
          // Without the day of sending: the message went out long ago.
          ...(recipient === null || person === undefined ? {} : { recipientAttributes: { id: person, ...pick(recipient, ["message", "preferredName"]) } }),
        },
      };
    },
  },
};

function isLive(fields: Readonly<Record<string, unknown>>): boolean {
  return fields["enabled"] === true && Number(moneyInput(fields["balance"])?.amount ?? 0) > 0;
}

function comparedRecipient(value: unknown, oldId: OldId): unknown {
  const recipient = asObject(value);
  return recipient === null ? null : { ...pick(recipient, ["message", "preferredName"]), recipient: oldIdOf(recipient["recipient"], oldId) };
}

