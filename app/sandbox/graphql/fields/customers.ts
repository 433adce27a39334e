/** Fields of customers and of their addresses. */
import { gid } from "../../data/gid.ts";
import type { AddressRecord, CustomerRecord } from "../../data/records.ts";
import { iso, isoOrNull, money } from "../context.ts";
import type { Fields } from "../context.ts";
import { List } from "../list.ts";
import type { SearchField } from "../search.ts";
import { metafieldList, metafieldNamed } from "./metafields.ts";
import { orderTotal } from "./orders.ts";

/** An address with the model its id is spelt with: CustomerAddress in an address book, Address on an order. */
export interface PlacedAddress extends AddressRecord {
  readonly model: "CustomerAddress" | "Address";
}

const inBook = (address: AddressRecord): PlacedAddress => ({ ...address, model: "CustomerAddress" });

export const customerFields: Fields<CustomerRecord> = {
  id: (customer) => gid("Customer", customer.id),
  legacyResourceId: (customer) => String(customer.id),
  createdAt: (customer) => iso(customer.createdAt),
  updatedAt: (customer) => iso(customer.updatedAt),
  displayName: (customer) => displayName(customer),
  addresses: (customer, args) => customer.addresses.slice(0, typeof args["first"] === "number" ? args["first"] : 250).map(inBook),
  addressesV2: (customer) => List.of(customer.addresses.map(inBook), (address) => address.id),
  defaultAddress: (customer) => {
    const found = customer.addresses.find((address) => address.id === customer.defaultAddressId);
    return found === undefined ? null : inBook(found);
  },
  defaultEmailAddress: (customer) =>
    customer.email === null
      ? null
      : {
          emailAddress: customer.email,
          marketingState: customer.emailConsent.state,
          marketingOptInLevel: customer.emailConsent.optInLevel,
          marketingUpdatedAt: isoOrNull(customer.emailConsent.at),
          marketingUnsubscribeUrl: "https://shop.example.com/unsubscribe",
          openTrackingLevel: "UNKNOWN",
          openTrackingUrl: "https://shop.example.com/opened",
          sourceLocation: null,
          validFormat: true,
        },
  defaultPhoneNumber: (customer) =>
    customer.phone === null
      ? null
      : {
          phoneNumber: customer.phone,
          marketingState: customer.smsConsent.state,
          marketingOptInLevel: customer.smsConsent.optInLevel ?? "UNKNOWN",
          marketingUpdatedAt: isoOrNull(customer.smsConsent.at),
          marketingCollectedFrom: null,
          sourceLocation: null,
          smsMarketingConsent: { state: customer.smsConsent.state === "NOT_SUBSCRIBED" ? "NEVER_SUBSCRIBED" : customer.smsConsent.state, optInLevel: customer.smsConsent.optInLevel, updatedAt: isoOrNull(customer.smsConsent.at), collectedFrom: null, sourceLocation: null },
          whatsAppMarketingConsent: { state: "NEVER_SUBSCRIBED", optInLevel: null, updatedAt: null, collectedFrom: null, sourceLocation: null },
        },
  emailMarketingConsent: (customer) => (customer.email === null ? null : { marketingState: customer.emailConsent.state, marketingOptInLevel: customer.emailConsent.optInLevel, consentUpdatedAt: isoOrNull(customer.emailConsent.at), sourceLocation: null }),
  smsMarketingConsent: (customer) =>
    customer.phone === null ? null : { marketingState: customer.smsConsent.state, marketingOptInLevel: customer.smsConsent.optInLevel ?? "UNKNOWN", consentUpdatedAt: isoOrNull(customer.smsConsent.at), consentCollectedFrom: null, sourceLocation: null },
  validEmailAddress: (customer) => customer.email !== null,
  image: (_customer, _args, { facts }) => ({ id: null, altText: null, url: `${facts.url}/cdn/shop/files/nobody.png`, originalSrc: `${facts.url}/cdn/shop/files/nobody.png`, src: `${facts.url}/cdn/shop/files/nobody.png`, transformedSrc: `${facts.url}/cdn/shop/files/nobody.png`, width: null, height: null, thumbhash: null }),
  dataSaleOptOut: () => false,
  hasTimelineComment: (customer, _args, { data }) => data.docsOf("Event", "Customer", customer.id).some((event) => event["__typename"] === "CommentEvent"),
  productSubscriberStatus: () => "NEVER_SUBSCRIBED",
  lifetimeDuration: () => "about 1 year",
  mergeable: () => ({ isMergeable: true, reason: null, errorFields: [], mergeInProgress: null }),
  statistics: () => ({ predictedSpendTier: null, rfmGroup: null }),
  taxSettings: (customer) => ({ partnerTaxRegistrations: [], taxExemptions: customer.taxExemptions, taxRegistrations: [] }),
  unsubscribeUrl: () => "https://shop.example.com/unsubscribe",
  numberOfOrders: (customer, _args, { data }) => String(data.orderIdsOf(customer.id).length),
  canDelete: (customer, _args, { data }) => data.orderIdsOf(customer.id).length === 0 && !data.isContact(customer.id),
  companyContactProfiles: (customer, _args, { data }) => data.contactsOf(customer.id),
  amountSpent: (customer, _args, { data }) => money(data.orderIdsOf(customer.id).reduce((sum, id) => sum + orderTotal(data.orders.get(id)), 0), "USD"),
  lastOrder: (customer, _args, { data }) => {
    const last = data.orderIdsOf(customer.id).at(-1);
    return last === undefined ? null : data.orders.get(last);
  },
  orders: (customer, _args, { data }) => List.of(data.orderIdsOf(customer.id).flatMap((id) => data.orders.get(id) ?? []), (order) => order.id),
  storeCreditAccounts: (customer, _args, { data }) => List.of(data.docsOf("StoreCreditAccount", "Customer", customer.id), (account) => account.id),
  subscriptionContracts: (customer, _args, { data }) => List.of(data.docsOf("SubscriptionContract", "Customer", customer.id), (contract) => contract.id),
  events: (customer, _args, { data }) => List.of(data.docsOf("Event", "Customer", customer.id), (event) => event.id),
  metafields: (customer, args) => metafieldList(customer.metafields, "CUSTOMER", customer.id, args),
  metafield: (customer, args) => metafieldNamed(customer.metafields, "CUSTOMER", customer.id, args),
};

