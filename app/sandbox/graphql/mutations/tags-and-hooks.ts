/** Mutations of tags, webhook subscriptions and Flow triggers. */
import { gid, parseGid } from "../../data/gid.ts";
import { customerPayload, orderPayload } from "../../webhooks/payloads.ts";
import { typed } from "../context.ts";
import type { Context, Fields } from "../context.ts";
import { tagsFrom } from "./inputs.ts";

export const tagAndHookMutations: Fields<unknown> = {
  tagsAdd: (_source, args, context) => retag(String(args["id"]), (tags) => tagsFrom([...tags, ...(args["tags"] as readonly string[])]), context),
  tagsRemove: (_source, args, context) => {
    const gone = new Set((args["tags"] as readonly string[]).map((tag) => tag.trim().toLowerCase()));
    return retag(String(args["id"]), (tags) => tags.filter((tag) => !gone.has(tag.toLowerCase())), context);
  },
  webhookSubscriptionCreate: (_source, args, { webhooks }) => {
    const input = args["webhookSubscription"] as { uri?: string | null; callbackUrl?: string | null; includeFields?: readonly string[] | null; name?: string | null; filter?: string | null };
    const address = input.uri ?? input.callbackUrl;
    if (address == null || !/^https?:\/\//.test(address)) return { webhookSubscription: null, userErrors: [{ field: ["webhookSubscription", "uri"], message: "Address is invalid" }] };
    const topic = topicName(String(args["topic"]));
    if (topic.startsWith("metaobjects/") && !/^type:\S+/.test(input.filter ?? "")) return { webhookSubscription: null, userErrors: [{ field: ["webhookSubscription", "filter"], message: "The specified topic must include a filter on the type field" }] };
    if (webhooks.subscriptions(null).some((one) => one.topic === topic && one.address === address && one.filter === (input.filter ?? null))) return { webhookSubscription: null, userErrors: [{ field: ["webhookSubscription", "uri"], message: "Address for this topic has already been taken" }] };
    return { webhookSubscription: webhooks.subscribe(topic, address, { name: input.name ?? null, fromApi: true, includeFields: input.includeFields ?? [], filter: input.filter ?? null }), userErrors: [] };
  },
  webhookSubscriptionUpdate: (_source, args, { webhooks }) => {
    const id = parseGid(String(args["id"]));
    const input = args["webhookSubscription"] as { uri?: string | null; callbackUrl?: string | null; includeFields?: readonly string[] | null; name?: string | null; filter?: string | null };
    const address = input.uri ?? input.callbackUrl;
    if (address != null && !/^https?:\/\//.test(address)) return { webhookSubscription: null, userErrors: [{ field: ["webhookSubscription", "uri"], message: "Address is invalid" }] };
    const changed = webhooks.resubscribe(id?.type === "WebhookSubscription" ? id.id : -1, { ...(address == null ? {} : { address }), ...(input.includeFields == null ? {} : { includeFields: input.includeFields }), ...(input.filter === undefined ? {} : { filter: input.filter }), ...(input.name == null ? {} : { name: input.name }) });
    return changed === null ? { webhookSubscription: null, userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }] } : { webhookSubscription: changed, userErrors: [] };
  },
  webhookSubscriptionDelete: (_source, args, { webhooks }) => {
    const id = parseGid(String(args["id"]));
    if (id?.type !== "WebhookSubscription" || !webhooks.unsubscribe(id.id)) return { deletedWebhookSubscriptionId: null, userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }] };
    return { deletedWebhookSubscriptionId: gid("WebhookSubscription", id.id), userErrors: [] };
  },
  flowTriggerReceive: (_source, args, { flow }) => ({ userErrors: flow.receive(args["handle"], args["payload"]) }),
};

/** Topics whose event is more than their last word. */
const LONG: readonly string[] = ["app/scopes_update", "orders/risk_assessment_changed", "orders/partially_fulfilled", "orders/link_requested", "customers/purchasing_summary", "discounts/redeemcode_added", "discounts/redeemcode_removed", "customer.joined_segment", "customer.left_segment", "customer.tags_added", "customer.tags_removed"];

/** CUSTOMERS_UPDATE is "customers/update", BULK_OPERATIONS_FINISH "bulk_operations/finish": the last word is the event. */
function topicName(value: string): string {
  return LONG.find((topic) => topic.replace(/[/.]/, "_").toUpperCase() === value) ?? value.toLowerCase().replace(/_(?=[^_]+$)/, "/");
}

function retag(id: string, change: (tags: readonly string[]) => readonly string[], context: Context): object {
  const { data, webhooks } = context;
  const parsed = parseGid(id);
  const now = data.stamp(context.clock.now());
  const customer = parsed?.type === "Customer" ? data.customers.get(parsed.id) : null;
  if (customer !== null) {
    const record = { ...customer, tags: change(customer.tags), updatedAt: now };
    data.putCustomer(record);
    webhooks.emit("customers/update", () => customerPayload(record));
    return { node: typed("Customer", record), userErrors: [] };
  }
  const order = parsed?.type === "Order" ? data.orders.get(parsed.id) : null;
  if (order !== null) {
    const record = { ...order, tags: change(order.tags), updatedAt: now };
    data.putOrder(record);
    webhooks.emit("orders/updated", () => orderPayload(record));
    return { node: typed("Order", record), userErrors: [] };
  }
  return { node: null, userErrors: [{ field: ["id"], message: "Resource does not exist" }] };
}
