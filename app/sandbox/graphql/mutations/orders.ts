/** Mutations of orders. */
import { gid, parseGid } from "../../data/gid.ts";
import { NO_HISTORY } from "../../data/order-history.ts";
import type { CustomerRecord, LineItemRecord, OrderHistory, OrderRecord, ShippingLineRecord, TaxLineRecord, TransactionRecord } from "../../data/records.ts";
import { emitPurchases, fulfillmentPayload, orderPayload, transactionPayload } from "../../webhooks/payloads.ts";
import type { Context, Fields } from "../context.ts";
import { RefusedError } from "../refused.ts";
import { save } from "./customers.ts";
import type { CustomerInput } from "./customers.ts";
import { addressFrom, hundredths, mergeMetafields, tagsFrom } from "./inputs.ts";
import type { AddressInput, MetafieldInput, UserError } from "./inputs.ts";

interface MoneyBagInput {
  readonly shopMoney: { readonly amount: string | number };
}

interface TaxInput {
  readonly title: string;
  readonly rate: string | number;
  readonly priceSet?: MoneyBagInput | null;
  readonly channelLiable?: boolean | null;
}

interface TransactionInput {
  readonly kind?: string | null;
  readonly status?: string | null;
  readonly amountSet: MoneyBagInput;
  readonly gateway?: string | null;
  readonly processedAt?: string | null;
  readonly authorizationCode?: string | null;
  readonly test?: boolean | null;
}

interface LineItemInput {
  readonly title?: string | null;
  readonly variantTitle?: string | null;
  readonly variantId?: string | null;
  readonly productId?: string | null;
  readonly sku?: string | null;
  readonly vendor?: string | null;
  readonly quantity: number;
  readonly requiresShipping?: boolean | null;
  readonly taxable?: boolean | null;
  readonly priceSet?: { readonly shopMoney: { readonly amount: string | number } } | null;
  readonly properties?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly taxLines?: readonly TaxInput[] | null;
}

interface OrderInput {
  readonly lineItems?: readonly LineItemInput[] | null;
  readonly customer?: { readonly toAssociate?: { readonly id?: string; readonly email?: string }; readonly toUpsert?: CustomerInput } | null;
  readonly customerId?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly name?: string | null;
  readonly note?: string | null;
  readonly poNumber?: string | null;
  readonly currency?: string | null;
  readonly tags?: readonly string[] | null;
  readonly processedAt?: string | null;
  readonly closedAt?: string | null;
  readonly financialStatus?: string | null;
  readonly fulfillmentStatus?: string | null;
  readonly sourceName?: string | null;
  readonly sourceIdentifier?: string | null;
  readonly test?: boolean | null;
  readonly transactions?: readonly TransactionInput[] | null;
  readonly shippingLines?: readonly { readonly title: string; readonly code?: string | null; readonly source?: string | null; readonly priceSet: MoneyBagInput; readonly taxLines?: readonly TaxInput[] | null }[] | null;
  readonly taxLines?: readonly TaxInput[] | null;
  readonly fulfillment?: { readonly trackingCompany?: string | null; readonly trackingNumber?: string | null; readonly trackingNumbers?: readonly string[] | null } | null;
  readonly customAttributes?: readonly { readonly key: string; readonly value: string }[] | null;
  readonly metafields?: readonly MetafieldInput[] | null;
  readonly shippingAddress?: AddressInput | null;
  readonly billingAddress?: AddressInput | null;
}

const failed = (...userErrors: readonly UserError[]): object => ({ order: null, userErrors });

