/** Changes to customers and segments. */
import { addressInput, asObject, pick, PLAIN_ADDRESS, WRITTEN_ADDRESS, type Node } from "../kind.ts";
import { differing, paired, same, setting, updateStep, type Delta, type ReviseStep, type Revision } from "./revision.ts";
import { STORE_CREDIT_STEPS } from "./store-credit.ts";

type Fields = Readonly<Record<string, unknown>>;

const customerUpdate: ReviseStep = {
  mutation: `#graphql
  mutation ReviseCustomer($input: CustomerInput!) {
    customerUpdate(input: $input) { customer { id } userErrors { field message } }
  }
`,
  payload: "customerUpdate",
  node: null,
  again: "harmless",
  each: (delta) => {
    const { then, now } = delta;
    const changed = differing(delta, ["firstName", "lastName", "locale", "note", "tags", "taxExempt", "taxExemptions"]);
    const input: Record<string, unknown> = { ...setting(then.root.fields, changed), ...(changed.includes("locale") && then.root.fields["locale"] === null ? { locale: undefined } : {}) };
    const fields = [...changed];
    const email = reached(then.root.fields, "defaultEmailAddress", "emailAddress");
    const phone = reached(then.root.fields, "defaultPhoneNumber", "phoneNumber");
    if (email !== reached(now.root.fields, "defaultEmailAddress", "emailAddress")) {
      input["email"] = email;
      fields.push("defaultEmailAddress");
    }
    if (phone !== reached(now.root.fields, "defaultPhoneNumber", "phoneNumber")) {
      input["phone"] = phone;
      fields.push("defaultPhoneNumber");
    }
    return fields.length === 0 ? [] : [{ of: then.root, fields, variables: { input: { id: now.root.id, ...input } } }];
  },
};

function reached(fields: Fields, contact: string, value: string): unknown {
  return asObject(fields[contact])?.[value] ?? null;
}

/** No mutation takes the other states: they are the platform's own. */
const SETTABLE_CONSENT: ReadonlySet<unknown> = new Set(["SUBSCRIBED", "UNSUBSCRIBED", "PENDING"]);

const emailConsent: ReviseStep = {
  mutation: `#graphql
  mutation ReviseEmailConsent($input: CustomerEmailMarketingConsentUpdateInput!) {
    customerEmailMarketingConsentUpdate(input: $input) { customer { id } userErrors { code field message } }
  }
`,
  payload: "customerEmailMarketingConsentUpdate",
  node: null,
  again: "harmless",
  each: ({ then, now }) => {
    const was = asObject(then.root.fields["defaultEmailAddress"]);
    const is = asObject(now.root.fields["defaultEmailAddress"]);
    const names = ["marketingState", "marketingOptInLevel", "marketingUpdatedAt"];
    if (was === null || !SETTABLE_CONSENT.has(was["marketingState"]) || same(pick(was, names), pick(is ?? {}, names))) return [];
    const emailMarketingConsent = { ...pick(was, ["marketingState", "marketingOptInLevel"]), ...(typeof was["marketingUpdatedAt"] === "string" ? { consentUpdatedAt: was["marketingUpdatedAt"] } : {}) };
    return [{ of: then.root, fields: ["defaultEmailAddress"], variables: { input: { customerId: now.root.id, emailMarketingConsent } } }];
  },
};

const smsConsent: ReviseStep = {
  mutation: `#graphql
  mutation ReviseSmsConsent($input: CustomerSmsMarketingConsentUpdateInput!) {
    customerSmsMarketingConsentUpdate(input: $input) { customer { id } userErrors { code field message } }
  }
`,
  payload: "customerSmsMarketingConsentUpdate",
  node: null,
  again: "harmless",
  each: ({ then, now }) => {
    const was = asObject(asObject(then.root.fields["defaultPhoneNumber"])?.["smsMarketingConsent"]);
    const is = asObject(asObject(now.root.fields["defaultPhoneNumber"])?.["smsMarketingConsent"]);
    if (was === null || !SETTABLE_CONSENT.has(was["state"]) || same(was, is)) return [];
    const smsMarketingConsent = {
      marketingState: was["state"],
      ...(typeof was["optInLevel"] === "string" ? { marketingOptInLevel: was["optInLevel"] } : {}),
      ...(typeof was["updatedAt"] === "string" ? { consentUpdatedAt: was["updatedAt"] } : {}),
    };
    return [{ of: then.root, fields: ["defaultPhoneNumber"], variables: { input: { customerId: now.root.id, smsMarketingConsent } } }];
  },
};

