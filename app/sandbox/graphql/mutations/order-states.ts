/** Mutations that archive an order, take it out again, and say whose it is. */
import { parseGid } from "../../data/gid.ts";
import type { OrderRecord } from "../../data/records.ts";
import { emitPurchases, orderPayload } from "../../webhooks/payloads.ts";
import type { Context, Fields } from "../context.ts";

const missing = (field: readonly string[], code?: string): object => ({ order: null, userErrors: [{ field, message: "Order does not exist", ...(code === undefined ? {} : { code }) }] });

export const orderStateMutations: Fields<unknown> = {
  orderClose: (_source, args, context) => closed((args["input"] as { id: string }).id, context.data.stamp(context.clock.now()), context),
  orderOpen: (_source, args, context) => closed((args["input"] as { id: string }).id, null, context),
  orderCustomerSet: (_source, args, context) => {
    const before = orderById(args["orderId"], context);
    if (before === null) return missing(["orderId"], "NOT_FOUND");
    const customer = parseGid(String(args["customerId"]));
    if (customer?.type !== "Customer" || !context.data.customers.has(customer.id)) return { order: null, userErrors: [{ field: ["customerId"], message: "Customer does not exist", code: "NOT_FOUND" }] };
    return owned(before, customer.id, context);
  },
  orderCustomerRemove: (_source, args, context) => {
    const before = orderById(args["orderId"], context);
    return before === null ? missing(["orderId"], "NOT_FOUND") : owned(before, null, context);
  },
};

function orderById(id: unknown, { data }: Context): OrderRecord | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Order" ? data.orders.get(parsed.id) : null;
}

/** Closing what is closed keeps its time. */
function closed(id: string, at: number | null, context: Context): object {
  const before = orderById(id, context);
  if (before === null) return missing(["id"]);
  return keep({ ...before, closedAt: at === null ? null : (before.closedAt ?? at) }, context);
}

function owned(before: OrderRecord, customerId: number | null, context: Context): object {
  const kept = keep({ ...before, customerId }, context);
  for (const id of new Set([before.customerId, customerId])) emitPurchases(context.webhooks, context.data, id, context.clock.now().getTime());
  return kept;
}

function keep(order: OrderRecord, context: Context): object {
  const record = { ...order, updatedAt: context.data.stamp(context.clock.now()) };
  context.data.putOrder(record);
  context.webhooks.emit("orders/updated", () => orderPayload(record));
  return { order: record, userErrors: [] };
}
