/** Fields of orders and of their line items. */
import { gid } from "../../data/gid.ts";
import type { AddressRecord, LineItemRecord, OrderRecord } from "../../data/records.ts";
import { iso, isoOrNull, money, moneyBag } from "../context.ts";
import type { Fields } from "../context.ts";
import { List } from "../list.ts";
import type { SearchField } from "../search.ts";
import { shippingOf, subtotalOf, taxOf, totalOf } from "../../data/order-history.ts";
import { metafieldList, metafieldNamed } from "./metafields.ts";
import { fulfillmentsOf, refundsOf, returnsOf, shippingLinesOf, transactionsOf } from "./order-history.ts";

export interface PlacedLineItem extends LineItemRecord {
  readonly currency: string;
}

/** An order's addresses are its own: their ids derive from the order's. */
function onOrder(address: AddressRecord | null, id: number): object | null {
  return address === null ? null : { ...address, id, model: "Address" };
}

const bag = (of: (order: OrderRecord) => number) => (order: OrderRecord) => moneyBag(of(order), order.currency);
const total = bag((order) => orderTotal(order));
const subtotal = bag((order) => subtotalOf(order.lineItems));
const tax = bag((order) => taxOf(order.lineItems, order.shippingLines, order.taxLines));
const shipping = bag((order) => shippingOf(order.shippingLines));
const refunded = bag((order) => refundedOf(order));
const none = bag(() => 0);
const firstOf = <T>(list: readonly T[], args: Readonly<Record<string, unknown>>): readonly T[] => (typeof args["first"] === "number" ? list.slice(0, args["first"]) : list);

export const orderFields: Fields<OrderRecord> = {
  id: (order) => gid("Order", order.id),
  legacyResourceId: (order) => String(order.id),
  createdAt: (order) => iso(order.createdAt),
  updatedAt: (order) => iso(order.updatedAt),
  processedAt: (order) => iso(order.processedAt),
  closedAt: (order) => isoOrNull(order.closedAt),
  closed: (order) => order.closedAt !== null,
  cancelledAt: () => null,
  confirmed: () => true,
  edited: () => false,
  customer: (order, _args, { data }) => (order.customerId === null ? null : data.customers.get(order.customerId)),
  currencyCode: (order) => order.currency,
  presentmentCurrencyCode: (order) => order.currency,
  displayFinancialStatus: (order) => order.financialStatus,
  displayFulfillmentStatus: (order) => order.fulfillmentStatus,
  fullyPaid: (order) => order.financialStatus === "PAID",
  unpaid: (order) => order.financialStatus !== "PAID",
  returnStatus: (order) => (order.returns.length === 0 ? "NO_RETURN" : order.returns.every((one) => one.status === "CLOSED") ? "RETURNED" : "IN_PROGRESS"),
  number: (order) => order.number,
  statusPageUrl: (order, _args, { facts }) => `https://${facts.domain}/orders/${order.id}`,
  riskLevel: (order) => order.risk.assessments[0]?.riskLevel ?? "LOW",
  paymentCollectionDetails: () => ({ additionalPaymentCollectionUrl: null, vaultedPaymentMethods: [] }),
  fulfillments: (order, args) => firstOf(fulfillmentsOf(order), args),
  fulfillmentsCount: (order) => ({ count: order.fulfillments.length, precision: "EXACT" }),
  transactions: (order, args) => firstOf(transactionsOf(order), args),
  transactionsCount: (order) => ({ count: order.transactions.length, precision: "EXACT" }),
  refunds: (order, args) => firstOf(refundsOf(order), args),
  returns: (order) => List.of(returnsOf(order), (one) => one.id),
  shippingLine: (order) => shippingLinesOf(order)[0] ?? null,
  shippingLines: (order) => List.of(shippingLinesOf(order) as { readonly id: number }[], (line) => line.id),
  taxLines: (order) => [...order.taxLines, ...order.lineItems.flatMap((item) => item.taxLines)].map((line) => ({ ...line, currency: order.currency })),
  currentTaxLines: (order) => [...order.taxLines, ...order.lineItems.flatMap((item) => item.taxLines)].map((line) => ({ ...line, currency: order.currency })),
  shippingAddress: (order) => onOrder(order.shippingAddress, order.id + 1),
  billingAddress: (order) => onOrder(order.billingAddress, order.id + 2),
  displayAddress: (order) => onOrder(order.shippingAddress, order.id + 1),
  billingAddressMatchesShippingAddress: (order) => JSON.stringify({ ...order.shippingAddress, id: 0 }) === JSON.stringify({ ...order.billingAddress, id: 0 }),
  lineItems: (order) => List.of(order.lineItems.map((item): PlacedLineItem => ({ ...item, currency: order.currency })), (item) => item.id),
  subtotalLineItemsQuantity: (order) => order.lineItems.reduce((sum, item) => sum + item.quantity, 0),
  currentSubtotalLineItemsQuantity: (order) => order.lineItems.reduce((sum, item) => sum + item.quantity, 0),
  totalPriceSet: total,
  currentTotalPriceSet: total,
  originalTotalPriceSet: total,
  subtotalPriceSet: subtotal,
  currentSubtotalPriceSet: subtotal,
  totalReceivedSet: total,
  netPaymentSet: bag((order) => orderTotal(order) - refundedOf(order)),
  totalPrice: (order) => money(orderTotal(order), order.currency).amount,
  totalTaxSet: tax,
  currentTotalTaxSet: tax,
  totalDiscountsSet: none,
  currentTotalDiscountsSet: none,
  totalShippingPriceSet: shipping,
  currentShippingPriceSet: shipping,
  totalRefundedSet: refunded,
  totalRefundedShippingSet: none,
  totalOutstandingSet: none,
  totalCapturableSet: none,
  totalTipReceivedSet: none,
  refundDiscrepancySet: none,
  capturable: () => false,
  canMarkAsPaid: () => false,
  canNotifyCustomer: () => false,
  customerAcceptsMarketing: () => false,
  customerLocale: () => "en",
  discountCodes: () => [],
  dutiesIncluded: () => false,
  estimatedTaxes: () => false,
  fulfillable: () => false,
  hasTimelineComment: () => false,
  merchantEditable: () => true,
  merchantEditableErrors: () => [],
  paymentGatewayNames: () => ["bogus"],
  productNetwork: () => false,
  refundable: () => true,
  requiresShipping: (order) => order.lineItems.some((item) => item.requiresShipping),
  restockable: () => false,
  taxExempt: () => false,
  taxesIncluded: () => false,
  currentTotalWeight: () => "0",
  totalWeight: () => "0",
  metafields: (order, args) => metafieldList(order.metafields, "ORDER", order.id, args),
  metafield: (order, args) => metafieldNamed(order.metafields, "ORDER", order.id, args),
};

