/** Mutations of customers. */
import { gid, parseGid } from "../../data/gid.ts";
import type { Consent, CustomerRecord } from "../../data/records.ts";
import { customerPayload } from "../../webhooks/payloads.ts";
import type { Context, Fields } from "../context.ts";
import { addressFrom, mergeMetafields, tagsFrom } from "./inputs.ts";
import type { AddressInput, MetafieldInput, UserError } from "./inputs.ts";

interface ConsentInput {
  readonly marketingState: string;
  readonly marketingOptInLevel?: string | null;
  readonly consentUpdatedAt?: string | null;
}

export interface CustomerInput {
  readonly id?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly note?: string | null;
  readonly locale?: string | null;
  readonly tags?: readonly string[] | null;
  readonly taxExempt?: boolean | null;
  readonly taxExemptions?: readonly string[] | null;
  readonly addresses?: readonly AddressInput[] | null;
  readonly metafields?: readonly MetafieldInput[] | null;
  readonly emailMarketingConsent?: ConsentInput | null;
  readonly smsMarketingConsent?: ConsentInput | null;
}

const NO_CONSENT: Consent = { state: "NOT_SUBSCRIBED", optInLevel: null, at: null };

const failed = (...userErrors: readonly UserError[]): object => ({ customer: null, userErrors });

export const customerMutations: Fields<unknown> = {
  customerCreate: (_source, args, context) => {
    const input = args["input"] as CustomerInput;
    if (input.id != null) return failed({ field: ["id"], message: "Cannot specify ID during creation" });
    return save(null, input, context);
  },
  customerUpdate: (_source, args, context) => {
    const input = args["input"] as CustomerInput;
    const before = customerById(input.id, context);
    return before === null ? failed({ field: ["id"], message: "Customer does not exist" }) : save(before, input, context);
  },
  customerSet: (_source, args, context) => {
    const input = args["input"] as CustomerInput;
    const identifier = (args["identifier"] ?? {}) as { id?: string; email?: string; phone?: string; customId?: unknown };
    if (identifier.customId !== undefined) return failed({ field: ["identifier", "customId"], message: "No metafield definition with unique values is known for this identifier", code: "METAFIELD_MISMATCH" });
    if (identifier.id !== undefined || input.id != null) {
      const before = customerById(identifier.id ?? input.id, context);
      return before === null ? failed({ field: ["identifier"], message: "Customer does not exist", code: "NOT_FOUND" }) : save(before, input, context);
    }
    for (const name of ["email", "phone"] as const) {
      const value = identifier[name];
      if (value === undefined) continue;
      if (input[name] !== value) return failed({ field: ["input", name], message: "The input must hold the value the identifier names", code: "INPUT_MISMATCH" });
      const id = name === "email" ? context.data.customerIdByEmail(value) : context.data.customerIdByPhone(value);
      return save(id === null ? null : context.data.customers.get(id), input, context);
    }
    return save(null, input, context);
  },
  customerDelete: (_source, args, context) => {
    const before = customerById((args["input"] as { id: string }).id, context);
    const answer = (deletedCustomerId: string | null, ...userErrors: UserError[]): object => ({ deletedCustomerId, shop: { __typename: "Shop" }, userErrors });
    if (before === null) return answer(null, { field: ["id"], message: "Customer can't be found" });
    if (context.data.orderIdsOf(before.id).length > 0) return answer(null, { field: ["id"], message: "Customer can’t be deleted because they have associated orders" });
    if (context.data.isContact(before.id)) return answer(null, { field: ["id"], message: "Customer can’t be deleted because they are a company contact" });
    context.data.removeCustomer(before.id);
    context.webhooks.emit("customers/delete", () => ({ id: before.id, phone: null, addresses: [], admin_graphql_api_id: gid("Customer", before.id) }));
    return answer(gid("Customer", before.id));
  },
  customerEmailMarketingConsentUpdate: (_source, args, context) => consent(args["input"] as { customerId: string; emailMarketingConsent: ConsentInput }, "emailMarketingConsent", context),
  customerSmsMarketingConsentUpdate: (_source, args, context) => consent(args["input"] as { customerId: string; smsMarketingConsent: ConsentInput }, "smsMarketingConsent", context),
  customerUpdateDefaultAddress: (_source, args, context) => {
    const before = customerById(args["customerId"], context);
    const address = before?.addresses.find((one) => one.id === parseGid(String(args["addressId"]))?.id);
    if (before === null || address === undefined) return failed({ field: ["addressId"], message: "Address does not exist" });
    return keep({ ...before, defaultAddressId: address.id, updatedAt: context.data.stamp(context.clock.now()) }, false, context);
  },
};

function customerById(id: unknown, context: Context): CustomerRecord | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Customer" ? context.data.customers.get(parsed.id) : null;
}