export const orderMutations: Fields<unknown> = {
  orderCreate: (_source, args, context) => {
    if (context.staffId !== null) throw new RefusedError("ACCESS_DENIED", "Access denied for orderCreate field. Required access: `write_orders` access scope and an offline token.");
    return create(args["order"] as OrderInput, context);
  },
  orderUpdate: (_source, args, context) => {
    const input = args["input"] as OrderInput & { readonly id: string };
    const before = orderById(input.id, context);
    if (before === null) return failed({ field: ["id"], message: "Order does not exist" });
    const now = context.data.stamp(context.clock.now());
    const merged = mergeMetafields(context, "ORDER", before.metafields, input.metafields ?? [], now, (index) => ["metafields", String(index)]);
    if (merged.errors.length > 0) return failed(...merged.errors.map(({ field, message }) => ({ field, message })));
    const record: OrderRecord = {
      ...before,
      updatedAt: now,
      email: input.email === undefined ? before.email : input.email,
      phone: input.phone === undefined ? before.phone : input.phone,
      note: input.note === undefined ? before.note : input.note,
      poNumber: input.poNumber === undefined ? before.poNumber : input.poNumber,
      tags: input.tags == null ? before.tags : tagsFrom(input.tags),
      customAttributes: input.customAttributes ?? before.customAttributes,
      shippingAddress: input.shippingAddress == null ? before.shippingAddress : addressFrom(input.shippingAddress, 0),
      metafields: merged.fields,
    };
    context.data.putOrder(record);
    context.webhooks.emit("orders/updated", () => orderPayload(record));
    return { order: record, userErrors: [] };
  },
  orderDelete: (_source, args, context) => {
    const before = orderById(args["orderId"], context);
    if (before === null) return { deletedId: null, userErrors: [{ field: ["orderId"], message: "Order does not exist", code: "NOT_FOUND" }] };
    context.data.removeOrder(before.id);
    context.webhooks.emit("orders/delete", () => ({ id: before.id }));
    emitPurchases(context.webhooks, context.data, before.customerId, context.clock.now().getTime());
    return { deletedId: gid("Order", before.id), userErrors: [] };
  },
};

function create(input: OrderInput, context: Context): object {
  const now = context.data.stamp(context.clock.now());
  const invalid = (message: string, ...field: string[]): object => failed({ field: ["order", ...field], message, code: "INVALID" });
  const items = input.lineItems ?? [];
  if (items.length === 0) return invalid("Line items must have at least one line item", "lineItems");
  for (const [index, item] of items.entries()) {
    if (item.variantId != null || item.productId != null) return invalid("Product variant does not exist", "lineItems", String(index), "variantId");
    if ((item.title ?? "") === "") return invalid("Title can't be blank", "lineItems", String(index), "title");
    if (item.quantity < 1) return invalid("Quantity must be greater than 0", "lineItems", String(index), "quantity");
  }
  const processedAt = input.processedAt == null ? now : Date.parse(input.processedAt);
  if (Number.isNaN(processedAt) || processedAt > context.clock.now().getTime() + 1000) return failed({ field: ["order", "processedAt"], message: "Processed at is invalid", code: "PROCESSED_AT_INVALID" });
  if (input.customer != null && input.customerId != null) return failed({ field: ["order", "customerId"], message: "Only one of customer and customerId may be given", code: "REDUNDANT_CUSTOMER_FIELDS" });
  const customer = customerFor(input, context);
  if (customer !== null && "userErrors" in customer) return failed(...customer.userErrors);
  const merged = mergeMetafields(context, "ORDER", [], input.metafields ?? [], now, (index) => ["order", "metafields", String(index)]);
  if (merged.errors.length > 0) return failed(...merged.errors.map((error) => ({ ...error, code: "INVALID" })));
  const number = context.data.newOrderNumber();
  const record: OrderRecord = {
    id: context.data.newId(),
    createdAt: now,
    updatedAt: now,
    number,
    name: input.name ?? `#${number}`,
    processedAt,
    closedAt: input.closedAt == null ? null : Date.parse(input.closedAt),
    customerId: customer?.id ?? null,
    email: input.email ?? customer?.email ?? null,
    phone: input.phone ?? null,
    note: input.note ?? null,
    poNumber: input.poNumber ?? null,
    tags: tagsFrom(input.tags ?? []),
    customAttributes: input.customAttributes ?? [],
    shippingAddress: input.shippingAddress == null ? null : addressFrom(input.shippingAddress, 0),
    billingAddress: input.billingAddress == null ? null : addressFrom(input.billingAddress, 0),
    ...placedHistory(input, items.map((item) => lineItem(item, context)), processedAt, context),
    metafields: merged.fields,
    currency: input.currency ?? "USD",
    financialStatus: input.financialStatus ?? ((input.transactions ?? []).length > 0 ? "PAID" : "PENDING"),
    fulfillmentStatus: { FULFILLED: "FULFILLED", PARTIAL: "PARTIALLY_FULFILLED", RESTOCKED: "RESTOCKED" }[input.fulfillmentStatus ?? ""] ?? "UNFULFILLED",
    sourceName: input.sourceName ?? context.facts.apiKey,
    sourceIdentifier: input.sourceIdentifier ?? null,
    test: input.test ?? false,
  };
  context.data.putOrder(record);
  context.webhooks.emit("orders/create", () => orderPayload(record));
  emitPurchases(context.webhooks, context.data, record.customerId, now);
  for (const transaction of record.transactions) context.webhooks.emit("order_transactions/create", () => transactionPayload(transaction, record));
  for (const fulfillment of record.fulfillments) context.webhooks.emit("fulfillments/create", () => fulfillmentPayload(fulfillment, record));
  return { order: record, userErrors: [] };
}

