/** Locations of companies: where they are billed and shipped to, and who may order for them. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { eachHas } from "../data/doc-store.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { CITIES, LAST_NAMES, NOTES, STATES, STREETS } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import { docOf, metafieldsOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";
import { accountsOf } from "./store-credit.ts";

const EACH = 2;

interface Assignment {
  readonly id: number;
  readonly contactId: number;
  readonly roleId: number;
  readonly at: number;
}
const assignments = (location: Doc): readonly Assignment[] => location["assignments"] as readonly Assignment[];

export interface LocationInput {
  readonly name?: string | null;
  readonly externalId?: string | null;
  readonly note?: string | null;
  readonly phone?: string | null;
  readonly locale?: string | null;
  readonly taxRegistrationId?: string | null;
  readonly taxExempt?: boolean | null;
  readonly taxExemptions?: readonly string[] | null;
  readonly billingSameAsShipping?: boolean | null;
  readonly buyerExperienceConfiguration?: { readonly checkoutToDraft?: boolean | null; readonly editableShippingAddress?: boolean | null } | null;
  readonly shippingAddress?: AddressInput | null;
  readonly billingAddress?: AddressInput | null;
}
type AddressInput = Readonly<Partial<Record<"address1" | "address2" | "city" | "countryCode" | "firstName" | "lastName" | "phone" | "recipient" | "zip" | "zoneCode", string | null>>>;

const COUNTRIES = new Intl.DisplayNames(["en"], { type: "region" });

function addressOf(input: AddressInput, companyName: string, id: number, at: number): object {
  const countryCode = input.countryCode ?? "US";
  return { id, createdAt: at, updatedAt: at, companyName, address1: input.address1 ?? "", address2: input.address2 ?? null, city: input.city ?? null, country: COUNTRIES.of(countryCode) ?? countryCode, countryCode, firstName: input.firstName ?? null, lastName: input.lastName ?? null, phone: input.phone ?? null, recipient: input.recipient ?? null, province: STATES.find((state) => state.code === input.zoneCode)?.name ?? null, zoneCode: input.zoneCode ?? null, zip: input.zip ?? null };
}

export const companyLocations: DocKind = {
  type: "CompanyLocation",
  size: (shape) => Math.ceil(shape.customers / 100) * EACH,
  owner: { member: "companyId", of: eachHas(EACH) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "company-location");
    return (i) => {
      const at = start(shape, draw, i);
      const name = `${SYNTHETIC_MARK} ${draw.pick(CITIES)} ward ${(i % EACH) + 1}`;
      const address = addressOf({ address1: `${draw.between(1, 999)} ${draw.pick(STREETS)}`, city: draw.pick(CITIES), countryCode: "US", recipient: `Dr. ${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`, zoneCode: draw.pick(STATES).code, zip: draw.digits(5) }, name, at.id + 1, at.createdAt);
      const company = Math.floor(i / EACH);
      const companyId = shape.firstId + company * ID_STEP;
      return { ...at, companyId, name, externalId: `SYN-L${i + 1}`, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, phone: null, locale: "en", currency: "USD", taxSettings: { taxExempt: true, taxExemptions: [], taxRegistrationId: `SYN${draw.digits(9)}` }, buyerExperienceConfiguration: { checkoutToDraft: false, editableShippingAddress: false, payNowOnly: false }, shippingAddress: address, billingAddress: { ...address, id: at.id + 2 }, assignments: [{ id: at.id, contactId: shape.firstId + company * EACH * ID_STEP, roleId: companyId + 1, at: at.createdAt }], metafields: metafieldsOf("CompanyLocation", i, at, "health_b2b", [["formulary", "multi_line_text_field", `${SYNTHETIC_MARK}\n${draw.pick(NOTES)}`]]) };
    };
  },
  root: { one: "companyLocation", list: "companyLocations" },
  metafieldOwner: "COMPANY_LOCATION",
  search: { company_id: { kind: "number", of: (location) => location["companyId"] as number }, name: textField("name"), external_id: textField("externalId") },
  topics: { create: "company_locations/create", update: "company_locations/update", delete: "company_locations/delete" },
  wholeOnDelete: true,
  payload: (location) => ({ name: location["name"], note: location["note"], phone: location["phone"], company: { admin_graphql_api_id: gid("Company", location["companyId"] as number) } }),
  edit: (location, draw) => ({ ...location, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  fields: {
    CompanyLocation: {
      company: (location: Doc, _args: unknown, context: Context) => docOf(context, "Company", location["companyId"]),
      inCatalog: () => false,
      orderCount: () => 0,
      totalSpent: () => 0,
      roleAssignments: (location: Doc) => assignments(location).map((one) => ({ ...one, locationId: location.id })),
      storeCreditAccounts: (location: Doc, _args: unknown, { data }: Context) => accountsOf(data, -location.id),
    },
    CompanyContactRoleAssignment: {
      createdAt: (one: Assignment) => one.at,
      updatedAt: (one: Assignment) => one.at,
      companyLocation: (one: Assignment & { readonly locationId: number }, _args: unknown, context: Context) => docOf(context, "CompanyLocation", one.locationId),
      company: (one: Assignment & { readonly locationId: number }, _args: unknown, context: Context) => docOf(context, "Company", docOf(context, "CompanyLocation", one.locationId)?.["companyId"]),
      companyContact: (one: Assignment, _args: unknown, context: Context) => docOf(context, "CompanyContact", one.contactId) ?? { id: one.contactId },
      role: (one: Assignment) => ({ id: one.roleId, name: one.roleId % 2 === 1 ? "Location admin" : "Ordering only", note: null }),
    },
    CompanyAddress: { formattedAddress: (address: { readonly address1: string; readonly city: string | null }) => [address.address1, address.city ?? ""] },
  },
  mutations: {
    companyLocationCreate: (_source, args, context) => {
      const company = parseGid(String(args["companyId"]));
      const found = company?.type === "Company" ? context.data.store("Company").get(company.id) : null;
      return found === null ? { companyLocation: null, userErrors: [NOT_FOUND(["companyId"])] } : { companyLocation: saveLocation(null, found, args["input"] as LocationInput, context), userErrors: [] };
    },
    companyLocationUpdate: (_source, args, context) => {
      const before = locationById(args["companyLocationId"], context);
      const company = before === null ? null : docOf(context, "Company", before["companyId"]);
      return before === null || company === null ? { companyLocation: null, userErrors: [NOT_FOUND(["companyLocationId"])] } : { companyLocation: saveLocation(before, company, args["input"] as LocationInput, context), userErrors: [] };
    },
    companyLocationDelete: (_source, args, context) => {
      const before = locationById(args["companyLocationId"], context);
      if (before === null) return { deletedCompanyLocationId: null, userErrors: [NOT_FOUND(["companyLocationId"])] };
      deleteDoc(context, companyLocations, before);
      return { deletedCompanyLocationId: gid("CompanyLocation", before.id), userErrors: [] };
    },
    companyLocationAssignAddress: (_source, args, context) => {
      const before = locationById(args["locationId"], context);
      if (before === null) return { addresses: null, userErrors: [NOT_FOUND(["locationId"])] };
      const types = args["addressTypes"] as readonly string[];
      const made = Object.fromEntries(types.map((type) => [type === "BILLING" ? "billingAddress" : "shippingAddress", addressOf(args["address"] as AddressInput, text(before, "name") ?? "", context.data.newId(), context.data.stamp(context.clock.now()))]));
      saveDoc(context, companyLocations, before, { ...before, ...made });
      return { addresses: Object.values(made), userErrors: [] };
    },
    companyLocationTaxSettingsUpdate: (_source, args, context) => {
      const before = locationById(args["companyLocationId"], context);
      if (before === null) return { companyLocation: null, userErrors: [NOT_FOUND(["companyLocationId"])] };
      const tax = before["taxSettings"] as { readonly taxExempt: unknown; readonly taxExemptions: readonly string[]; readonly taxRegistrationId: unknown };
      const removed = (args["exemptionsToRemove"] ?? []) as readonly string[];
      const taxExemptions = [...new Set([...tax.taxExemptions.filter((one) => !removed.includes(one)), ...((args["exemptionsToAssign"] ?? []) as readonly string[])])];
      const taxSettings = { taxExempt: args["taxExempt"] ?? tax.taxExempt, taxExemptions, taxRegistrationId: args["taxRegistrationId"] === undefined ? tax.taxRegistrationId : args["taxRegistrationId"] };
      return { companyLocation: saveDoc(context, companyLocations, before, { ...before, taxSettings }), userErrors: [] };
    },
    companyLocationAssignRoles: (_source, args, context) => {
      const before = locationById(args["companyLocationId"], context);
      if (before === null) return { roleAssignments: null, userErrors: [NOT_FOUND(["companyLocationId"])] };
      const made = (args["rolesToAssign"] as readonly { companyContactId: string; companyContactRoleId: string }[]).map((role) => assignRole(before, role.companyContactId, role.companyContactRoleId, context));
      if (made.some((one) => one === null)) return { roleAssignments: null, userErrors: [NOT_FOUND(["rolesToAssign"])] };
      return { roleAssignments: made, userErrors: [] };
    },
    companyContactAssignRole: (_source, args, context) => {
      const before = locationById(args["companyLocationId"], context);
      const made = before === null ? null : assignRole(before, String(args["companyContactId"]), String(args["companyContactRoleId"]), context);
      return { companyContactRoleAssignment: made, userErrors: made === null ? [NOT_FOUND(["companyLocationId"])] : [] };
    },
  },
};

const NOT_FOUND = (field: readonly string[]): object => ({ code: "RESOURCE_NOT_FOUND", message: "Resource requested does not exist.", field });

function locationById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "CompanyLocation" ? data.store("CompanyLocation").get(parsed.id) : null;
}

export function saveLocation(before: Doc | null, company: Doc, input: LocationInput, context: Context): Doc {
  const { data } = context;
  const id = before?.id ?? data.newId();
  const now = data.stamp(context.clock.now());
  const name = input.name ?? text(before ?? company, "name") ?? "";
  const tax = (before?.["taxSettings"] ?? { taxExempt: false, taxExemptions: [], taxRegistrationId: null }) as Readonly<Record<string, unknown>>;
  const buying = (before?.["buyerExperienceConfiguration"] ?? { checkoutToDraft: false, editableShippingAddress: false, payNowOnly: false }) as Readonly<Record<string, unknown>>;
  const given = (member: "externalId" | "note" | "phone" | "locale"): unknown => (input[member] === undefined ? (before?.[member] ?? null) : input[member]);
  const shipping = input.shippingAddress == null ? (before?.["shippingAddress"] ?? null) : addressOf(input.shippingAddress, name, data.newId(), now);
  const billing = input.billingSameAsShipping === true ? shipping : input.billingAddress == null ? (before?.["billingAddress"] ?? null) : addressOf(input.billingAddress, name, data.newId(), now);
  return saveDoc(context, companyLocations, before, {
    metafields: [],
    assignments: [],
    ...before,
    id,
    companyId: company.id,
    currency: "USD",
    name,
    externalId: given("externalId"),
    note: given("note"),
    phone: given("phone"),
    locale: given("locale"),
    taxSettings: { taxExempt: input.taxExempt ?? tax["taxExempt"], taxExemptions: input.taxExemptions ?? tax["taxExemptions"], taxRegistrationId: input.taxRegistrationId === undefined ? tax["taxRegistrationId"] : input.taxRegistrationId },
    buyerExperienceConfiguration: { ...buying, checkoutToDraft: input.buyerExperienceConfiguration?.checkoutToDraft ?? buying["checkoutToDraft"], editableShippingAddress: input.buyerExperienceConfiguration?.editableShippingAddress ?? buying["editableShippingAddress"] },
    shippingAddress: shipping,
    billingAddress: billing,
  });
}

/** Null: no such contact or role in this location's company. */
function assignRole(location: Doc, contactGid: string, roleGid: string, context: Context): object | null {
  const contact = docOf(context, "CompanyContact", parseGid(contactGid)?.id);
  const roleId = parseGid(roleGid)?.id ?? -1;
  const company = location["companyId"] as number;
  if (contact === null || contact["companyId"] !== company || (roleId !== company + 1 && roleId !== company + 2)) return null;
  const made: Assignment = { id: context.data.newId(), contactId: contact.id, roleId, at: context.data.stamp(context.clock.now()) };
  const now = context.data.store("CompanyLocation").get(location.id) ?? location;
  saveDoc(context, companyLocations, now, { ...now, assignments: [...assignments(now), made] });
  context.webhooks.emit("company_contact_roles/assign", () => ({ admin_graphql_api_id: gid("CompanyContactRoleAssignment", made.id), company: { admin_graphql_api_id: gid("Company", company) }, company_contact: { admin_graphql_api_id: gid("CompanyContact", contact.id) }, company_location: { admin_graphql_api_id: gid("CompanyLocation", location.id) } }));
  return { ...made, locationId: location.id };
}