const sameAddress = (a: Node, b: Node): boolean => same(pick(a.fields, WRITTEN_ADDRESS), pick(b.fields, WRITTEN_ADDRESS));
const addresses = (delta: Delta): ReturnType<typeof paired> => paired(delta, "MailingAddress", sameAddress);
const defaultOf = (root: Node): unknown => asObject(root.fields["defaultAddress"])?.["id"];
/** What is null in the input is emptied; what is absent stays. */
const wholeAddress = (node: Node): Record<string, unknown> => ({ ...Object.fromEntries(PLAIN_ADDRESS.map((name) => [name, null])), ...addressInput(node.fields) });

const addressSteps: readonly ReviseStep[] = [
  {
    mutation: `#graphql
  mutation ReviseAddress($customerId: ID!, $addressId: ID!, $address: MailingAddressInput!) {
    customerAddressUpdate(customerId: $customerId, addressId: $addressId, address: $address) { address { id } userErrors { field message } }
  }
`,
    payload: "customerAddressUpdate",
    node: null,
    again: "harmless",
    each: (delta) =>
      addresses(delta).pairs.flatMap(({ then, now }) => (sameAddress(then, now) ? [] : [{ of: then, fields: WRITTEN_ADDRESS.filter((name) => !same(then.fields[name], now.fields[name])), variables: { customerId: delta.now.root.id, addressId: now.id, address: wholeAddress(then) } }])),
  },
  {
    mutation: `#graphql
  mutation ReviseNewAddress($customerId: ID!, $address: MailingAddressInput!, $setAsDefault: Boolean) {
    customerAddressCreate(customerId: $customerId, address: $address, setAsDefault: $setAsDefault) { address { id } userErrors { field message } }
  }
`,
    payload: "customerAddressCreate",
    node: "address",
    again: "look",
    each: (delta) => addresses(delta).missing.map((of) => ({ of, fields: ["(all)"], variables: { customerId: delta.now.root.id, address: addressInput(of.fields), setAsDefault: defaultOf(delta.then.root) === of.id } })),
  },
  {
    mutation: `#graphql
  mutation ReviseDefaultAddress($customerId: ID!, $addressId: ID!) {
    customerUpdateDefaultAddress(customerId: $customerId, addressId: $addressId) { customer { id } userErrors { field message } }
  }
`,
    payload: "customerUpdateDefaultAddress",
    node: null,
    again: "harmless",
    each: (delta) => {
      const wanted = addresses(delta).pairs.find(({ then }) => then.id === defaultOf(delta.then.root));
      if (wanted === undefined || wanted.now.id === defaultOf(delta.now.root)) return [];
      return [{ of: wanted.then, fields: ["default"], variables: { customerId: delta.now.root.id, addressId: wanted.now.id } }];
    },
  },
  {
    mutation: `#graphql
  mutation ReviseExtraAddress($customerId: ID!, $addressId: ID!) {
    customerAddressDelete(customerId: $customerId, addressId: $addressId) { deletedAddressId userErrors { field message } }
  }
`,
    payload: "customerAddressDelete",
    node: null,
    again: "look",
    each: (delta) => (delta.extras === "keep" ? [] : addresses(delta).extra.map((of) => ({ of, fields: ["(all)"], variables: { customerId: delta.now.root.id, addressId: of.id } }))),
  },
];

export const customerRevision: Revision = {
  steps: [customerUpdate, emailConsent, smsConsent, ...addressSteps, ...STORE_CREDIT_STEPS],
  remove: {
    mutation: `#graphql
  mutation ReviseCustomerDelete($input: CustomerDeleteInput!) { customerDelete(input: $input) { deletedCustomerId userErrors { field message } } }
`,
    payload: "customerDelete",
    variables: (id) => ({ input: { id } }),
  },
};

export const segmentRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation ReviseSegment($id: ID!, $name: String, $query: String) {
    segmentUpdate(id: $id, name: $name, query: $query) { segment { id } userErrors { field message } }
  }
`,
      payload: "segmentUpdate",
      names: ["name", "query"],
      variables: (id, input) => ({ id, ...input }),
    }),
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseSegmentDelete($id: ID!) { segmentDelete(id: $id) { deletedSegmentId userErrors { field message } } }
`,
    payload: "segmentDelete",
    variables: (id) => ({ id }),
  },
};
