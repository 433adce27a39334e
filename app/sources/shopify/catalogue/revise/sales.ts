/** Changes to orders, draft orders and gift cards. */
import { moneyInput, newIdOf } from "../fields.ts";
import { addressInput, asObject, childrenOf, pick, WRITTEN_ADDRESS, type Family } from "../kind.ts";
import { draftOrders } from "../sales/draft-orders.ts";
import { differing, same, setting, type Delta, type ReviseStep, type Revision } from "./revision.ts";
import { amount } from "./store-credit.ts";

const orderUpdate: ReviseStep = {
  mutation: `#graphql
  mutation ReviseOrder($input: OrderInput!) {
    orderUpdate(input: $input) { order { id } userErrors { field message } }
  }
`,
  payload: "orderUpdate",
  node: null,
  again: "harmless",
  each: (delta) => {
    const { then, now } = delta;
    const changed = differing(delta, ["email", "phone", "note", "tags", "poNumber", "customAttributes"]);
    const input = setting(then.root.fields, changed);
    const shipping = asObject(then.root.fields["shippingAddress"]);
    const fields = [...changed];
    // An address can be replaced and not be taken away.
    if (shipping !== null && !same(pick(shipping, WRITTEN_ADDRESS), pick(asObject(now.root.fields["shippingAddress"]) ?? {}, WRITTEN_ADDRESS))) {
      input["shippingAddress"] = addressInput(shipping);
      fields.push("shippingAddress");
    }
    return fields.length === 0 ? [] : [{ of: then.root, fields, variables: { input: { id: now.root.id, ...input } } }];
  },
};

export const orderRevision: Revision = {
  steps: [
    orderUpdate,
    {
      mutation: `#graphql
  mutation ReviseOrderOpen($input: OrderOpenInput!) { orderOpen(input: $input) { order { id } userErrors { field message } } }
`,
      payload: "orderOpen",
      node: null,
      again: "harmless",
      each: ({ then, now }) => (then.root.fields["closedAt"] == null && now.root.fields["closedAt"] != null ? [{ of: then.root, fields: ["closedAt"], variables: { input: { id: now.root.id } } }] : []),
    },
    {
      mutation: `#graphql
  mutation ReviseOrderClose($input: OrderCloseInput!) { orderClose(input: $input) { order { id } userErrors { field message } } }
`,
      payload: "orderClose",
      node: null,
      again: "harmless",
      // It is closed again, but the platform writes today's time: the time that was there does not come back.
      each: ({ then, now }) => (then.root.fields["closedAt"] != null && now.root.fields["closedAt"] == null ? [{ of: then.root, fields: [], variables: { input: { id: now.root.id } } }] : []),
    },
    {
      mutation: `#graphql
  mutation ReviseOrderCustomer($orderId: ID!, $customerId: ID!) {
    orderCustomerSet(orderId: $orderId, customerId: $customerId) { order { id } userErrors { code field message } }
  }
`,
      payload: "orderCustomerSet",
      node: null,
      again: "harmless",
      each: ({ then, now }, references) => {
        const customerId = newIdOf(then.root.fields["customer"], references);
        return customerId === undefined || customerId === asObject(now.root.fields["customer"])?.["id"] ? [] : [{ of: then.root, fields: ["customer"], variables: { orderId: now.root.id, customerId } }];
      },
    },
    {
      mutation: `#graphql
  mutation ReviseOrderNoCustomer($orderId: ID!) { orderCustomerRemove(orderId: $orderId) { order { id } userErrors { code field message } } }
`,
      payload: "orderCustomerRemove",
      node: null,
      again: "harmless",
      each: ({ then, now }) => (then.root.fields["customer"] == null && now.root.fields["customer"] != null ? [{ of: then.root, fields: ["customer"], variables: { orderId: now.root.id } }] : []),
    },
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseOrderDelete($orderId: ID!) { orderDelete(orderId: $orderId) { deletedId userErrors { code field message } } }
`,
    payload: "orderDelete",
    variables: (orderId) => ({ orderId }),
  },
};

/** What the input of a draft is made of, by the member it is read as. */
const DRAFT_FIELDS = ["email", "phone", "note2", "tags", "poNumber", "taxExempt", "visibleToCustomer", "acceptAutomaticDiscounts", "allowDiscountCodesInCheckout", "presentmentCurrencyCode", "customer", "billingAddress", "shippingAddress", "shippingLine", "appliedDiscount", "customAttributes"];
const EMPTIED: Readonly<Record<string, string>> = { note2: "note", customer: "purchasingEntity" };
const ITEM = ["title", "quantity", "sku", "taxable", "requiresShipping", "originalUnitPriceSet", "appliedDiscount", "customAttributes"];

export const draftOrderRevision: Revision = {
  steps: [
    {
      mutation: `#graphql
  mutation ReviseDraftOrder($id: ID!, $input: DraftOrderInput!) {
    draftOrderUpdate(id: $id, input: $input) { draftOrder { id } userErrors { field message } }
  }
`,
      payload: "draftOrderUpdate",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { then, now } = delta;
        if (then.root.fields["completedAt"] != null || now.root.fields["completedAt"] != null) return [];
        const fields: string[] = [...differing(delta, DRAFT_FIELDS.filter((name) => name !== "customer"))];
        if (newIdOf(then.root.fields["customer"], references) !== asObject(now.root.fields["customer"])?.["id"]) fields.push("customer");
        const items = same(items_(then), items_(now)) ? [] : ["lineItems"];
        const detail = same(localized(then), localized(now)) ? [] : ["localizedFields"];
        if (fields.length + items.length + detail.length === 0) return [];
        const { metafields: _, ...input } = draftOrders.write.variables(then, references)["input"] as Record<string, unknown>;
        // What was empty then is emptied; what does not differ is left out.
        const asInput = (name: string): string => EMPTIED[name] ?? name;
        const wanted = new Set([...fields.map(asInput), ...items, ...detail]);
        const set = Object.fromEntries([...wanted].map((name) => [name, input[name] ?? null]));
        return [{ of: then.root, fields: [...fields, ...items, ...detail], covers: ["DraftOrderLineItem", "DraftOrderDetail"], variables: { id: now.root.id, input: set } }];
      },
    },
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseDraftOrderDelete($input: DraftOrderDeleteInput!) { draftOrderDelete(input: $input) { deletedId userErrors { field message } } }
`,
    payload: "draftOrderDelete",
    variables: (id) => ({ input: { id } }),
  },
};

