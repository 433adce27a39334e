/** Mutations of single addresses of a customer, and of what a customer's list of them calls the default. */
import { gid, parseGid } from "../../data/gid.ts";
import type { AddressRecord, CustomerRecord } from "../../data/records.ts";
import { customerPayload } from "../../webhooks/payloads.ts";
import type { Context, Fields } from "../context.ts";
import { addressFrom } from "./inputs.ts";
import type { AddressInput } from "./inputs.ts";

const refused = (member: string, field: string, message: string): object => ({ [member]: null, userErrors: [{ field: [field], message }] });

export const addressMutations: Fields<unknown> = {
  customerAddressCreate: (_source, args, context) => {
    const before = customerById(args["customerId"], context);
    if (before === null) return refused("address", "customerId", "Customer does not exist");
    const made = addressFrom(args["address"] as AddressInput, context.data.newId());
    if (before.addresses.some((one) => sameAddress(one, made))) return refused("address", "address", "Address already exists");
    keep({ ...before, addresses: [...before.addresses, made], defaultAddressId: args["setAsDefault"] === true || before.addresses.length === 0 ? made.id : before.defaultAddressId }, context);
    return { address: shown(made), userErrors: [] };
  },
  customerAddressUpdate: (_source, args, context) => {
    const before = customerById(args["customerId"], context);
    const known = before?.addresses.find((one) => one.id === parseGid(String(args["addressId"]))?.id);
    if (before === null || known === undefined) return refused("address", "addressId", "Address does not exist");
    const made = merged(known, args["address"] as AddressInput);
    keep({ ...before, addresses: before.addresses.map((one) => (one.id === known.id ? made : one)), ...(args["setAsDefault"] === true ? { defaultAddressId: known.id } : {}) }, context);
    return { address: shown(made), userErrors: [] };
  },
  customerAddressDelete: (_source, args, context) => {
    const before = customerById(args["customerId"], context);
    const known = before?.addresses.find((one) => one.id === parseGid(String(args["addressId"]))?.id);
    if (before === null || known === undefined) return refused("deletedAddressId", "addressId", "Address does not exist");
    const addresses = before.addresses.filter((one) => one.id !== known.id);
    keep({ ...before, addresses, defaultAddressId: before.defaultAddressId === known.id ? (addresses[0]?.id ?? null) : before.defaultAddressId }, context);
    return { deletedAddressId: gid("MailingAddress", known.id), userErrors: [] };
  },
};

const shown = (address: AddressRecord): object => ({ ...address, model: "CustomerAddress", __typename: "MailingAddress" });

function customerById(id: unknown, { data }: Context): CustomerRecord | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Customer" ? data.customers.get(parsed.id) : null;
}

/** What the input does not name stays; a country or province that is named by its code takes the other spelling along. */
function merged(known: AddressRecord, input: AddressInput): AddressRecord {
  const whole = addressFrom({ ...known, ...input }, known.id);
  const province = input.provinceCode === undefined && input.province === undefined ? { province: known.province, provinceCode: known.provinceCode } : addressFrom({ provinceCode: input.provinceCode ?? null, province: input.province ?? null }, 0);
  const country = input.countryCode === undefined && input.country === undefined ? { country: known.country, countryCode: known.countryCode } : addressFrom({ countryCode: input.countryCode ?? null, country: input.country ?? null }, 0);
  return { ...whole, province: province.province, provinceCode: province.provinceCode, country: country.country, countryCode: country.countryCode };
}

function sameAddress(a: AddressRecord, b: AddressRecord): boolean {
  return JSON.stringify({ ...a, id: 0 }) === JSON.stringify({ ...b, id: 0 });
}

function keep(record: CustomerRecord, context: Context): void {
  const now = { ...record, updatedAt: context.data.stamp(context.clock.now()) };
  context.data.putCustomer(now);
  context.webhooks.emit("customers/update", () => customerPayload(now));
}
