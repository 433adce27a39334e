/** Makes order j of a shop: line items with intake answers and device serials, prescriptions in metafields. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { address } from "./customers.ts";
import { CHILD_IDS, childId, ID_STEP } from "./gid.ts";
import { historyOf, taxOn } from "./order-history.ts";
import { Draw } from "./random.ts";
import type { Attribute, LineItemRecord, MetafieldRecord, OrderRecord } from "./records.ts";
import { createdAtOf, updatedAtOf } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { FIRST_NAMES, LAST_NAMES, MEDICINES, NOTES, PRODUCTS } from "./wording.ts";

export const RX = "health_rx";
/** The first order's number is 1001, as in every shop. */
const FIRST_NUMBER = 1001;

/** The customer of order j: they take turns, so that a customer's orders can be found without looking. */
export function customerOfOrder(shape: Shape, j: number): number | null {
  return shape.customers === 0 ? null : j % shape.customers;
}

export function orderMaker(shape: Shape): (index: number) => OrderRecord {
  const draw = new Draw(shape.seed, "order");
  const later = new Draw(shape.seed, "order-history");
  return (j) => {
    draw.at(j);
    const createdAt = createdAtOf(j, draw.next());
    const updatedAt = updatedAtOf(createdAt);
    const customer = customerOfOrder(shape, j);
    const ship = address(draw, 0, draw.pick(FIRST_NAMES), `${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`, null);
    const lineItems: LineItemRecord[] = [];
    for (let slot = 0, n = draw.pick([1, 1, 1, 2, 2, 3]); slot < n; slot++) lineItems.push(lineItem(draw, j, slot, shape.canary !== null && j === 1 && slot === 0 ? shape.canary : null));
    const note = `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`;
    const hasNote = draw.chance(0.4);
    const planted = shape.canary !== null && j === 0;
    const metafields: MetafieldRecord[] = [];
    const add = (key: string, type: string, value: string): void => {
      metafields.push({ id: childId(CHILD_IDS.orderMetafield, j, metafields.length), createdAt, updatedAt, namespace: RX, key, type, value });
    };
    add("fulfillment_check", "json", JSON.stringify({ mark: SYNTHETIC_MARK, rxVerified: draw.chance(0.9), pharmacist: `RPh ${draw.pick(LAST_NAMES)}`, lot: `L${draw.digits(6)}` }));
    if (draw.chance(0.5)) add("claim_number", "single_line_text_field", `${SYNTHETIC_MARK}-CLM-${draw.digits(9)}`);
    const closed = draw.chance(0.8);
    const name = `#${FIRST_NUMBER + j}`;
    const history = historyOf(later.at(j), j, { name, createdAt, updatedAt, closed, items: lineItems });
    return {
      ...history,
      id: shape.firstId + j * ID_STEP,
      createdAt,
      updatedAt,
      number: FIRST_NUMBER + j,
      name,
      processedAt: createdAt,
      closedAt: closed ? updatedAt : null,
      customerId: customer === null ? null : shape.firstId + customer * ID_STEP,
      email: `order.${j.toString(36).padStart(5, "0")}@example.com`,
      phone: null,
      note: planted ? `${note} ${shape.canary}` : hasNote ? note : null,
      poNumber: null,
      tags: [SYNTHETIC_MARK, ...(draw.chance(0.3) ? ["rx"] : []), ...(draw.chance(0.1) ? ["cold-chain"] : [])].sort(),
      customAttributes: [{ key: "prescriber", value: `${SYNTHETIC_MARK} Dr. ${draw.pick(LAST_NAMES)}` }],
      shippingAddress: ship,
      billingAddress: ship,
      lineItems,
      metafields,
      currency: "USD",
      financialStatus: history.refunds.length === 0 ? "PAID" : "PARTIALLY_REFUNDED",
      fulfillmentStatus: closed ? "FULFILLED" : "UNFULFILLED",
      sourceName: "web",
      sourceIdentifier: null,
      test: true,
    };
  };
}

function lineItem(draw: Draw, order: number, slot: number, canary: string | null): LineItemRecord {
  const [title, variantTitle, sku, price, prescribed] = draw.pick(PRODUCTS);
  const customAttributes: Attribute[] = [{ key: "Device serial", value: `${SYNTHETIC_MARK}-${sku}-${draw.digits(8)}` }];
  if (prescribed) customAttributes.push({ key: "Current medicine", value: draw.pick(MEDICINES) });
  if (canary !== null) customAttributes.push({ key: "Reason for use", value: canary });
  const quantity = draw.pick([1, 1, 1, 2, 3]);
  return { id: childId(CHILD_IDS.lineItem, order, slot), title, variantTitle, sku, vendor: "Holdfast sandbox", quantity, price, requiresShipping: true, taxable: !prescribed, taxLines: prescribed ? [] : taxOn(price * quantity), customAttributes };
}