export const addressFields: Fields<PlacedAddress> = {
  id: (address) => gid("MailingAddress", address.id, address.model),
  name: (address) => [address.firstName, address.lastName].filter((part) => part !== null).join(" ") || null,
  countryCodeV2: (address) => address.countryCode,
  coordinatesValidated: () => false,
  formatted: (address) => [address.company, address.address1, address.address2, [address.city, address.provinceCode, address.zip].filter((part) => part !== null).join(" "), address.country].filter((line): line is string => line !== null && line !== ""),
  formattedArea: (address) => [address.city, address.provinceCode, address.country].filter((part) => part !== null).join(", ") || null,
};

export function displayName(customer: CustomerRecord): string {
  const name = [customer.firstName, customer.lastName].filter((part) => part !== null && part !== "").join(" ");
  return name || customer.email || customer.phone || String(customer.id);
}

export const customerSearch: Readonly<Record<string, SearchField<CustomerRecord>>> = {
  id: { kind: "number", of: (customer) => customer.id },
  updated_at: { kind: "time", of: (customer) => customer.updatedAt },
  customer_date: { kind: "time", of: (customer) => customer.createdAt },
  created_at: { kind: "time", of: (customer) => customer.createdAt },
  email: { kind: "text", of: (customer) => [customer.email] },
  phone: { kind: "text", of: (customer) => [customer.phone] },
  first_name: { kind: "text", of: (customer) => [customer.firstName] },
  last_name: { kind: "text", of: (customer) => [customer.lastName] },
  tag: { kind: "text", of: (customer) => customer.tags },
  state: { kind: "text", of: (customer) => [customer.state] },
  country: { kind: "text", of: (customer) => customer.addresses.map((address) => address.country) },
};