const itemBag = (of: (item: PlacedLineItem) => number) => (item: PlacedLineItem) => moneyBag(of(item), item.currency);
const lineTotal = itemBag((item) => item.price * item.quantity);
const unitPrice = itemBag((item) => item.price);

export const lineItemFields: Fields<PlacedLineItem> = {
  id: (item) => gid("LineItem", item.id),
  name: (item) => (item.variantTitle === null ? item.title : `${item.title} - ${item.variantTitle}`),
  currentQuantity: (item) => item.quantity,
  refundableQuantity: (item) => item.quantity,
  unfulfilledQuantity: (item) => item.quantity,
  nonFulfillableQuantity: () => 0,
  originalUnitPriceSet: unitPrice,
  discountedUnitPriceSet: unitPrice,
  discountedUnitPriceAfterAllDiscountsSet: unitPrice,
  originalTotalSet: lineTotal,
  discountedTotalSet: lineTotal,
  priceAfterAllDiscountsBeforeTaxesSet: lineTotal,
  unfulfilledOriginalTotalSet: lineTotal,
  unfulfilledDiscountedTotalSet: lineTotal,
  totalDiscountSet: itemBag(() => 0),
  taxLines: (item) => item.taxLines.map((line) => ({ ...line, currency: item.currency })),
  isGiftCard: () => false,
  merchantEditable: () => true,
  restockable: () => false,
  product: () => null,
  variant: () => null,
};

export function orderTotal(order: OrderRecord | null): number {
  return order === null ? 0 : totalOf(order.lineItems, order.shippingLines, order.taxLines);
}

function refundedOf(order: OrderRecord): number {
  return order.refunds.reduce((sum, refund) => sum + refund.amount, 0);
}

export const orderSearch: Readonly<Record<string, SearchField<OrderRecord>>> = {
  id: { kind: "number", of: (order) => order.id },
  updated_at: { kind: "time", of: (order) => order.updatedAt },
  created_at: { kind: "time", of: (order) => order.createdAt },
  processed_at: { kind: "time", of: (order) => order.processedAt },
  name: { kind: "text", of: (order) => [order.name, String(order.number)] },
  email: { kind: "text", of: (order) => [order.email] },
  tag: { kind: "text", of: (order) => order.tags },
  customer_id: { kind: "number", of: (order) => order.customerId },
  sku: { kind: "text", of: (order) => order.lineItems.map((item) => item.sku) },
  source_name: { kind: "text", of: (order) => [order.sourceName] },
  source_identifier: { kind: "text", of: (order) => [order.sourceIdentifier] },
  status: { kind: "text", of: (order) => ["any", order.closedAt === null ? "open" : "closed", order.closedAt === null ? "not_closed" : "closed"] },
  financial_status: { kind: "text", of: (order) => [order.financialStatus] },
  fulfillment_status: { kind: "text", of: (order) => [order.fulfillmentStatus] },
};
