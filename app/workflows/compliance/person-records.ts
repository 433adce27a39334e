/**
 * Which records are a person's, for telling and for erasing alike:
 *
 * 1. the customer, with everything beneath them (addresses, metafields, store credit, consent);
 * 2. the orders that the platform names in the request, with everything beneath them. It names those that may go; orders it does not name, it keeps,
 *    and so does the vault: they are the merchant's books;
 * 3. records that stand by themselves, of the kinds below, that name the customer as a whole value: draft orders, checkouts, contracts, metaobjects …
 *    A record that lists several people, or mentions one in a sentence, is not one person's and stays.
 *
 * 1 and 2 are found in the index; 3 while packs are open anyway. No name, e-mail address or phone number is needed, and none is kept.
 */
import type { ComplianceRequest } from "../ports.ts";

/** GID types (Admin API 2026-10) that may stand by themselves and belong to one customer. */
export const REFERRING_KINDS = ["DraftOrder", "AbandonedCheckout", "Abandonment", "SubscriptionContract", "CompanyContact", "StoreCreditAccount", "GiftCard", "CustomerPaymentMethod", "Return", "Metaobject"] as const;

export interface PersonRecords {
  readonly ids: readonly string[];
  readonly references?: { readonly ids: readonly string[]; readonly kinds: readonly string[] };
}

export function recordsOfPerson({ customerId, orderIds }: Pick<ComplianceRequest, "customerId" | "orderIds">): PersonRecords {
  const customers = customerId === null ? [] : [gid("Customer", customerId)];
  return {
    ids: [...customers, ...orderIds.map((id) => gid("Order", id))],
    ...(customers.length === 0 ? {} : { references: { ids: customers, kinds: [...REFERRING_KINDS] } }),
  };
}

/** Of several people at once. */
export function recordsOfPeople(people: readonly Pick<ComplianceRequest, "customerId" | "orderIds">[]): PersonRecords {
  const each = people.map(recordsOfPerson);
  const references = each.flatMap((person) => person.references?.ids ?? []);
  return {
    ids: [...new Set(each.flatMap(({ ids }) => ids))],
    ...(references.length === 0 ? {} : { references: { ids: [...new Set(references)], kinds: [...REFERRING_KINDS] } }),
  };
}

/** By ids that a person typed: GIDs, with whatever refers to those of them that are customers. */
export function recordsOfIds(ids: readonly string[]): PersonRecords {
  const customers = ids.filter((id) => kindOfId(id) === "Customer");
  return { ids, ...(customers.length === 0 ? {} : { references: { ids: customers, kinds: [...REFERRING_KINDS] } }) };
}

/** Webhooks name numbers; records have GIDs. */
function gid(type: string, id: string): string {
  return id.startsWith("gid://") ? id : `gid://shopify/${type}/${id}`;
}

/** The GID type is the kind: "gid://shopify/Customer/1" is a Customer. */
export function kindOfId(id: string): string {
  return /^gid:\/\/[^/]+\/([A-Za-z]+)\//.exec(id)?.[1] ?? "";
}
