/** Abandoned checkouts: what somebody typed before leaving. Nothing but a customer at the checkout makes one, so nothing restores one. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { address } from "../data/customers.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { AddressRecord, Attribute } from "../data/records.ts";
import { FIRST_NAMES, LAST_NAMES, MEDICINES, NOTES, PRODUCTS } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { childOf, customerOf, start, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Item {
  readonly id: number;
  readonly title: string;
  readonly variantTitle: string;
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
  readonly customAttributes: readonly Attribute[];
}

const EVERY = 20;
const items = (checkout: Doc): readonly Item[] => checkout["items"] as readonly Item[];
const total = (checkout: Doc): number => items(checkout).reduce((sum, item) => sum + item.price * item.quantity, 0);
const each = (item: Item): number => item.price;
const all = (item: Item): number => item.price * item.quantity;
const placed = (checkout: Doc, name: string, id: number): object => ({ ...(checkout[name] as AddressRecord), id, model: "AbandonedCheckoutAddress" });

export const abandonedCheckouts: DocKind = {
  type: "AbandonedCheckout",
  size: (shape) => Math.ceil(shape.customers / EVERY),
  make: (shape) => {
    const draw = new Draw(shape.seed, "abandoned");
    return (i) => {
      const at = start(shape, draw, i);
      const [title, variantTitle, sku, price] = draw.pick(PRODUCTS);
      const place = address(draw, 0, draw.pick(FIRST_NAMES), `${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`, null);
      return { ...at, name: `#C${i + 1}`, customerId: shape.firstId + i * EVERY * ID_STEP, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, customAttributes: [{ key: "Reason", value: `${SYNTHETIC_MARK} ${draw.pick(NOTES)}` }], shippingAddress: place, billingAddress: place, items: [{ id: childOf(i, 0), title, variantTitle, sku, price, quantity: draw.between(1, 2), customAttributes: [{ key: "Current medicine", value: `${SYNTHETIC_MARK} ${draw.pick(MEDICINES)}` }] }], completedAt: null, taxesIncluded: false, discountCodes: [], taxLines: [] };
    };
  },
  root: { list: "abandonedCheckouts", count: "abandonedCheckoutsCount" },
  search: { recovery_state: { kind: "text", of: (checkout) => [checkout["completedAt"] === null ? "not_recovered" : "recovered"] }, status: { kind: "text", of: () => ["open"] }, name: textField("name") },
  topics: { create: "checkouts/create", update: "checkouts/update", delete: "checkouts/delete" },
  payload: (checkout) => ({ name: checkout["name"], note: checkout["note"], token: `syn${checkout.id.toString(36)}` }),
  edit: (checkout, draw) => ({ ...checkout, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  renew: (checkout, newId) => ({ ...checkout, name: `#C${checkout.id}`, items: items(checkout).map((item) => ({ ...item, id: newId() })) }),
  fields: {
    AbandonedCheckout: {
      customer: customerOf,
      shippingAddress: (checkout: Doc) => placed(checkout, "shippingAddress", checkout.id + 1),
      billingAddress: (checkout: Doc) => placed(checkout, "billingAddress", checkout.id + 2),
      abandonedCheckoutUrl: (checkout: Doc, _args: unknown, { facts }: Context) => `https://${facts.domain}/checkouts/${gid("AbandonedCheckout", checkout.id).split("/").at(-1) ?? ""}/recover`,
      lineItems: items,
      lineItemsQuantity: (checkout: Doc) => items(checkout).reduce((sum, item) => sum + item.quantity, 0),
      subtotalPriceSet: total,
      totalLineItemsPriceSet: total,
      totalPriceSet: total,
    },
    AbandonedCheckoutLineItem: { originalUnitPriceSet: each, discountedUnitPriceSet: each, discountedUnitPriceWithCodeDiscount: each, originalTotalPriceSet: all, discountedTotalPriceSet: all, discountedTotalPriceWithCodeDiscount: all },
  },
};
