/**
 * Terms of records, by kind: Shopify's, as bulk operations write them (https://shopify.dev/docs/api/admin-graphql). Only the members that are known to hold what a
 * person is found by are looked at. A record of another source whose kind has the same name is read the same way.
 */
import { emailTerm, nameTerms, orderTerms, phoneTerm } from "#app/terms/normal.ts";
import { TERM } from "#app/terms/types.ts";

type Found = (type: number, term: string) => void;
type Members = Readonly<Record<string, unknown>>;

const object = (value: unknown): Members | null => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : null);

function email(value: unknown, found: Found): void {
  const term = typeof value === "string" ? emailTerm(value) : null;
  if (term !== null) found(TERM.email, term);
}
function phone(value: unknown, found: Found, country?: unknown): void {
  const term = typeof value === "string" ? phoneTerm(value, typeof country === "string" ? country : null) : null;
  if (term !== null) found(TERM.phone, term);
}
function name(value: unknown, found: Found): void {
  if (typeof value === "string") for (const term of nameTerms(value)) found(TERM.name, term);
}
function order(value: unknown, found: Found): void {
  if (typeof value === "string") for (const term of orderTerms(value)) found(TERM.order, term);
}

function address(value: unknown, found: Found): void {
  const at = object(value);
  if (at === null) return;
  name(at["firstName"], found);
  name(at["lastName"], found);
  name(at["name"], found);
  name(at["recipient"], found);
  phone(at["phone"], found, at["countryCodeV2"] ?? at["countryCode"]);
}

/** A person's own members. */
function person(at: Members, found: Found): void {
  name(at["firstName"], found);
  name(at["lastName"], found);
  name(at["displayName"], found);
  email(at["email"], found);
  phone(at["phone"], found);
  email(object(at["defaultEmailAddress"])?.["emailAddress"], found);
  phone(object(at["defaultPhoneNumber"])?.["phoneNumber"], found);
}

function sale(at: Members, found: Found): void {
  order(at["name"], found);
  order(at["confirmationNumber"], found);
  email(at["email"], found);
  phone(at["phone"], found, object(at["shippingAddress"])?.["countryCodeV2"]);
  address(at["billingAddress"], found);
  address(at["shippingAddress"], found);
  owner(at["customer"], found);
}

/** Whose it is: found by their id, and by what a record repeats of them. */
function owner(value: unknown, found: Found): void {
  const of = object(value);
  if (of === null) return;
  if (typeof of["id"] === "string") found(TERM.customer, of["id"]);
  person(of, found);
}

function customer(at: Members, found: Found): void {
  person(at, found);
  address(at["defaultAddress"], found);
  const addresses = at["addresses"];
  if (Array.isArray(addresses)) for (const each of addresses) address(each, found);
}

function location(at: Members, found: Found): void {
  name(at["name"], found);
  phone(at["phone"], found);
  address(at["billingAddress"], found);
  address(at["shippingAddress"], found);
}

function subscription(at: Members, found: Found): void {
  owner(at["customer"], found);
  const method = object(at["deliveryMethod"]);
  address(method?.["address"], found);
  phone(object(method?.["localDeliveryOption"])?.["phone"], found);
  phone(object(method?.["pickupOption"])?.["phone"], found);
}

const READ: Readonly<Record<string, (at: Members, found: Found) => void>> = {
  Customer: customer,
  MailingAddress: address,
  Order: sale,
  DraftOrder: sale,
  AbandonedCheckout: sale,
  Company: (at, found) => { name(at["name"], found); },
  CompanyLocation: location,
  CompanyContact: (at, found) => { owner(at["customer"], found); },
  SubscriptionContract: subscription,
  GiftCard: (at, found) => {
    owner(at["customer"], found);
    const to = object(at["recipientAttributes"]);
    name(to?.["preferredName"], found);
    owner(to?.["recipient"], found);
  },
};

/** Larger records of these kinds are not taken apart: what a person is found by is no megabyte. */
const LARGEST = 1024 * 1024;

/** What the vault is handed (TermSource). Version 1. */
export const recordTerms = {
  version: 1,
  kinds: new Set(Object.keys(READ)) as ReadonlySet<string>,
  read(kind: string, bytes: Uint8Array, start: number, end: number, found: Found): void {
    const read = READ[kind];
    if (read === undefined || end - start > LARGEST) return;
    let value: unknown;
    try {
      // Node's own decoder, which knows plain ASCII at a glance: this is half of what a record costs here.
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", start, end));
    } catch {
      // What is no JSON has no members; it is kept as it is, and found by its id.
      return;
    }
    const at = object(value);
    if (at !== null) read(at, found);
  },
};