function items_(family: Family): unknown[] {
  return childrenOf(family, "DraftOrderLineItem").map(({ fields }) => pick(fields, ITEM));
}

function localized(family: Family): unknown {
  return childrenOf(family, "DraftOrderDetail")[0]?.fields["localizedFields"] ?? [];
}

const cents = (value: unknown): number => Math.round(Number(moneyInput(value)?.amount ?? 0) * 100);
const owed = ({ then, now }: Delta): number => (now.root.fields["enabled"] === true && then.root.fields["enabled"] === true ? cents(then.root.fields["balance"]) - cents(now.root.fields["balance"]) : 0);
const money = (delta: Delta, value: number): object => ({ amount: amount(value), currencyCode: moneyInput(delta.then.root.fields["balance"])?.currencyCode });

export const giftCardRevision: Revision = {
  steps: [
    {
      mutation: `#graphql
  mutation ReviseGiftCard($id: ID!, $input: GiftCardUpdateInput!) {
    giftCardUpdate(id: $id, input: $input) { giftCard { id } userErrors { field message } }
  }
`,
      payload: "giftCardUpdate",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { then, now } = delta;
        const changed = differing(delta, ["note", "expiresOn", "templateSuffix", "crossCurrencyRedemptionStrategy"]);
        const input = setting(then.root.fields, changed);
        const fields = [...changed];
        const customer = newIdOf(then.root.fields["customer"], references);
        // A card that has an owner keeps it.
        if (customer !== undefined && now.root.fields["customer"] == null) {
          input["customerId"] = customer;
          fields.push("customer");
        }
        const was = asObject(then.root.fields["recipientAttributes"]);
        const is = asObject(now.root.fields["recipientAttributes"]);
        const person = newIdOf(was?.["recipient"], references);
        const words = ["message", "preferredName"];
        if (was !== null && person !== undefined && (person !== asObject(is?.["recipient"])?.["id"] || !same(pick(was, words), pick(is ?? {}, words)))) {
          input["recipientAttributes"] = { id: person, ...setting(was, words) };
          fields.push("recipientAttributes");
        }
        return fields.length === 0 ? [] : [{ of: then.root, fields, variables: { id: now.root.id, input } }];
      },
    },
    {
      mutation: `#graphql
  mutation ReviseGiftCardCredit($id: ID!, $creditInput: GiftCardCreditInput!) {
    giftCardCredit(id: $id, creditInput: $creditInput) { giftCardCreditTransaction { id } userErrors { code field message } }
  }
`,
      payload: "giftCardCredit",
      node: null,
      again: "look",
      each: (delta) => (owed(delta) > 0 ? [{ of: delta.then.root, fields: ["balance"], variables: { id: delta.now.root.id, creditInput: { creditAmount: money(delta, owed(delta)) } } }] : []),
    },
    {
      mutation: `#graphql
  mutation ReviseGiftCardDebit($id: ID!, $debitInput: GiftCardDebitInput!) {
    giftCardDebit(id: $id, debitInput: $debitInput) { giftCardDebitTransaction { id } userErrors { code field message } }
  }
`,
      payload: "giftCardDebit",
      node: null,
      again: "look",
      each: (delta) => (owed(delta) < 0 ? [{ of: delta.then.root, fields: ["balance"], variables: { id: delta.now.root.id, debitInput: { debitAmount: money(delta, -owed(delta)) } } }] : []),
    },
  ],
  // Cards are never removed; one that did not exist then is switched off.
  remove: {
    mutation: `#graphql
  mutation ReviseGiftCardOff($id: ID!) { giftCardDeactivate(id: $id) { giftCard { id } userErrors { code field message } } }
`,
    payload: "giftCardDeactivate",
    variables: (id) => ({ id }),
  },
};