/** Creates (`before` null) or changes a customer; absent inputs leave things as they are, given lists replace. */
export function save(before: CustomerRecord | null, input: CustomerInput, context: Context): { readonly customer: CustomerRecord | null; readonly userErrors: readonly UserError[] } {
  const now = context.data.stamp(context.clock.now());
  const errors: UserError[] = [];
  const email = input.email === undefined ? (before?.email ?? null) : blank(input.email)?.toLowerCase() ?? null;
  const phone = input.phone === undefined ? (before?.phone ?? null) : blank(input.phone);
  const firstName = input.firstName === undefined ? (before?.firstName ?? null) : input.firstName;
  const lastName = input.lastName === undefined ? (before?.lastName ?? null) : input.lastName;
  if (email === null && phone === null && blank(firstName) === null && blank(lastName) === null) errors.push({ field: null, message: "A name, phone number, or email address must be present" });
  if (email !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) errors.push({ field: ["email"], message: "Email is invalid" });
  if (phone !== null && !/^\+\d{7,15}$/.test(phone)) errors.push({ field: ["phone"], message: "Phone is invalid" });
  if (email !== null && taken(context.data.customerIdByEmail(email), before)) errors.push({ field: ["email"], message: "Email has already been taken" });
  if (phone !== null && taken(context.data.customerIdByPhone(phone), before)) errors.push({ field: ["phone"], message: "Phone has already been taken" });
  if ((input.tags ?? []).some((tag) => tag.length > 255)) errors.push({ field: ["tags"], message: "Tags must each be at most 255 characters" });
  if ((input.note ?? "").length > 5000) errors.push({ field: ["note"], message: "Note is too long (maximum is 5000 characters)" });
  const merged = mergeMetafields(context, "CUSTOMER", before?.metafields ?? [], input.metafields ?? [], now, (index) => ["metafields", String(index)]);
  errors.push(...merged.errors);
  if (errors.length > 0) return { customer: null, userErrors: errors.map(({ field, message }) => ({ field, message })) };
  const addresses = input.addresses == null ? (before?.addresses ?? []) : input.addresses.map((address) => addressFrom(address, context.data.newId()));
  const record: CustomerRecord = {
    id: before?.id ?? context.data.newId(),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    firstName,
    lastName,
    email,
    phone,
    note: input.note === undefined ? (before?.note ?? null) : blank(input.note),
    tags: input.tags == null ? (before?.tags ?? []) : tagsFrom(input.tags),
    locale: input.locale ?? before?.locale ?? "en",
    taxExempt: input.taxExempt ?? before?.taxExempt ?? false,
    taxExemptions: input.taxExemptions ?? before?.taxExemptions ?? [],
    state: before?.state ?? "DISABLED",
    verifiedEmail: before?.verifiedEmail ?? true,
    emailConsent: input.emailMarketingConsent == null ? (before?.emailConsent ?? NO_CONSENT) : consentFrom(input.emailMarketingConsent, now),
    smsConsent: input.smsMarketingConsent == null ? (before?.smsConsent ?? NO_CONSENT) : consentFrom(input.smsMarketingConsent, now),
    addresses,
    defaultAddressId: addresses.find((address) => address.id === before?.defaultAddressId)?.id ?? addresses[0]?.id ?? null,
    metafields: merged.fields,
  };
  return keep(record, before === null, context);
}

function keep(record: CustomerRecord, isNew: boolean, context: Context): { readonly customer: CustomerRecord; readonly userErrors: readonly UserError[] } {
  context.data.putCustomer(record);
  context.webhooks.emit(isNew ? "customers/create" : "customers/update", () => customerPayload(record));
  return { customer: record, userErrors: [] };
}

function consent<K extends "emailMarketingConsent" | "smsMarketingConsent">(input: { readonly customerId: string } & Readonly<Record<K, ConsentInput>>, kind: K, context: Context): object {
  const before = customerById(input.customerId, context);
  if (before === null) return failed({ field: ["input", "customerId"], message: "Customer not found", code: "INVALID" });
  const given = input[kind];
  if (!["SUBSCRIBED", "UNSUBSCRIBED", "PENDING"].includes(given.marketingState)) return failed({ field: ["input", kind, "marketingState"], message: `Cannot specify ${given.marketingState} as a marketing state input`, code: "INCLUSION" });
  const now = context.data.stamp(context.clock.now());
  const value = consentFrom(given, now);
  return keep({ ...before, ...(kind === "emailMarketingConsent" ? { emailConsent: value } : { smsConsent: value }), updatedAt: now }, false, context);
}

function consentFrom(input: ConsentInput, now: number): Consent {
  return { state: input.marketingState, optInLevel: input.marketingOptInLevel ?? null, at: input.consentUpdatedAt == null ? now : Date.parse(input.consentUpdatedAt) };
}

function taken(owner: number | null, before: CustomerRecord | null): boolean {
  return owner !== null && owner !== before?.id;
}

function blank(text: string | null | undefined): string | null {
  return text == null || text.trim() === "" ? null : text;
}
