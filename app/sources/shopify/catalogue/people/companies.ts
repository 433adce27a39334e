/** Companies (business customers) with their contacts, contact roles and metafields. Their locations are a kind of their own. */
import { newIdOf, oldIdOf } from "../fields.ts";
import { METAFIELD_CHILD, childrenOf, pick, type Incremental, type WrittenKind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };

const SHAPE: Shape = {
  type: "Company",
  fields: "id name externalId note customerSince createdAt updatedAt mainContact { id } defaultRole { id }",
  connections: [{ name: "contacts", fields: "id title locale isMainContact createdAt updatedAt customer { id }" }, { name: "contactRoles", fields: "id name note" }, METAFIELDS],
};

const countQuery = `#graphql
  query CompaniesCount { companiesCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreCompany($input: CompanyCreateInput!) {
    companyCreate(input: $input) { company { id } userErrors { code field message } }
  }
`;

const contact = `#graphql
  mutation RestoreCompanyContact($companyId: ID!, $customerId: ID!) {
    companyAssignCustomerAsContact(companyId: $companyId, customerId: $customerId) { companyContact { id } userErrors { code field message } }
  }
`;

const contactWords = `#graphql
  mutation RestoreCompanyContactWords($companyContactId: ID!, $input: CompanyContactInput!) {
    companyContactUpdate(companyContactId: $companyContactId, input: $input) { companyContact { id } userErrors { code field message } }
  }
`;

const mainContact = `#graphql
  mutation RestoreMainContact($companyId: ID!, $companyContactId: ID!) {
    companyAssignMainContact(companyId: $companyId, companyContactId: $companyContactId) { company { id } userErrors { code field message } }
  }
`;

export const companies: WrittenKind = {
  kind: "Company",
  types: ["Company"],
  titles: { one: "company", many: "companies" },
  stream: "companies",
  scopes: ["read_customers"],
  read: bulkRead("companies", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "companiesCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "companies/create", action: "create" },
    { topic: "companies/update", action: "update" },
    { topic: "company_contacts/create", action: "update", id: "company.admin_graphql_api_id" },
    { topic: "company_contacts/update", action: "update", id: "company.admin_graphql_api_id" },
    { topic: "company_contacts/delete", action: "update", id: "company.admin_graphql_api_id" },
    { topic: "companies/delete", action: "delete" },
  ],
  children: [
    {
      kind: "CompanyContact",
      ordered: false,
      losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns" },
      compared: (fields, oldId) => ({ ...fields, customer: oldIdOf(fields["customer"], oldId) }),
    },
    // Every company gets the platform's own roles; there is no mutation for others.
    { kind: "CompanyContactRole", ordered: false, losses: {}, notRestored: "platform.computes" },
    METAFIELD_CHILD,
  ],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns", mainContact: "platform.assigns", defaultRole: "platform.assigns" },
  notRestored: null,
  write: {
    mutation,
    payload: "companyCreate",
    node: "company",
    how: "bulk",
    variables: (family, references) => {
      references.laterMetafields(family);
      return { input: { company: pick(family.root.fields, ["name", "externalId", "note", "customerSince"]) } };
    },
    after: [
      {
        mutation: contact,
        payload: "companyAssignCustomerAsContact",
        node: "companyContact",
        each: (family, companyId, references) =>
          childrenOf(family, "CompanyContact").flatMap((of) => {
            const customerId = newIdOf(of.fields["customer"], references);
            return customerId === undefined ? [] : [{ of, variables: { companyId, customerId } }];
          }),
      },
      {
        mutation: contactWords,
        payload: "companyContactUpdate",
        node: null,
        each: (family, _companyId, references) =>
          childrenOf(family, "CompanyContact").flatMap((of) => {
            const companyContactId = references.newId(of.id);
            const input = pick(of.fields, ["title", "locale"]);
            return companyContactId === undefined || Object.keys(input).length === 0 ? [] : [{ of, variables: { companyContactId, input } }];
          }),
      },
      {
        mutation: mainContact,
        payload: "companyAssignMainContact",
        node: null,
        each: (family, companyId, references) =>
          childrenOf(family, "CompanyContact").flatMap((of) => {
            const companyContactId = references.newId(of.id);
            return companyContactId === undefined || of.fields["isMainContact"] !== true ? [] : [{ of, variables: { companyId, companyContactId } }];
          }),
      },
    ],
  },
};

