/** The three mandatory webhooks about people's data. */
import { parseGid } from "../data/gid.ts";
import type { ShopData } from "../data/shop-data.ts";
import type { ComplianceTopic } from "../types.ts";

export function compliancePayload(topic: ComplianceTopic, data: ShopData, domain: string, customerId: string | undefined): object {
  const shop = { shop_id: data.shopId, shop_domain: domain };
  if (topic === "shop/redact") return shop;
  const id = customerId === undefined ? null : (parseGid(customerId)?.id ?? null);
  const record = id === null ? firstOf(data) : data.customers.get(id);
  // A redacted person may be gone from the shop already; the request still names them.
  const customer = { id: record?.id ?? id, email: record?.email ?? null, phone: record?.phone ?? null };
  const orders = customer.id === null ? [] : data.orderIdsOf(customer.id);
  return topic === "customers/redact" ? { ...shop, customer, orders_to_redact: orders } : { ...shop, customer, orders_requested: orders, data_request: { id: 9999 } };
}

function firstOf(data: ShopData): ReturnType<ShopData["customers"]["get"]> {
  for (const record of data.customers.scan({ sort: "id" })) return record;
  return null;
}
