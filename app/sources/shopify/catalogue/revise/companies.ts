/** Changes to companies, their contacts and their locations. */
import { newIdOf } from "../fields.ts";
import { asList, asObject, pick } from "../kind.ts";
import { paired, same, setting, updateStep, type Delta, type Request, type Revision } from "./revision.ts";
import { STORE_CREDIT_STEPS } from "./store-credit.ts";

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
