/** Scripted change: a fraction of the shop's records edited at random, with a few added and a few deleted, as a day of business would. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { ChangeReport, SandboxClock } from "../types.ts";
import { customerPayload, emitPurchases, orderPayload } from "../webhooks/payloads.ts";
import { customerMaker } from "./customers.ts";
import { gid } from "./gid.ts";
import { Draw } from "./random.ts";
import type { CustomerRecord, MetafieldRecord, OrderRecord } from "./records.ts";
import type { ShopData } from "./shop-data.ts";
import { NOTES } from "./wording.ts";

interface Hooks {
  emit(topic: string, payload: () => object): void;
}

/** Of the records touched: one in ten is new, one in ten goes, the rest are edited. */
const ADDED = 0.1;
const DELETED = 0.1;

export async function changeFraction(data: ShopData, fraction: number, seed: string, clock: SandboxClock, hooks: Hooks): Promise<ChangeReport> {
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError("fraction must be from 0 to 1");
  const draw = new Draw(seed, "change").at(0);
  const report = { changed: [] as string[], added: [] as string[], deleted: [] as string[] };
  const now = data.stamp(clock.now());
  const make = customerMaker({ ...data.shape, seed: `${seed}/added`, canary: null });
  let handled = 0;
  for (const id of chosen(data.customers, fraction, draw)) {
    const record = data.customers.get(id);
    const fate = draw.next() / 4294967296;
    if (record === null) continue;
    if (fate < ADDED) {
      const added = fresh(make(handled), data, now);
      data.putCustomer(added);
      hooks.emit("customers/create", () => customerPayload(added));
      report.added.push(gid("Customer", added.id));
    } else if (fate < ADDED + DELETED && data.orderIdsOf(id).length === 0 && !data.isContact(id)) {
      data.removeCustomer(id);
      hooks.emit("customers/delete", () => ({ id, phone: null, addresses: [], admin_graphql_api_id: gid("Customer", id) }));
      report.deleted.push(gid("Customer", id));
    } else {
      const edited = editCustomer(record, draw, now);
      data.putCustomer(edited);
      hooks.emit("customers/update", () => customerPayload(edited));
      report.changed.push(gid("Customer", id));
    }
    if (++handled % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const id of chosen(data.orders, fraction, draw)) {
    const record = data.orders.get(id);
    if (record === null) continue;
    if (draw.chance(DELETED)) {
      data.removeOrder(id);
      hooks.emit("orders/delete", () => ({ id }));
      emitPurchases(hooks, data, record.customerId, now);
      report.deleted.push(gid("Order", id));
    } else {
      const edited = editOrder(record, draw, now);
      data.putOrder(edited);
      hooks.emit("orders/updated", () => orderPayload(edited));
      report.changed.push(gid("Order", id));
    }
    if (++handled % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return report;
}

/** A random choice of ids without repetition, in a drawn order. Deleted records are passed over. */
function chosen(collection: { readonly size: number; readonly base: number; idAt(index: number): number; scan(o: { sort: "id" }): Iterable<{ readonly id: number }> }, fraction: number, draw: Draw): number[] {
  const wanted = Math.round(collection.size * fraction);
  if (wanted === 0) return [];
  if (collection.base === 0 || fraction > 0.2) {
    const all = [...collection.scan({ sort: "id" })].map((record) => record.id);
    for (let i = 0; i < wanted; i++) {
      const j = i + draw.below(all.length - i);
      [all[i], all[j]] = [all[j] as number, all[i] as number];
    }
    return all.slice(0, wanted);
  }
  const picked = new Set<number>();
  while (picked.size < wanted) picked.add(collection.idAt(draw.below(collection.base)));
  return [...picked];
}

function fresh(template: CustomerRecord, data: ShopData, now: number): CustomerRecord {
  const id = data.newId();
  const addresses = template.addresses.map((address) => ({ ...address, id: data.newId() }));
  return { ...template, id, createdAt: now, updatedAt: now, email: `new.${id.toString(36)}@example.com`, phone: null, addresses, defaultAddressId: addresses[0]?.id ?? null, metafields: template.metafields.map((field) => ({ ...field, id: data.newId(), createdAt: now, updatedAt: now })) };
}

function editCustomer(record: CustomerRecord, draw: Draw, now: number): CustomerRecord {
  if (record.metafields.length > 0 && draw.chance(0.7)) return { ...record, updatedAt: now, metafields: editOne(record.metafields, draw, now) };
  return { ...record, updatedAt: now, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` };
}

function editOrder(record: OrderRecord, draw: Draw, now: number): OrderRecord {
  if (record.metafields.length > 0 && draw.chance(0.5)) return { ...record, updatedAt: now, metafields: editOne(record.metafields, draw, now) };
  return { ...record, updatedAt: now, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` };
}

function editOne(fields: readonly MetafieldRecord[], draw: Draw, now: number): MetafieldRecord[] {
  const at = draw.below(fields.length);
  return fields.map((field, index) => (index === at ? { ...field, updatedAt: now, value: newValue(field, draw) } : field));
}

function newValue(field: MetafieldRecord, draw: Draw): string {
  if (field.type === "json") return JSON.stringify({ ...(JSON.parse(field.value) as object), revised: draw.digits(6) });
  if (field.type.startsWith("list.")) return JSON.stringify([...(JSON.parse(field.value) as string[]), `added ${draw.digits(4)}`]);
  return field.type === "multi_line_text_field" ? `${field.value}\nRevised ${draw.digits(6)}.` : `${SYNTHETIC_MARK}-${draw.digits(9)}`;
}
