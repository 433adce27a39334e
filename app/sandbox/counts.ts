/** How much a shop holds, for people and tests. */
import type { ShopData } from "./data/shop-data.ts";
import type { SandboxCounts } from "./types.ts";

export function countsOf(data: ShopData, withChildren: boolean): SandboxCounts {
  const counts = { customers: data.customers.size, orders: data.orders.size, metaobjects: data.metaobjects.size, metafieldDefinitions: data.metafieldDefinitions.size, metaobjectDefinitions: data.metaobjectDefinitions.size };
  if (!withChildren) return counts;
  const children = { addresses: 0, customerMetafields: 0, lineItems: 0, orderMetafields: 0 };
  for (const customer of data.customers.scan({ sort: "id" })) {
    children.addresses += customer.addresses.length;
    children.customerMetafields += customer.metafields.length;
  }
  for (const order of data.orders.scan({ sort: "id" })) {
    children.lineItems += order.lineItems.length;
    children.orderMetafields += order.metafields.length;
  }
  return { ...counts, children };
}

/** Of each kind kept as documents, by gid type. */
export function kindCountsOf(data: ShopData): Readonly<Record<string, number>> {
  return Object.fromEntries([...data.docs].map(([type, store]) => [type, store.records.size]));
}
