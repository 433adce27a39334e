/** Locations of companies: addresses, tax numbers, who may order for them, store credit. */
import { COMPANY_ADDRESS, newIdOf, oldIdOf } from "../fields.ts";
import { METAFIELD_CHILD, asObject, pick, type Incremental, type WrittenKind } from "../kind.ts";
import { STORE_CREDIT_CHILD, STORE_CREDIT_WRITE } from "../store-credit.ts";
import { METAFIELDS, bulkPart, bulkRead, oneQuery, summedCount, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };

const SHAPE: Shape = {
  type: "CompanyLocation",
  fields: `
    id
    name
    externalId
    note
    phone
    locale
    company { id }
    createdAt
    updatedAt
    shippingAddress ${COMPANY_ADDRESS}
    billingAddress ${COMPANY_ADDRESS}
    taxSettings { taxRegistrationId taxExempt taxExemptions }
    buyerExperienceConfiguration { checkoutToDraft editableShippingAddress }`,
  connections: [{ name: "roleAssignments", fields: "id companyContact { id } role { id }" }, METAFIELDS],
};

const STORE_CREDIT: Shape = { type: "CompanyLocation", fields: "id", connections: [{ name: "storeCreditAccounts", fields: "id balance { amount currencyCode }" }] };

const mutation = `#graphql
  mutation RestoreCompanyLocation($companyId: ID!, $input: CompanyLocationInput!) {
    companyLocationCreate(companyId: $companyId, input: $input) { companyLocation { id } userErrors { code field message } }
  }
`;

export const companyLocations: WrittenKind = {
  kind: "CompanyLocation",
  types: ["CompanyLocation"],
  titles: { one: "company location", many: "company locations" },
  stream: "company-locations",
  scopes: ["read_customers"],
  read: bulkRead("companyLocations", SHAPE, INCREMENTAL),
  parts: [bulkPart("company-location-store-credit", "companyLocations", STORE_CREDIT, INCREMENTAL, ["read_store_credit_accounts"])],
  one: oneQuery(SHAPE),
  count: summedCount("CompanyLocation", "companies", "locationsCount"),
  incremental: INCREMENTAL,
  topics: [
    { topic: "company_locations/create", action: "create" },
    { topic: "company_locations/update", action: "update" },
    { topic: "company_contact_roles/assign", action: "update", id: "company_location.admin_graphql_api_id" },
    { topic: "company_contact_roles/revoke", action: "update", id: "company_location.admin_graphql_api_id" },
    { topic: "company_locations/delete", action: "delete" },
  ],
  children: [
    // Assigned by role, and the roles of the new company have ids of their own that only its first reading tells.
    { kind: "CompanyContactRoleAssignment", ordered: false, losses: {}, notRestored: "platform.computes" },
    METAFIELD_CHILD,
    STORE_CREDIT_CHILD,
  ],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns" },
  compared: (fields, oldId) => ({ ...fields, company: oldIdOf(fields["company"], oldId), shippingAddress: comparedAddress(fields["shippingAddress"]), billingAddress: comparedAddress(fields["billingAddress"]) }),
  notRestored: null,
  write: {
    mutation,
    payload: "companyLocationCreate",
    node: "companyLocation",
    how: "bulk",
    variables: (family, references) => {
      references.laterMetafields(family);
      const { fields } = family.root;
      const tax = asObject(fields["taxSettings"]) ?? {};
      const buying = asObject(fields["buyerExperienceConfiguration"]);
      const shipping = asObject(fields["shippingAddress"]);
      const billing = asObject(fields["billingAddress"]);
      return {
        companyId: newIdOf(fields["company"], references),
        input: {
          ...pick(fields, ["name", "externalId", "note", "phone", "locale"]),
          ...pick(tax, ["taxRegistrationId", "taxExempt", "taxExemptions"]),
          ...(buying === null ? {} : { buyerExperienceConfiguration: pick(buying, ["checkoutToDraft", "editableShippingAddress"]) }),
          ...(shipping === null ? {} : { shippingAddress: pick(shipping, ADDRESS_INPUT) }),
          ...(billing === null ? {} : { billingAddress: pick(billing, ADDRESS_INPUT) }),
        },
      };
    },
    after: [STORE_CREDIT_WRITE],
  },
};

const ADDRESS_INPUT = ["address1", "address2", "city", "countryCode", "firstName", "lastName", "phone", "recipient", "zip", "zoneCode"];

/** Without its id, and the company's name that the platform repeats in it. */
function comparedAddress(value: unknown): unknown {
  const address = asObject(value);
  return address === null ? null : pick(address, ADDRESS_INPUT);
}