const amountOf = (bag: MoneyBagInput | null | undefined): number => hundredths(bag?.shopMoney.amount ?? 0);
const taxLine = (input: TaxInput): TaxLineRecord => ({ title: input.title, rate: Number(input.rate), priceSet: amountOf(input.priceSet), channelLiable: input.channelLiable ?? null, source: null });

/** An order that is put in whole: paid, shipped and taxed as the caller says. Refunds, returns and risk cannot be said. */
function placedHistory(input: OrderInput, lineItems: readonly LineItemRecord[], processedAt: number, context: Context): OrderHistory & { readonly lineItems: readonly LineItemRecord[] } {
  const { data } = context;
  const now = data.stamp(context.clock.now());
  const numbers = input.fulfillment?.trackingNumbers ?? (input.fulfillment?.trackingNumber == null ? [] : [input.fulfillment.trackingNumber]);
  const shipped = input.fulfillmentStatus === "FULFILLED" || input.fulfillment != null;
  return {
    ...NO_HISTORY,
    lineItems,
    taxLines: (input.taxLines ?? []).map(taxLine),
    shippingLines: (input.shippingLines ?? []).map((line): ShippingLineRecord => ({ id: data.newId(), title: line.title, code: line.code ?? null, source: line.source ?? null, price: amountOf(line.priceSet), custom: true, phone: null, taxLines: (line.taxLines ?? []).map(taxLine) })),
    transactions: (input.transactions ?? []).map((one): TransactionRecord => ({ id: data.newId(), kind: one.kind ?? "SALE", status: one.status ?? "SUCCESS", amount: amountOf(one.amountSet), gateway: one.gateway ?? "manual", createdAt: now, processedAt: one.processedAt == null ? processedAt : Date.parse(one.processedAt), parentId: null, authorizationCode: one.authorizationCode ?? null, test: one.test ?? false })),
    fulfillments: shipped ? [{ id: data.newId(), createdAt: now, updatedAt: now, name: "F1", status: "SUCCESS", trackingInfo: numbers.map((number) => ({ company: input.fulfillment?.trackingCompany ?? null, number, url: null })), items: lineItems.map((item) => ({ id: data.newId(), lineItemId: item.id, quantity: item.quantity })) }] : [],
  };
}

function customerFor(input: OrderInput, context: Context): CustomerRecord | { readonly userErrors: readonly UserError[] } | null {
  const missing = { userErrors: [{ field: ["order", "customer"], message: "Customer does not exist", code: "INVALID" }] };
  const associate = input.customerId == null ? input.customer?.toAssociate : { id: input.customerId };
  if (associate !== undefined) {
    const id = associate.id === undefined ? (associate.email === undefined ? null : context.data.customerIdByEmail(associate.email)) : parseGid(associate.id)?.type === "Customer" ? (parseGid(associate.id)?.id ?? null) : null;
    return (id === null ? null : context.data.customers.get(id)) ?? missing;
  }
  const upsert = input.customer?.toUpsert;
  if (upsert === undefined) return null;
  const known = upsert.id == null ? (upsert.email == null ? null : context.data.customerIdByEmail(upsert.email)) : (parseGid(upsert.id)?.id ?? null);
  if (upsert.id != null && (known === null || !context.data.customers.has(known))) return missing;
  const { customer, userErrors } = save(known === null ? null : context.data.customers.get(known), upsert, context);
  return customer ?? { userErrors: userErrors.map(({ field, message }) => ({ field: ["order", "customer", ...(field ?? [])], message, code: "INVALID" })) };
}

function lineItem(input: LineItemInput, context: Context): LineItemRecord {
  return {
    id: context.data.newId(),
    title: input.title ?? "",
    variantTitle: input.variantTitle ?? null,
    sku: input.sku ?? null,
    vendor: input.vendor ?? null,
    quantity: input.quantity,
    price: Math.round(Number(input.priceSet?.shopMoney.amount ?? 0) * 100),
    requiresShipping: input.requiresShipping ?? false,
    taxable: input.taxable ?? true,
    taxLines: (input.taxLines ?? []).map(taxLine),
    customAttributes: (input.properties ?? []).map(({ name, value }) => ({ key: name, value })),
  };
}

function orderById(id: unknown, context: Context): OrderRecord | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Order" ? context.data.orders.get(parsed.id) : null;
}
