/**
 * Which members of Shopify's records hold what a person is found by, by kind, as bulk operations write them (https://shopify.dev/docs/api/admin-graphql). One table for both ways of
 * reading: the parser (record-terms.ts) and the scanner (scan/). A record of another source whose kind has the same name is read the same way.
 */

/** What a member is: text of a sort; an object with known members of its own; a list of such objects. */
export type Member =
  | "email"
  | "name"
  | "order"
  /** The id of the customer whose record it is. */
  | "customer"
  /** Where the number's country stands, seen from the object that has the number; the first that is there counts. */
  | { readonly phone: readonly (readonly string[])[] }
  | { readonly into: Members }
  | { readonly each: Members };

export type Members = Readonly<Record<string, Member>>;

/** A number that says itself where it is from, or nothing does. */
const PHONE: Member = { phone: [] };

const ADDRESS: Members = { firstName: "name", lastName: "name", name: "name", recipient: "name", phone: { phone: [["countryCodeV2"], ["countryCode"]] } };

const PERSON: Members = {
  firstName: "name",
  lastName: "name",
  displayName: "name",
  email: "email",
  phone: PHONE,
  defaultEmailAddress: { into: { emailAddress: "email" } },
  defaultPhoneNumber: { into: { phoneNumber: PHONE } },
};

/** Whose it is: found by their id, and by what a record repeats of them. */
const OWNER: Members = { id: "customer", ...PERSON };

const SALE: Members = {
  name: "order",
  confirmationNumber: "order",
  email: "email",
  phone: { phone: [["shippingAddress", "countryCodeV2"]] },
  billingAddress: { into: ADDRESS },
  shippingAddress: { into: ADDRESS },
  customer: { into: OWNER },
};

export const KNOWN_MEMBERS: Readonly<Record<string, Members>> = {
  Customer: { ...PERSON, defaultAddress: { into: ADDRESS }, addresses: { each: ADDRESS } },
  MailingAddress: ADDRESS,
  Order: SALE,
  DraftOrder: SALE,
  AbandonedCheckout: SALE,
  Company: { name: "name" },
  CompanyLocation: { name: "name", phone: PHONE, billingAddress: { into: ADDRESS }, shippingAddress: { into: ADDRESS } },
  CompanyContact: { customer: { into: OWNER } },
  SubscriptionContract: {
    customer: { into: OWNER },
    deliveryMethod: { into: { address: { into: ADDRESS }, localDeliveryOption: { into: { phone: PHONE } }, pickupOption: { into: { phone: PHONE } } } },
  },
  GiftCard: { customer: { into: OWNER }, recipientAttributes: { into: { preferredName: "name", recipient: { into: OWNER } } } },
};
