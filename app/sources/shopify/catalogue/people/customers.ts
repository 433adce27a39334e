/** Customers with their addresses and metafields. Loss table: reference "Resources: enumerate, incremental, restore" of the platform facts. */
import { ADDRESS_FIELDS, METAFIELD_CHILD, addressInput, asObject, childrenOf, pick, type Incremental, type WrittenKind, type Node } from "../kind.ts";
import { STORE_CREDIT_CHILD, STORE_CREDIT_WRITE } from "../store-credit.ts";
import { METAFIELDS, bulkPart, bulkRead, oneQuery, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };

const SHAPE: Shape = {
  type: "Customer",
  fields: `
    id
    firstName
    lastName
    locale
    note
    tags
    taxExempt
    taxExemptions
    state
    verifiedEmail
    dataSaleOptOut
    createdAt
    updatedAt
    numberOfOrders
    amountSpent { amount currencyCode }
    defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
    defaultPhoneNumber { phoneNumber smsMarketingConsent { state optInLevel updatedAt } whatsAppMarketingConsent { state optInLevel updatedAt } }
    multipassIdentifier
    defaultAddress { id }`,
  connections: [{ name: "addressesV2", fields: `id ${ADDRESS_FIELDS}` }, METAFIELDS],
};

/** The balances only: what moved them carries no words of the customer's. A scope of its own. */
const STORE_CREDIT: Shape = { type: "Customer", fields: "id", connections: [{ name: "storeCreditAccounts", fields: "id balance { amount currencyCode }" }] };

const countQuery = `#graphql
  query CustomersCount { customersCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreCustomer($input: CustomerInput!) {
    customerCreate(input: $input) { customer { id } userErrors { field message } }
  }
`;

/** The only states a mutation accepts; the others are the platform's own (never asked, invalid address, redacted). */
const SETTABLE_CONSENT: ReadonlySet<unknown> = new Set(["SUBSCRIBED", "UNSUBSCRIBED", "PENDING"]);

export const customers: WrittenKind = {
  kind: "Customer",
  types: ["Customer"],
  titles: { one: "customer", many: "customers" },
  stream: "customers",
  scopes: ["read_customers"],
  read: bulkRead("customers", SHAPE, INCREMENTAL),
  parts: [bulkPart("customer-store-credit", "customers", STORE_CREDIT, INCREMENTAL, ["read_store_credit_accounts"])],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "customersCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "customers/create", action: "create" },
    { topic: "customers/update", action: "update" },
    // What the platform counts and sums of a customer's orders is told by a message of its own (https://shopify.dev/changelog/new-customer-s-webhook-and-changes-to-existing-customer-s-webhooks-payload).
    { topic: "customers/purchasing_summary", action: "update", id: "customerId" },
    { topic: "customers/enable", action: "update" },
    { topic: "customers/disable", action: "update" },
    { topic: "customers/merge", action: "update", id: "admin_graphql_api_customer_kept_id" },
    { topic: "customers_email_marketing_consent/update", action: "update", id: "customer_id" },
    { topic: "customers_marketing_consent/update", action: "update", id: "id" },
    { topic: "customers/delete", action: "delete" },
  ],
  children: [
    {
      kind: "MailingAddress",
      ordered: false,
      losses: { id: "platform.assigns", province: "platform.computes", country: "platform.computes" },
    },
    METAFIELD_CHILD,
    STORE_CREDIT_CHILD,
  ],
  losses: {
    id: "platform.assigns",
    multipassIdentifier: "platform.history",
    createdAt: "platform.assigns",
    updatedAt: "platform.assigns",
    numberOfOrders: "platform.computes",
    amountSpent: "platform.computes",
    state: "platform.history",
    verifiedEmail: "platform.history",
    dataSaleOptOut: "platform.history",
  },
  compared: (fields) => {
    // Which address is the default one is said by the address.
    const { defaultAddress: _, ...rest } = fields;
    const email = asObject(fields["defaultEmailAddress"]);
    const phone = asObject(fields["defaultPhoneNumber"]);
    const sms = asObject(phone?.["smsMarketingConsent"]);
    return {
      ...rest,
      // No mutation takes the consent to messages by WhatsApp.
      ...(phone === null ? {} : { defaultPhoneNumber: { phoneNumber: phone["phoneNumber"], smsMarketingConsent: sms } }),
      ...(email !== null && !SETTABLE_CONSENT.has(email["marketingState"]) ? { defaultEmailAddress: { emailAddress: email["emailAddress"] } } : {}),
      ...(phone !== null && !SETTABLE_CONSENT.has(sms?.["state"]) ? { defaultPhoneNumber: { phoneNumber: phone["phoneNumber"] } } : {}),
    };
  },
  notRestored: null,
  write: {
    mutation,
    payload: "customerCreate",
    node: "customer",
    how: "bulk",
    variables: (family, references) => {
      const { fields } = family.root;
      const email = asObject(fields["defaultEmailAddress"]);
      const phone = asObject(fields["defaultPhoneNumber"]);
      return {
        input: {
          ...pick(fields, ["firstName", "lastName", "locale", "note", "tags", "taxExempt", "taxExemptions"]),
          ...(email === null ? {} : { email: email["emailAddress"], ...emailConsent(email) }),
          ...(phone === null ? {} : { phone: phone["phoneNumber"], ...smsConsent(asObject(phone["smsMarketingConsent"])) }),
          ...addresses(family.root, childrenOf(family, "MailingAddress")),
          ...references.inlineMetafields(family),
        },
      };
    },
    after: [STORE_CREDIT_WRITE],
  },
};

/** The first address of a new customer becomes the default one. */
function addresses(customer: Node, all: readonly Node[]): Record<string, unknown> {
  if (all.length === 0) return {};
  const defaultId = asObject(customer.fields["defaultAddress"])?.["id"];
  const first = all.filter((address) => address.id === defaultId);
  const others = all.filter((address) => address.id !== defaultId);
  return { addresses: [...first, ...others].map((address) => addressInput(address.fields)) };
}

function emailConsent(email: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (!SETTABLE_CONSENT.has(email["marketingState"])) return {};
  return {
    emailMarketingConsent: {
      marketingState: email["marketingState"],
      ...pick(email, ["marketingOptInLevel"]),
      ...(email["marketingUpdatedAt"] === null || email["marketingUpdatedAt"] === undefined ? {} : { consentUpdatedAt: email["marketingUpdatedAt"] }),
    },
  };
}

function smsConsent(consent: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  if (consent === null || !SETTABLE_CONSENT.has(consent["state"])) return {};
  return {
    smsMarketingConsent: {
      marketingState: consent["state"],
      ...(consent["optInLevel"] === null || consent["optInLevel"] === undefined ? {} : { marketingOptInLevel: consent["optInLevel"] }),
      ...(consent["updatedAt"] === null || consent["updatedAt"] === undefined ? {} : { consentUpdatedAt: consent["updatedAt"] }),
    },
  };
}
