/** Draft orders: what staff wrote down for a patient and has not sold yet. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { address } from "../data/customers.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { AddressRecord, Attribute } from "../data/records.ts";
import { LAST_NAMES, FIRST_NAMES, MEDICINES, NOTES, PRODUCTS } from "../data/wording.ts";
import { addressFrom, hundredths, tagsFrom } from "../graphql/mutations/inputs.ts";
import type { AddressInput, MetafieldInput } from "../graphql/mutations/inputs.ts";
import { deleteDoc, savedMetafields, saveDoc } from "../graphql/mutations/docs.ts";
import type { Context } from "../graphql/context.ts";
import { childOf, customerOf, metafieldsOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Item {
  readonly id: number;
  readonly title: string;
  readonly price: number;
  readonly quantity: number;
  readonly sku: string | null;
  readonly vendor: string | null;
  readonly taxable: boolean;
  readonly requiresShipping: boolean;
  readonly customAttributes: readonly Attribute[];
}

const itemsOf = (draft: Doc): readonly Item[] => draft["items"] as readonly Item[];
const goods = (draft: Doc): number => itemsOf(draft).reduce((sum, item) => sum + item.price * item.quantity, 0);
const shippingOf = (draft: Doc): number => (draft["shipping"] as { readonly price: number } | null)?.price ?? 0;
const onDraft = (draft: Doc, name: string, id: number): object | null => (draft[name] === null ? null : { ...(draft[name] as AddressRecord), id, model: "DraftOrderAddress" });

export const draftOrders: DocKind = {
  type: "DraftOrder",
  size: (shape) => Math.ceil(shape.customers / 20),
  owner: { member: "customerId", of: (ownerIndex, size, shape) => (ownerIndex < size && ownerIndex < shape.customers ? [ownerIndex] : []) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "draft-order");
    return (i) => {
      const at = start(shape, draw, i);
      const [title, , sku, price, prescribed] = draw.pick(PRODUCTS);
      const place = address(draw, 0, draw.pick(FIRST_NAMES), `${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`, null);
      const items: Item[] = [{ id: childOf(i, 0), title, price, quantity: draw.between(1, 3), sku, vendor: "Holdfast sandbox", taxable: !prescribed, requiresShipping: true, customAttributes: [{ key: "Dosage", value: `${SYNTHETIC_MARK} ${draw.pick(MEDICINES)}` }] }];
      return {
        ...at,
        ...FIXED,
        name: `#D${i + 1}`,
        customerId: i < shape.customers ? shape.firstId + i * ID_STEP : null,
        email: `draft.${i.toString(36)}@example.com`,
        phone: null,
        note2: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`,
        poNumber: null,
        tags: [SYNTHETIC_MARK, ...(draw.chance(0.4) ? ["awaiting-rx"] : [])].sort(),
        customAttributes: [{ key: "Reason", value: `${SYNTHETIC_MARK} ${draw.pick(NOTES)}` }],
        items,
        shipping: draw.chance(0.5) ? { title: "Standard", price: 595 } : null,
        shippingAddress: place,
        billingAddress: place,
        taxExempt: draw.chance(0.1),
        metafields: metafieldsOf("DraftOrder", i, at, "health_rx", [["prescriber_note", "multi_line_text_field", `${SYNTHETIC_MARK}\n${draw.pick(NOTES)}`]]),
      };
    };
  },
  root: { one: "draftOrder", list: "draftOrders", count: "draftOrdersCount" },
  metafieldOwner: "DRAFTORDER",
  search: { customer_id: { kind: "number", of: (draft) => (draft["customerId"] as number | null) }, status: textField("status"), tag: textField("tags"), email: textField("email") },
  topics: { create: "draft_orders/create", update: "draft_orders/update", delete: "draft_orders/delete" },
  payload: (draft) => ({ name: draft["name"], note: draft["note2"], email: draft["email"], status: String(draft["status"]).toLowerCase(), tags: (draft["tags"] as readonly string[]).join(", "), customer: typeof draft["customerId"] === "number" ? { id: draft["customerId"] } : null }),
  edit: (draft, draw) => ({ ...draft, note2: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  renew: (draft, newId) => ({ ...draft, items: itemsOf(draft).map((item) => ({ ...item, id: newId() })) }),
  fields: {
    DraftOrder: {
      customer: customerOf,
      shippingAddress: (draft: Doc) => onDraft(draft, "shippingAddress", draft.id + 1),
      billingAddress: (draft: Doc) => onDraft(draft, "billingAddress", draft.id + 2),
      billingAddressMatchesShippingAddress: (draft: Doc) => JSON.stringify(draft["billingAddress"]) === JSON.stringify(draft["shippingAddress"]),
      lineItems: (draft: Doc) => itemsOf(draft).map((item) => ({ ...item, currency: draft["currencyCode"] })),
      shippingLine: (draft: Doc) => (draft["shipping"] === null ? null : { ...(draft["shipping"] as object), custom: true, order: { currency: draft["currencyCode"] }, taxLines: [], code: "custom" }),
      totalQuantityOfLineItems: (draft: Doc) => itemsOf(draft).reduce((sum, item) => sum + item.quantity, 0),
      subtotalPriceSet: goods,
      subtotalPrice: goods,
      lineItemsSubtotalPrice: goods,
      totalLineItemsPriceSet: goods,
      totalShippingPriceSet: shippingOf,
      totalPriceSet: (draft: Doc) => goods(draft) + shippingOf(draft),
      totalPrice: (draft: Doc) => goods(draft) + shippingOf(draft),
      amountDueNowSet: (draft: Doc) => goods(draft) + shippingOf(draft),
      invoiceUrl: (draft: Doc, _args: unknown, { facts }: Context) => `https://${facts.domain}/invoices/${draft.id}`,
    },
    DraftOrderLineItem: {
      name: (item: Item) => item.title,
      uuid: (item: Item) => `00000000-0000-4000-8000-${String(item.id).padStart(12, "0").slice(-12)}`,
      custom: () => true,
      isGiftCard: () => false,
      originalUnitPriceSet: (item: Item) => item.price,
      originalUnitPriceWithCurrency: (item: Item) => item.price,
      approximateDiscountedUnitPriceSet: (item: Item) => item.price,
      discountedUnitPriceSet: (item: Item) => item.price,
      originalTotalSet: (item: Item) => item.price * item.quantity,
      discountedTotalSet: (item: Item) => item.price * item.quantity,
    },
  },
  mutations: {
    draftOrderCreate: (_source, args, context) => save(null, args["input"] as DraftInput, context),
    draftOrderUpdate: (_source, args, context) => {
      const before = draftById(args["id"], context);
      return before === null ? failed(["id"], "Draft order does not exist") : save(before, args["input"] as DraftInput, context);
    },
    draftOrderDelete: (_source, args, context) => {
      const before = draftById((args["input"] as { id: string }).id, context);
      if (before === null) return { deletedId: null, userErrors: [{ field: ["id"], message: "Draft order does not exist" }] };
      deleteDoc(context, draftOrders, before);
      return { deletedId: gid("DraftOrder", before.id), userErrors: [] };
    },
  },
};

const FIXED = { currencyCode: "USD", presentmentCurrencyCode: "USD", status: "OPEN", ready: true, visibleToCustomer: true, taxesIncluded: false, acceptAutomaticDiscounts: false, allowDiscountCodesInCheckout: false, allVariantPricesOverridden: false, anyVariantPricesOverridden: false, invoiceEmailTemplateSubject: "Complete your purchase", marketName: "United States", marketRegionCountryCode: "US", totalWeight: 0, completedAt: null, invoiceSentAt: null };

interface DraftInput {
  readonly lineItems?: readonly { readonly title?: string | null; readonly variantId?: string | null; readonly quantity: number; readonly originalUnitPrice?: string | number | null; readonly originalUnitPriceWithCurrency?: { readonly amount: string | number } | null; readonly sku?: string | null; readonly taxable?: boolean | null; readonly requiresShipping?: boolean | null; readonly customAttributes?: readonly Attribute[] | null }[] | null;
  readonly customerId?: string | null;
  readonly purchasingEntity?: { readonly customerId?: string | null } | null;
  readonly shippingLine?: { readonly title?: string | null; readonly price?: string | number | null; readonly priceWithCurrency?: { readonly amount: string | number } | null } | null;
  readonly shippingAddress?: AddressInput | null;
  readonly billingAddress?: AddressInput | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly note?: string | null;
  readonly poNumber?: string | null;
  readonly tags?: readonly string[] | null;
  readonly taxExempt?: boolean | null;
  readonly visibleToCustomer?: boolean | null;
  readonly customAttributes?: readonly Attribute[] | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

const failed = (field: readonly string[], message: string): object => ({ draftOrder: null, userErrors: [{ field, message }] });

function draftById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "DraftOrder" ? data.store("DraftOrder").get(parsed.id) : null;
}

function save(before: Doc | null, input: DraftInput, context: Context): object {
  const { data } = context;
  if (before === null && (input.lineItems ?? []).length === 0) return failed(["lineItems"], "Add at least 1 product");
  const untitled = (input.lineItems ?? []).findIndex((item) => item.variantId == null && (item.title ?? "") === "");
  if (untitled >= 0) return failed(["lineItems", String(untitled), "title"], "Merchandise title is empty.");
  const wanted = input.purchasingEntity?.customerId ?? input.customerId;
  const parsed = wanted == null ? null : parseGid(wanted);
  if (wanted != null && (parsed?.type !== "Customer" || !data.customers.has(parsed.id))) return failed(["customerId"], "Customer does not exist");
  const id = before?.id ?? data.newId();
  const fields = savedMetafields(context, "DRAFTORDER", before, input.metafields, (index) => ["metafields", String(index)]);
  if (fields.errors.length > 0) return { draftOrder: null, userErrors: fields.errors.map(({ field, message }) => ({ field, message })) };
  const given = <T>(name: string, value: T | null | undefined, otherwise: T | null): unknown => (value === undefined ? (before?.[name] ?? otherwise) : value);
  const lineItems = input.lineItems?.map((item): Item => {
    const variant = item.variantId == null ? null : data.store("ProductVariant").get(parseGid(item.variantId)?.id ?? -1);
    return { id: data.newId(), title: item.title ?? (variant === null ? "" : (text(variant, "title") ?? "")), price: hundredths(item.originalUnitPriceWithCurrency?.amount ?? item.originalUnitPrice ?? (variant?.["price"] === undefined ? 0 : Number(variant["price"]) / 100)), quantity: item.quantity, sku: item.sku ?? null, vendor: null, taxable: item.taxable ?? true, requiresShipping: item.requiresShipping ?? true, customAttributes: item.customAttributes ?? [] };
  });
  const doc = saveDoc(context, draftOrders, before, {
    ...FIXED,
    ...before,
    id,
    name: before?.["name"] ?? `#D${id.toString().slice(-6)}`,
    customerId: parsed?.id ?? before?.["customerId"] ?? null,
    email: given("email", input.email, null),
    phone: given("phone", input.phone, null),
    note2: given("note2", input.note, null),
    poNumber: given("poNumber", input.poNumber, null),
    tags: input.tags == null ? (before?.["tags"] ?? []) : tagsFrom(input.tags),
    taxExempt: input.taxExempt ?? before?.["taxExempt"] ?? false,
    visibleToCustomer: input.visibleToCustomer ?? before?.["visibleToCustomer"] ?? true,
    customAttributes: input.customAttributes ?? before?.["customAttributes"] ?? [],
    items: lineItems ?? before?.["items"] ?? [],
    shipping: input.shippingLine === undefined ? (before?.["shipping"] ?? null) : input.shippingLine === null ? null : { title: input.shippingLine.title ?? "", price: hundredths(input.shippingLine.priceWithCurrency?.amount ?? input.shippingLine.price ?? 0) },
    shippingAddress: input.shippingAddress == null ? (before?.["shippingAddress"] ?? null) : addressFrom(input.shippingAddress, 0),
    billingAddress: input.billingAddress == null ? (before?.["billingAddress"] ?? null) : addressFrom(input.billingAddress, 0),
    metafields: fields.fields,
  });
  return { draftOrder: doc, userErrors: [] };
}

