/** Fields of what happened to an order: payment, shipping, returns, refunds, risk. Each record carries its order along. */
import { gid } from "../../data/gid.ts";
import type { FulfillmentRecord, OrderRecord, RefundRecord, ReturnRecord, RiskRecord, ShippingLineRecord, TransactionRecord } from "../../data/records.ts";
import { iso, moneyBag, typed } from "../context.ts";
import type { Context, Fields } from "../context.ts";
import { List } from "../list.ts";

interface OfOrder {
  readonly order: OrderRecord;
}
type PlacedFulfillment = FulfillmentRecord & OfOrder;
type PlacedRefund = RefundRecord & OfOrder;
type PlacedReturn = ReturnRecord & OfOrder;
type PlacedTransaction = TransactionRecord & OfOrder;
type ShippedItem = FulfillmentRecord["items"][number] & OfOrder;
type RefundedItem = RefundRecord["items"][number] & OfOrder;
type ReturnedItem = ReturnRecord["items"][number] & OfOrder & { readonly done: boolean };

const itemOf = ({ order, lineItemId }: { readonly order: OrderRecord; readonly lineItemId: number }): object | null => {
  const item = order.lineItems.find((one) => one.id === lineItemId);
  return item === undefined ? null : { ...item, currency: order.currency };
};
const price = (source: { readonly order: OrderRecord; readonly lineItemId: number; readonly quantity: number }): object => moneyBag((source.order.lineItems.find((one) => one.id === source.lineItemId)?.price ?? 0) * source.quantity, source.order.currency);

export const transactionsOf = (order: OrderRecord): PlacedTransaction[] => order.transactions.map((one) => ({ ...one, order }));
export const fulfillmentsOf = (order: OrderRecord): PlacedFulfillment[] => order.fulfillments.map((one) => ({ ...one, order }));
export const refundsOf = (order: OrderRecord): PlacedRefund[] => order.refunds.map((one) => ({ ...one, order }));
export const returnsOf = (order: OrderRecord): PlacedReturn[] => order.returns.map((one) => ({ ...one, order }));
export const shippingLinesOf = (order: OrderRecord): object[] => order.shippingLines.map((line) => ({ ...line, order }));

const fulfillment: Fields<PlacedFulfillment> = {
  displayStatus: () => "FULFILLED",
  totalQuantity: (one) => one.items.reduce((sum, item) => sum + item.quantity, 0),
  requiresShipping: () => true,
  trackingInfo: (one) => one.trackingInfo,
  fulfillmentLineItems: (one) => List.of(one.items.map((item): ShippedItem => ({ ...item, order: one.order })), (item) => item.id),
};

const fulfillmentLineItem: Fields<ShippedItem> = { lineItem: itemOf, originalTotalSet: price, discountedTotalSet: price };

const transaction: Fields<PlacedTransaction> = {
  amountSet: (one) => moneyBag(one.amount, one.order.currency),
  formattedGateway: (one) => one.gateway,
  manualPaymentGateway: () => false,
  manuallyCapturable: () => false,
  multiCapturable: () => false,
  parentTransaction: (one) => transactionsOf(one.order).find((other) => other.id === one.parentId) ?? null,
};

const refund: Fields<PlacedRefund> = {
  totalRefundedSet: (one) => moneyBag(one.amount, one.order.currency),
  return: (one) => returnsOf(one.order).find((other) => other.id === one.returnId) ?? null,
  transactions: (one) => List.of(transactionsOf(one.order).filter((other) => one.transactionIds.includes(other.id)), (other) => other.id),
  refundLineItems: (one) => List.of(one.items.map((item): RefundedItem => ({ ...item, order: one.order })), (item) => item.id),
};

const refundLineItem: Fields<RefundedItem> = { lineItem: itemOf, priceSet: price, subtotalSet: price };

const returned: Fields<PlacedReturn> = {
  requestApprovedAt: (one) => iso(one.createdAt),
  totalQuantity: (one) => one.items.reduce((sum, item) => sum + item.quantity, 0),
  refunds: (one) => List.of(refundsOf(one.order).filter((other) => other.returnId === one.id), (other) => other.id),
  returnLineItems: (one) => List.of(one.items.map((item): ReturnedItem & { readonly __typename: string } => ({ ...item, order: one.order, done: one.status === "CLOSED", __typename: "ReturnLineItem" })), (item) => item.id),
};

const returnLineItem: Fields<ReturnedItem> = {
  id: (item) => gid("ReturnLineItem", item.id),
  fulfillmentLineItem: (item) => {
    const found = item.order.fulfillments.flatMap((one) => one.items).find((one) => one.id === item.fulfillmentLineItemId);
    return found === undefined ? null : { ...found, order: item.order };
  },
  processableQuantity: (item) => (item.done ? 0 : item.quantity),
  processedQuantity: (item) => (item.done ? item.quantity : 0),
  unprocessedQuantity: (item) => (item.done ? 0 : item.quantity),
  refundableQuantity: (item) => item.quantity,
  refundedQuantity: () => 0,
};

const shippingLine: Fields<ShippingLineRecord & OfOrder> = {
  originalPriceSet: (line) => moneyBag(line.price, line.order.currency),
  discountedPriceSet: (line) => moneyBag(line.price, line.order.currency),
  currentDiscountedPriceSet: (line) => moneyBag(line.price, line.order.currency),
  isRemoved: () => false,
};

const risk: Fields<RiskRecord> = {};

export const historyFields: Readonly<Record<string, Fields<never>>> = {
  Fulfillment: fulfillment,
  FulfillmentLineItem: fulfillmentLineItem,
  OrderTransaction: transaction,
  Refund: refund,
  RefundLineItem: refundLineItem,
  Return: returned,
  ReturnLineItem: returnLineItem,
  ShippingLine: shippingLine,
  OrderRiskSummary: risk,
  TaxLine: { ratePercentage: (line: { readonly rate: number }) => line.rate * 100 },
};

/** What stands below an order, by its own gid: its order is found by arithmetic, or in the overlay. */
export const HISTORY_TYPES: Readonly<Record<string, (order: OrderRecord, id: number) => object | null>> = {
  Fulfillment: (order, id) => fulfillmentsOf(order).find((one) => one.id === id) ?? null,
  OrderTransaction: (order, id) => transactionsOf(order).find((one) => one.id === id) ?? null,
  Refund: (order, id) => refundsOf(order).find((one) => one.id === id) ?? null,
  Return: (order, id) => returnsOf(order).find((one) => one.id === id) ?? null,
};

export function historyNode(type: string, id: number, { data }: Context): object | null {
  const order = data.orderOfHistory(type, id);
  return order === null ? null : typed(type, HISTORY_TYPES[type]?.(order, id) ?? null);
}
