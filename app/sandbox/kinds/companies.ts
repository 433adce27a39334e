/** Companies: clinics and employers that buy for people. Locations and contacts are kinds of their own; roles come with the company. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { CITIES, NOTES } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import { companyContacts, saveContact } from "./company-contacts.ts";
import type { ContactInput } from "./company-contacts.ts";
import { companyLocations, saveLocation } from "./company-locations.ts";
import type { LocationInput } from "./company-locations.ts";
import { metafieldsOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

/** Every company gets these from the platform; no mutation makes others. */
const ROLES = ["Location admin", "Ordering only"];

export interface Role {
  readonly id: number;
  readonly name: string;
  readonly note: string | null;
}

export function rolesOf(companyId: number): readonly Role[] {
  return ROLES.map((name, n) => ({ id: companyId + 1 + n, name, note: null }));
}

const locationsOf = (company: Doc, _args: unknown, { data }: Context): Doc[] => data.docsOf("CompanyLocation", "Company", company.id);
const contactsOf = (company: Doc, _args: unknown, { data }: Context): Doc[] => data.docsOf("CompanyContact", "Company", company.id);

export const companies: DocKind = {
  type: "Company",
  size: (shape) => Math.ceil(shape.customers / 100),
  make: (shape) => {
    const draw = new Draw(shape.seed, "company");
    return (i) => {
      const at = start(shape, draw, i);
      return { ...at, name: `${SYNTHETIC_MARK} ${draw.pick(CITIES)} Clinic ${i + 1}`, externalId: `SYN-${i + 1}`, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, customerSince: at.createdAt, mainContactId: null, metafields: metafieldsOf("Company", i, at, "health_b2b", [["npi", "single_line_text_field", `${SYNTHETIC_MARK}-00${draw.digits(8)}`]]) };
    };
  },
  root: { one: "company", list: "companies", count: "companiesCount" },
  metafieldOwner: "COMPANY",
  search: { name: textField("name"), external_id: textField("externalId") },
  topics: { create: "companies/create", update: "companies/update", delete: "companies/delete" },
  wholeOnDelete: true,
  payload: (company) => ({ name: company["name"], note: company["note"], external_id: company["externalId"] }),
  edit: (company, draw) => ({ ...company, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  fields: {
    Company: {
      locations: locationsOf,
      locationsCount: (company: Doc, _args: unknown, context: Context) => ({ count: locationsOf(company, null, context).length, precision: "EXACT" }),
      contacts: contactsOf,
      contactCount: (company: Doc, _args: unknown, context: Context) => contactsOf(company, null, context).length,
      contactsCount: (company: Doc, _args: unknown, context: Context) => ({ count: contactsOf(company, null, context).length, precision: "EXACT" }),
      mainContact: (company: Doc, _args: unknown, context: Context) => contactsOf(company, null, context).find((contact) => contact.id === company["mainContactId"]) ?? contactsOf(company, null, context)[0] ?? null,
      contactRoles: (company: Doc) => rolesOf(company.id),
      defaultRole: (company: Doc) => rolesOf(company.id)[1] ?? null,
      lifetimeDuration: () => "about 1 year",
      totalSpent: () => 0,
      orderCount: () => 0,
      ordersCount: () => ({ count: 0, precision: "EXACT" }),
    },
  },
  mutations: {
    companyCreate: (_source, args, context) => {
      const input = args["input"] as { company: CompanyInput; companyContact?: ContactInput | null; companyLocation?: LocationInput | null };
      const answer = save(null, input.company, ["input", "company"], context);
      if (answer.company === null) return answer;
      const { company } = answer;
      const contact = input.companyContact == null ? null : saveContact(null, company, input.companyContact, context);
      if (contact !== null && "userErrors" in contact) {
        context.data.store("Company").remove(company.id);
        return { company: null, userErrors: contact.userErrors };
      }
      if (input.companyLocation != null) saveLocation(null, company, input.companyLocation, context);
      return { company, userErrors: [] };
    },
    companyUpdate: (_source, args, context) => {
      const before = companyById(args["companyId"], context);
      return before === null ? { company: null, userErrors: [NOT_FOUND(["companyId"])] } : save(before, args["input"] as CompanyInput, ["input"], context);
    },
    companyDelete: (_source, args, context) => {
      const before = companyById(args["id"], context);
      if (before === null) return { deletedCompanyId: null, userErrors: [NOT_FOUND(["id"])] };
      for (const location of locationsOf(before, null, context)) deleteDoc(context, companyLocations, location);
      for (const contact of contactsOf(before, null, context)) deleteDoc(context, companyContacts, contact);
      deleteDoc(context, companies, before);
      return { deletedCompanyId: gid("Company", before.id), userErrors: [] };
    },
    companyAssignMainContact: (_source, args, context) => {
      const before = companyById(args["companyId"], context);
      const contact = parseGid(String(args["companyContactId"]));
      if (before === null || !contactsOf(before, null, context).some((one) => one.id === contact?.id)) return { company: null, userErrors: [NOT_FOUND(["companyContactId"])] };
      return { company: saveDoc(context, companies, before, { ...before, mainContactId: contact?.id ?? null }), userErrors: [] };
    },
  },
};

interface CompanyInput {
  readonly name?: string | null;
  readonly note?: string | null;
  readonly externalId?: string | null;
  readonly customerSince?: string | null;
}

const NOT_FOUND = (field: readonly string[]): object => ({ code: "RESOURCE_NOT_FOUND", message: "Resource requested does not exist.", field });

export function companyById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Company" ? data.store("Company").get(parsed.id) : null;
}

function save(before: Doc | null, input: CompanyInput, at: readonly string[], context: Context): { readonly company: Doc | null; readonly userErrors: readonly object[] } {
  const name = input.name ?? (before === null ? "" : (text(before, "name") ?? ""));
  if (name.trim() === "") return { company: null, userErrors: [{ code: "BLANK", message: "Name can't be blank.", field: [...at, "name"] }] };
  const now = context.data.stamp(context.clock.now());
  return { company: saveDoc(context, companies, before, { mainContactId: null, metafields: [], ...before, id: before?.id ?? context.data.newId(), name, note: input.note === undefined ? (before?.["note"] ?? null) : input.note, externalId: input.externalId === undefined ? (before?.["externalId"] ?? null) : input.externalId, customerSince: input.customerSince == null ? (before?.["customerSince"] ?? now) : Date.parse(input.customerSince) }), userErrors: [] };
}
