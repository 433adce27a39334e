/** What happened to an order after it was placed: how it was paid, shipped, sent back and refunded, and how risky it looked. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { CHILD_IDS, childId } from "./gid.ts";
import type { Draw } from "./random.ts";
import type { FulfillmentRecord, LineItemRecord, OrderHistory, RefundRecord, ReturnRecord, RiskRecord, ShippingLineRecord, TaxLineRecord, TransactionRecord } from "./records.ts";

/** Sales tax of the sandbox's only state, in ten-thousandths. */
const TAX_RATE = 0.0625;
const NEVER_ASKED: RiskRecord = { recommendation: "NONE", assessments: [] };

const RETURN_NOTES = ["rash under the adhesive", "wrong size for a swollen knee", "doctor changed the prescription", "stopped after a migraine", "sensor fell off during dialysis"];
const REASONS = ["DEFECTIVE", "SIZE_TOO_SMALL", "UNWANTED", "NOT_AS_DESCRIBED", "OTHER"];

export function taxOn(hundredths: number): TaxLineRecord[] {
  return [{ title: `${SYNTHETIC_MARK} state tax`, rate: TAX_RATE, priceSet: Math.round(hundredths * TAX_RATE), channelLiable: false, source: null }];
}

export const NO_HISTORY: OrderHistory = { shippingLines: [], taxLines: [], transactions: [], fulfillments: [], refunds: [], returns: [], risk: NEVER_ASKED };

/** The history of generated order j. `total`: what was paid, in hundredths. */
export function historyOf(draw: Draw, j: number, o: { readonly name: string; readonly createdAt: number; readonly updatedAt: number; readonly closed: boolean; readonly items: readonly LineItemRecord[] }): OrderHistory {
  const at = (hours: number): number => o.createdAt + hours * 3_600_000;
  const shipping: ShippingLineRecord = { id: childId(CHILD_IDS.shippingLine, j, 0), title: `${SYNTHETIC_MARK} ${draw.pick(["standard", "express", "cold chain"])}`, code: "standard", source: "shopify", price: draw.pick([0, 595, 1495]), custom: false, phone: null, taxLines: [] };
  const total = totalOf(o.items, [shipping]);
  const transactions: TransactionRecord[] = [{ id: childId(CHILD_IDS.transaction, j, 0), kind: "SALE", status: "SUCCESS", amount: total, gateway: "bogus", createdAt: at(0), processedAt: at(0), parentId: null, authorizationCode: `${SYNTHETIC_MARK}${draw.digits(6)}`, test: true }];
  const fulfillments: FulfillmentRecord[] = o.closed
    ? [{ id: childId(CHILD_IDS.fulfillment, j, 0), createdAt: at(26), updatedAt: at(26), name: `${o.name}-F1`, status: "SUCCESS", trackingInfo: [{ company: "Sandbox Post", number: `${SYNTHETIC_MARK}${draw.digits(9)}`, url: null }], items: o.items.map((item, slot) => ({ id: childId(CHILD_IDS.fulfillmentLineItem, j, slot), lineItemId: item.id, quantity: item.quantity })) }]
    : [];
  const returns: ReturnRecord[] = [];
  const refunds: RefundRecord[] = [];
  const first = o.items[0];
  const shipped = fulfillments[0]?.items[0];
  if (first !== undefined && shipped !== undefined && draw.chance(0.06)) {
    const note = `${SYNTHETIC_MARK}: ${draw.pick(RETURN_NOTES)}`;
    returns.push({ id: childId(CHILD_IDS.return, j, 0), name: `${o.name}-R1 ${SYNTHETIC_MARK}`, createdAt: at(240), closedAt: draw.chance(0.5) ? at(400) : null, status: "OPEN", items: [{ id: childId(CHILD_IDS.returnLineItem, j, 0), fulfillmentLineItemId: shipped.id, quantity: 1, returnReason: draw.pick(REASONS), returnReasonNote: note, customerNote: note }] });
    const whole = returns[0] as ReturnRecord;
    if (whole.closedAt !== null) returns[0] = { ...whole, status: "CLOSED" };
    if (draw.chance(0.7)) {
      const transaction: TransactionRecord = { id: childId(CHILD_IDS.transaction, j, 1), kind: "REFUND", status: "SUCCESS", amount: first.price, gateway: "bogus", createdAt: at(300), processedAt: at(300), parentId: childId(CHILD_IDS.transaction, j, 0), authorizationCode: null, test: true };
      transactions.push(transaction);
      refunds.push({ id: childId(CHILD_IDS.refund, j, 0), createdAt: at(300), processedAt: at(300), updatedAt: at(300), note: `${SYNTHETIC_MARK}: refunded, ${draw.pick(RETURN_NOTES)}`, amount: first.price, returnId: whole.id, transactionIds: [transaction.id], items: [{ id: childId(CHILD_IDS.refundLineItem, j, 0), lineItemId: first.id, quantity: 1, restockType: "RETURN", restocked: false }] });
    }
  }
  const level = draw.pick(["LOW", "LOW", "LOW", "MEDIUM", "HIGH"]);
  const risk: RiskRecord = { recommendation: level === "HIGH" ? "INVESTIGATE" : "ACCEPT", assessments: [{ riskLevel: level, facts: [{ description: `${SYNTHETIC_MARK}: the billing name ${draw.chance(0.9) ? "matches" : "differs from"} the patient's`, sentiment: level === "LOW" ? "POSITIVE" : "NEGATIVE" }] }] };
  return { shippingLines: [shipping], taxLines: [], transactions, fulfillments, refunds, returns, risk };
}

export function subtotalOf(items: readonly LineItemRecord[]): number {
  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);
}

export function shippingOf(lines: readonly ShippingLineRecord[]): number {
  return lines.reduce((sum, line) => sum + line.price, 0);
}

export function taxOf(items: readonly LineItemRecord[], lines: readonly ShippingLineRecord[], ofOrder: readonly TaxLineRecord[] = []): number {
  return [...items.flatMap((item) => item.taxLines), ...lines.flatMap((line) => line.taxLines), ...ofOrder].reduce((sum, line) => sum + line.priceSet, 0);
}

/** In hundredths: goods, their shipping and the tax on both. */
export function totalOf(items: readonly LineItemRecord[], lines: readonly ShippingLineRecord[], ofOrder: readonly TaxLineRecord[] = []): number {
  return subtotalOf(items) + shippingOf(lines) + taxOf(items, lines, ofOrder);
}
