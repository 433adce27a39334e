/** The bodies of webhooks, in the shape of the REST resources that they still have. */
import { gid } from "../data/gid.ts";
import { totalOf } from "../data/order-history.ts";
import type { AddressRecord, CustomerRecord, FulfillmentRecord, MetaobjectRecord, OrderRecord, RefundRecord, TransactionRecord } from "../data/records.ts";
import type { ShopData } from "../data/shop-data.ts";

const time = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

export function customerPayload(customer: CustomerRecord): object {
  return {
    id: customer.id,
    email: customer.email,
    created_at: time(customer.createdAt),
    updated_at: time(customer.updatedAt),
    first_name: customer.firstName,
    last_name: customer.lastName,
    note: customer.note,
    verified_email: customer.verifiedEmail,
    tax_exempt: customer.taxExempt,
    tags: customer.tags.join(", "),
    currency: "USD",
    phone: customer.phone,
    state: customer.state.toLowerCase(),
    addresses: customer.addresses.map((address) => ({ ...addressPayload(address), customer_id: customer.id, default: address.id === customer.defaultAddressId })),
    admin_graphql_api_id: gid("Customer", customer.id),
  };
}

export function orderPayload(order: OrderRecord): object {
  return {
    id: order.id,
    admin_graphql_api_id: gid("Order", order.id),
    name: order.name,
    order_number: order.number,
    created_at: time(order.createdAt),
    updated_at: time(order.updatedAt),
    processed_at: time(order.processedAt),
    email: order.email,
    phone: order.phone,
    note: order.note,
    tags: order.tags.join(", "),
    currency: order.currency,
    financial_status: order.financialStatus.toLowerCase(),
    test: order.test,
    note_attributes: order.customAttributes.map(({ key, value }) => ({ name: key, value })),
    customer: order.customerId === null ? null : { id: order.customerId, admin_graphql_api_id: gid("Customer", order.customerId) },
    shipping_address: order.shippingAddress === null ? null : addressPayload(order.shippingAddress),
    billing_address: order.billingAddress === null ? null : addressPayload(order.billingAddress),
    line_items: order.lineItems.map((item) => ({ id: item.id, admin_graphql_api_id: gid("LineItem", item.id), title: item.title, variant_title: item.variantTitle, sku: item.sku, vendor: item.vendor, quantity: item.quantity, price: (item.price / 100).toFixed(2), properties: item.customAttributes.map(({ key, value }) => ({ name: key, value })) })),
  };
}

/** Sent when an order of a customer comes or goes: no customers/update is (https://shopify.dev/changelog/new-customer-s-webhook-and-changes-to-existing-customer-s-webhooks-payload). */
export function emitPurchases(webhooks: { emit(topic: string, payload: () => object): void }, data: ShopData, customerId: number | null, now: number): void {
  if (customerId === null || !data.customers.has(customerId)) return;
  const orders = data.orderIdsOf(customerId).flatMap((id) => data.orders.get(id) ?? []);
  const last = orders.at(-1);
  const spent = orders.reduce((sum, order) => sum + totalOf(order.lineItems, order.shippingLines, order.taxLines), 0);
  webhooks.emit("customers/purchasing_summary", () => ({
    customerId: gid("Customer", customerId),
    numberOfOrders: orders.length,
    amountSpent: { amount: (spent / 100).toFixed(2), currencyCode: "USD" },
    lastOrderId: last === undefined ? null : gid("Order", last.id),
    occurredAt: time(now),
  }));
}

export function metaobjectPayload(object: MetaobjectRecord): object {
  return { id: gid("Metaobject", object.id), type: object.type, handle: object.handle, display_name: object.displayName, created_at: time(object.createdAt), updated_at: time(object.updatedAt), fields: Object.fromEntries(object.fields.map((field) => [field.key, field.value])), capabilities: {} };
}

function addressPayload(address: AddressRecord): object {
  return { id: address.id, first_name: address.firstName, last_name: address.lastName, company: address.company, address1: address.address1, address2: address.address2, city: address.city, province: address.province, province_code: address.provinceCode, country: address.country, country_code: address.countryCode, zip: address.zip, phone: address.phone };
}

export function refundPayload(refund: RefundRecord, order: OrderRecord): object {
  return { id: refund.id, admin_graphql_api_id: gid("Refund", refund.id), order_id: order.id, created_at: time(refund.createdAt), processed_at: time(refund.processedAt), note: refund.note, refund_line_items: refund.items.map((item) => ({ id: item.id, line_item_id: item.lineItemId, quantity: item.quantity, restock_type: item.restockType.toLowerCase() })), transactions: order.transactions.filter((one) => refund.transactionIds.includes(one.id)).map((one) => transactionPayload(one, order)) };
}

export function transactionPayload(transaction: TransactionRecord, order: OrderRecord): object {
  return { id: transaction.id, admin_graphql_api_id: gid("OrderTransaction", transaction.id), order_id: order.id, kind: transaction.kind.toLowerCase(), status: transaction.status.toLowerCase(), amount: (transaction.amount / 100).toFixed(2), currency: order.currency, gateway: transaction.gateway, parent_id: transaction.parentId, created_at: time(transaction.createdAt), test: transaction.test };
}

export function fulfillmentPayload(fulfillment: FulfillmentRecord, order: OrderRecord): object {
  return { id: fulfillment.id, admin_graphql_api_id: gid("Fulfillment", fulfillment.id), order_id: order.id, status: fulfillment.status.toLowerCase(), name: fulfillment.name, created_at: time(fulfillment.createdAt), updated_at: time(fulfillment.updatedAt), tracking_numbers: fulfillment.trackingInfo.map((one) => one.number), line_items: fulfillment.items.map((item) => ({ id: item.lineItemId, quantity: item.quantity })) };
}
