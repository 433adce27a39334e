/** Changes to customers, segments, companies and their locations. */
import { newIdOf } from "../fields.ts";
import { addressInput, asList, asObject, pick, type Node } from "../kind.ts";
import { differing, paired, same, setting, updateStep, type Delta, type Request, type ReviseStep, type Revision } from "./revision.ts";
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

const CONTENT = ["address1", "address2", "city", "company", "countryCodeV2", "firstName", "lastName", "phone", "provinceCode", "zip"];
const sameAddress = (a: Node, b: Node): boolean => same(pick(a.fields, CONTENT), pick(b.fields, CONTENT));
const addresses = (delta: Delta): ReturnType<typeof paired> => paired(delta, "MailingAddress", sameAddress);
const defaultOf = (root: Node): unknown => asObject(root.fields["defaultAddress"])?.["id"];
/** What is null in the input is emptied; what is absent stays. */
const wholeAddress = (node: Node): Record<string, unknown> => ({ ...Object.fromEntries(CONTENT.filter((name) => name !== "countryCodeV2").map((name) => [name, null])), ...addressInput(node.fields) });

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
      addresses(delta).pairs.flatMap(({ then, now }) => (sameAddress(then, now) ? [] : [{ of: then, fields: CONTENT.filter((name) => !same(then.fields[name], now.fields[name])), variables: { customerId: delta.now.root.id, addressId: now.id, address: wholeAddress(then) } }])),
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

/** By the customer they are: contacts have no name of their own. */
const contacts = (delta: Delta, newId: (old: string) => string | undefined): ReturnType<typeof paired> =>
  paired(delta, "CompanyContact", (a, b) => {
    const person = asObject(a.fields["customer"])?.["id"];
    return typeof person === "string" && newId(person) === asObject(b.fields["customer"])?.["id"];
  });

export const companyRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation ReviseCompany($companyId: ID!, $input: CompanyInput!) {
    companyUpdate(companyId: $companyId, input: $input) { company { id } userErrors { code field message } }
  }
`,
      payload: "companyUpdate",
      names: ["name", "externalId", "note", "customerSince"],
      variables: (companyId, input) => ({ companyId, input }),
    }),
    {
      mutation: `#graphql
  mutation ReviseNewContact($companyId: ID!, $customerId: ID!) {
    companyAssignCustomerAsContact(companyId: $companyId, customerId: $customerId) { companyContact { id } userErrors { code field message } }
  }
`,
      payload: "companyAssignCustomerAsContact",
      node: "companyContact",
      again: "look",
      each: (delta, references) =>
        contacts(delta, (id) => references.newId(id)).missing.flatMap((of): Request[] => {
          const customerId = newIdOf(of.fields["customer"], references);
          return customerId === undefined ? [] : [{ of, fields: ["(all)"], variables: { companyId: delta.now.root.id, customerId } }];
        }),
    },
    {
      mutation: `#graphql
  mutation ReviseContact($companyContactId: ID!, $input: CompanyContactInput!) {
    companyContactUpdate(companyContactId: $companyContactId, input: $input) { companyContact { id } userErrors { code field message } }
  }
`,
      payload: "companyContactUpdate",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { pairs, missing } = contacts(delta, (id) => references.newId(id));
        const made = missing.flatMap((then) => {
          const id = references.newId(then.id);
          return id === undefined || id === then.id ? [] : [{ then, now: { ...then, id, fields: { locale: null, title: null } as Readonly<Record<string, unknown>> } }];
        });
        return [...pairs, ...made].flatMap(({ then, now }) => {
          const changed = ["title", "locale"].filter((name) => !same(then.fields[name], now.fields[name]));
          return changed.length === 0 ? [] : [{ of: then, fields: changed, variables: { companyContactId: now.id, input: setting(then.fields, changed) } }];
        });
      },
    },
    {
      mutation: `#graphql
  mutation ReviseMainContact($companyId: ID!, $companyContactId: ID!) {
    companyAssignMainContact(companyId: $companyId, companyContactId: $companyContactId) { company { id } userErrors { code field message } }
  }
`,
      payload: "companyAssignMainContact",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { pairs, missing } = contacts(delta, (id) => references.newId(id));
        const kept = pairs.find(({ then, now }) => then.fields["isMainContact"] === true && now.fields["isMainContact"] !== true);
        const made = missing.find(({ fields }) => fields["isMainContact"] === true);
        const id = kept?.now.id ?? (made === undefined ? undefined : references.newId(made.id));
        const of = kept?.then ?? made;
        if (of === undefined || id === undefined || (kept === undefined && id === of.id)) return [];
        return [{ of, fields: ["isMainContact"], variables: { companyId: delta.now.root.id, companyContactId: id } }];
      },
    },
    {
      mutation: `#graphql
  mutation ReviseExtraContact($companyContactId: ID!) {
    companyContactRemoveFromCompany(companyContactId: $companyContactId) { removedCompanyContactId userErrors { code field message } }
  }
