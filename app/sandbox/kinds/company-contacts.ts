/** Contacts of companies: customers who may speak for one. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { eachHas } from "../data/doc-store.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { CONTACTS } from "../data/shape.ts";
import { Draw } from "../data/random.ts";
import type { Context } from "../graphql/context.ts";
import { save as saveCustomer } from "../graphql/mutations/customers.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import type { UserError } from "../graphql/mutations/inputs.ts";
import { customerOf, docOf, start } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const EACH = 2;

export interface ContactInput {
  readonly email?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly phone?: string | null;
  readonly title?: string | null;
  readonly locale?: string | null;
}

export const companyContacts: DocKind = {
  type: "CompanyContact",
  size: (shape) => CONTACTS.size(shape.customers),
  owner: { member: "companyId", of: eachHas(EACH) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "company-contact");
    return (i) => ({ ...start(shape, draw, i), companyId: shape.firstId + Math.floor(i / EACH) * ID_STEP, customerId: shape.firstId + (i * CONTACTS.every + CONTACTS.from) * ID_STEP, title: `${SYNTHETIC_MARK} ${draw.pick(["head nurse", "buyer", "pharmacist"])}`, locale: "en" });
  },
  root: { one: "companyContact" },
  topics: { create: "company_contacts/create", update: "company_contacts/update", delete: "company_contacts/delete" },
  wholeOnDelete: true,
  payload: (contact) => ({ title: contact["title"], company: { admin_graphql_api_id: gid("Company", contact["companyId"] as number) }, customer: { admin_graphql_api_id: gid("Customer", contact["customerId"] as number) } }),
  fields: {
    CompanyContact: {
      company: (contact: Doc, _args: unknown, context: Context) => docOf(context, "Company", contact["companyId"]),
      customer: customerOf,
      isMainContact: (contact: Doc, _args: unknown, context: Context) => {
        const main = docOf(context, "Company", contact["companyId"])?.["mainContactId"] ?? null;
        return main === null ? context.data.docsOf("CompanyContact", "Company", contact["companyId"] as number)[0]?.id === contact.id : main === contact.id;
      },
      lifetimeDuration: () => "about 1 year",
      roleAssignments: (contact: Doc, _args: unknown, context: Context) => context.data.docsOf("CompanyLocation", "Company", contact["companyId"] as number).flatMap((location) => (location["assignments"] as readonly { readonly contactId: number }[]).filter((one) => one.contactId === contact.id).map((one) => ({ ...one, locationId: location.id }))),
    },
  },
  mutations: {
    companyContactCreate: (_source, args, context) => {
      const parsed = parseGid(String(args["companyId"]));
      const company = parsed?.type === "Company" ? docOf(context, "Company", parsed.id) : null;
      if (company === null) return { companyContact: null, userErrors: [NOT_FOUND(["companyId"])] };
      const made = saveContact(null, company, args["input"] as ContactInput, context);
      return "userErrors" in made ? { companyContact: null, userErrors: made.userErrors } : { companyContact: made, userErrors: [] };
    },
    companyContactUpdate: (_source, args, context) => {
      const before = contactById(args["companyContactId"], context);
      const company = before === null ? null : docOf(context, "Company", before["companyId"]);
      if (before === null || company === null) return { companyContact: null, userErrors: [NOT_FOUND(["companyContactId"])] };
      const made = saveContact(before, company, args["input"] as ContactInput, context);
      return "userErrors" in made ? { companyContact: null, userErrors: made.userErrors } : { companyContact: made, userErrors: [] };
    },
    companyContactDelete: (_source, args, context) => {
      const before = contactById(args["companyContactId"], context);
      if (before === null) return { deletedCompanyContactId: null, userErrors: [NOT_FOUND(["companyContactId"])] };
      deleteDoc(context, companyContacts, before);
      return { deletedCompanyContactId: gid("CompanyContact", before.id), userErrors: [] };
    },
    companyContactRemoveFromCompany: (_source, args, context) => {
      const before = contactById(args["companyContactId"], context);
      if (before === null) return { removedCompanyContactId: null, userErrors: [NOT_FOUND(["companyContactId"])] };
      deleteDoc(context, companyContacts, before);
      return { removedCompanyContactId: gid("CompanyContact", before.id), userErrors: [] };
    },
    companyAssignCustomerAsContact: (_source, args, context) => {
      const [company, customer] = [parseGid(String(args["companyId"])), parseGid(String(args["customerId"]))];
      const found = company?.type === "Company" ? docOf(context, "Company", company.id) : null;
      if (found === null || customer?.type !== "Customer" || !context.data.customers.has(customer.id)) return { companyContact: null, userErrors: [NOT_FOUND([found === null ? "companyId" : "customerId"])] };
      if (context.data.docsOf("CompanyContact", "Company", found.id).some((one) => one["customerId"] === customer.id)) return { companyContact: null, userErrors: [{ code: "TAKEN", message: "Customer is already associated with a company contact.", field: ["customerId"] }] };
      return { companyContact: saveDoc(context, companyContacts, null, { id: context.data.newId(), companyId: found.id, customerId: customer.id, title: null, locale: null }), userErrors: [] };
    },
  },
};

const NOT_FOUND = (field: readonly string[]): object => ({ code: "RESOURCE_NOT_FOUND", message: "Resource requested does not exist.", field });

function contactById(id: unknown, context: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "CompanyContact" ? docOf(context, "CompanyContact", parsed.id) : null;
}

/** A contact is made with a customer of the same name, or changed with them. */
export function saveContact(before: Doc | null, company: Doc, input: ContactInput, context: Context): Doc | { readonly userErrors: readonly UserError[] } {
  const { title, locale, ...person } = input;
  const customer = before === null ? null : context.data.customers.get(before["customerId"] as number);
  const saved = before !== null && Object.keys(person).length === 0 ? { customer, userErrors: [] } : saveCustomer(customer, person, context);
  if (saved.customer === null) return { userErrors: saved.userErrors.map(({ field, message }) => ({ field: ["input", ...(field ?? [])], message, code: "INVALID" })) };
  return saveDoc(context, companyContacts, before, { ...before, id: before?.id ?? context.data.newId(), companyId: company.id, customerId: saved.customer.id, title: title === undefined ? (before?.["title"] ?? null) : title, locale: locale === undefined ? (before?.["locale"] ?? null) : locale });
}