`,
      payload: "companyContactRemoveFromCompany",
      node: null,
      again: "look",
      each: (delta, references) => (delta.extras === "keep" ? [] : contacts(delta, (id) => references.newId(id)).extra.map((of) => ({ of, fields: ["(all)"], variables: { companyContactId: of.id } }))),
    },
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseCompanyDelete($id: ID!) { companyDelete(id: $id) { deletedCompanyId userErrors { code field message } } }
`,
    payload: "companyDelete",
    variables: (id) => ({ id }),
  },
};

const LOCATION_ADDRESS = ["address1", "address2", "city", "countryCode", "firstName", "lastName", "phone", "recipient", "zip", "zoneCode"];

export const companyLocationRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation ReviseCompanyLocation($companyLocationId: ID!, $input: CompanyLocationUpdateInput!) {
    companyLocationUpdate(companyLocationId: $companyLocationId, input: $input) { companyLocation { id } userErrors { code field message } }
  }
`,
      payload: "companyLocationUpdate",
      names: ["name", "externalId", "note", "phone", "locale", "buyerExperienceConfiguration"],
      variables: (companyLocationId, input) => {
        const buying = asObject(input["buyerExperienceConfiguration"]);
        return { companyLocationId, input: { ...input, ...(buying === null ? {} : { buyerExperienceConfiguration: pick(buying, ["checkoutToDraft", "editableShippingAddress"]) }) } };
      },
    }),
    {
      mutation: `#graphql
  mutation ReviseLocationAddress($locationId: ID!, $address: CompanyAddressInput!, $addressTypes: [CompanyAddressType!]!) {
    companyLocationAssignAddress(locationId: $locationId, address: $address, addressTypes: $addressTypes) { addresses { id } userErrors { code field message } }
  }
`,
      payload: "companyLocationAssignAddress",
      node: null,
      again: "harmless",
      each: ({ then, now }) =>
        (
          [
            ["shippingAddress", "SHIPPING"],
            ["billingAddress", "BILLING"],
          ] as const
        ).flatMap(([name, type]) => {
          const was = asObject(then.root.fields[name]);
          const is = asObject(now.root.fields[name]);
          if (was === null || same(pick(was, LOCATION_ADDRESS), pick(is ?? {}, LOCATION_ADDRESS))) return [];
          return [{ of: then.root, fields: [name], variables: { locationId: now.root.id, address: setting(was, LOCATION_ADDRESS), addressTypes: [type] } }];
        }),
    },
    {
      mutation: `#graphql
  mutation ReviseLocationTaxes($id: ID!, $registration: String, $exempt: Boolean, $assign: [TaxExemption!], $remove: [TaxExemption!]) {
    companyLocationTaxSettingsUpdate(companyLocationId: $id, taxRegistrationId: $registration, taxExempt: $exempt, exemptionsToAssign: $assign, exemptionsToRemove: $remove) { companyLocation { id } userErrors { code field message } }
  }
`,
      payload: "companyLocationTaxSettingsUpdate",
      node: null,
      again: "harmless",
      each: ({ then, now }) => {
        const was = asObject(then.root.fields["taxSettings"]) ?? {};
        const is = asObject(now.root.fields["taxSettings"]) ?? {};
        if (same(was, is)) return [];
        const before = asList(is["taxExemptions"]);
        const wanted = asList(was["taxExemptions"]);
        return [
          {
            of: then.root,
            fields: ["taxSettings"],
            variables: {
              id: now.root.id,
              registration: was["taxRegistrationId"] ?? null,
              exempt: was["taxExempt"] ?? null,
              assign: wanted.filter((one) => !before.includes(one)),
              remove: before.filter((one) => !wanted.includes(one)),
            },
          },
        ];
      },
    },
    ...STORE_CREDIT_STEPS,
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseCompanyLocationDelete($companyLocationId: ID!) { companyLocationDelete(companyLocationId: $companyLocationId) { deletedCompanyLocationId userErrors { code field message } } }
`,
    payload: "companyLocationDelete",
    variables: (companyLocationId) => ({ companyLocationId }),
  },
};
