/** Business goes on: edits, additions and deletions, one at a time, each drawn from the seed and told by webhook. For soaks and property tests. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { DocKind } from "../kinds/kind.ts";
import type { EditReport, EditsAsked, SandboxClock } from "../types.ts";
import type { Collection } from "./collection.ts";
import { customerMaker } from "./customers.ts";
import type { Doc } from "./doc-store.ts";
import { gid } from "./gid.ts";
import { NO_HISTORY } from "./order-history.ts";
import { orderMaker } from "./orders.ts";
import { Draw } from "./random.ts";
import type { CustomerRecord, MetafieldRecord, OrderRecord, RefundRecord, Stored, TransactionRecord } from "./records.ts";
import type { ShopData } from "./shop-data.ts";
import { NOTES } from "./wording.ts";

/** How records are kept and told of: what a mutation would do, handed in so that data knows nothing of GraphQL. */
export interface Keeper {
  readonly customer: (record: CustomerRecord, isNew: boolean) => void;
  readonly order: (record: OrderRecord, isNew: boolean, also?: { readonly refund: RefundRecord; readonly transaction: TransactionRecord }) => void;
  readonly customerGone: (id: number) => void;
  readonly orderGone: (id: number) => void;
  readonly doc: (kind: DocKind, before: Doc | null, doc: Doc) => void;
  readonly docGone: (kind: DocKind, doc: Doc) => void;
}

/** Of a hundred things that happen in a shop, how many happen to customers and orders; the rest to other kinds. */
const CUSTOMERS = 0.45;
const ORDERS = 0.35;
const ADDED = 0.15;
const DELETED = 0.1;

export class Edits {
  readonly #o: { readonly data: ShopData; readonly clock: SandboxClock; readonly keeper: Keeper; readonly kinds: readonly DocKind[]; readonly seed: string };

  constructor(o: { data: ShopData; clock: SandboxClock; keeper: Keeper; kinds: readonly DocKind[]; seed: string }) {
    this.#o = o;
  }

  /** A sequence of edits: the nth is the same for equal seeds and equal shops. `only`: gid types to keep to. */
  sequence(asked: Pick<EditsAsked, "seed" | "kinds">): (n: number) => EditReport {
    const draw = new Draw(`${this.#o.seed}/${asked.seed ?? ""}`, "edits");
    const kinds = this.#o.kinds.filter((kind) => kind.edit !== undefined && (asked.kinds === undefined || asked.kinds.includes(kind.type)));
    const wants = (type: string): boolean => asked.kinds === undefined || asked.kinds.includes(type);
    const makeCustomer = customerMaker({ ...this.#o.data.shape, seed: `${this.#o.seed}/${asked.seed ?? ""}/made`, canary: null });
    const makeOrder = orderMaker({ ...this.#o.data.shape, seed: `${this.#o.seed}/${asked.seed ?? ""}/made`, canary: null });
    return (n) => {
      draw.at(n);
      const report: Report = { changed: [], added: [], deleted: [] };
      const where = draw.next() / 4294967296;
      const fate = draw.next() / 4294967296;
      const now = this.#o.data.stamp(this.#o.clock.now());
      if (wants("Customer") && (where < CUSTOMERS || (!wants("Order") && kinds.length === 0))) this.#customer(draw, fate, now, () => makeCustomer(n), report);
      else if (wants("Order") && (where < CUSTOMERS + ORDERS || kinds.length === 0)) this.#order(draw, fate, now, () => makeOrder(n), report);
      else if (kinds.length > 0) this.#doc(draw.pick(kinds), draw, fate, report);
      return report;
    };
  }

  #customer(draw: Draw, fate: number, now: number, make: () => CustomerRecord, report: Report): void {
    const { data, keeper } = this.#o;
    const picked = pick(data.customers, draw);
    if (fate < ADDED || picked === null) {
      const template = make();
      const id = data.newId();
      const addresses = template.addresses.map((address) => ({ ...address, id: data.newId() }));
      keeper.customer({ ...template, id, createdAt: now, updatedAt: now, email: `new.${id.toString(36)}@example.com`, phone: null, addresses, defaultAddressId: addresses[0]?.id ?? null, metafields: template.metafields.map((field) => ({ ...field, id: data.newId(), createdAt: now, updatedAt: now })) }, true);
      report.added.push(gid("Customer", id));
    } else if (fate < ADDED + DELETED && data.orderIdsOf(picked.id).length === 0 && !data.isContact(picked.id)) {
      keeper.customerGone(picked.id);
      report.deleted.push(gid("Customer", picked.id));
    } else {
      keeper.customer(revised(picked, draw, now), false);
      report.changed.push(gid("Customer", picked.id));
    }
  }

  #order(draw: Draw, fate: number, now: number, make: () => OrderRecord, report: Report): void {
    const { data, keeper } = this.#o;
    const picked = pick(data.orders, draw);
    if (fate < ADDED || picked === null) {
      const template = make();
      const id = data.newId();
      const number = data.newOrderNumber();
      const buyer = pick(data.customers, draw);
      keeper.order({ ...template, ...NO_HISTORY, id, createdAt: now, updatedAt: now, processedAt: now, closedAt: null, number, name: `#${number}`, customerId: buyer?.id ?? null, fulfillmentStatus: "UNFULFILLED", financialStatus: "PENDING", lineItems: template.lineItems.map((item) => ({ ...item, id: data.newId() })), metafields: template.metafields.map((field) => ({ ...field, id: data.newId(), createdAt: now, updatedAt: now })) }, true);
      report.added.push(gid("Order", id));
    } else if (fate < ADDED + DELETED) {
      keeper.orderGone(picked.id);
      report.deleted.push(gid("Order", picked.id));
    } else {
      if (fate > 0.9) keeper.order(...this.#refunded(picked, draw, now));
      else keeper.order(revised(picked, draw, now), false);
      report.changed.push(gid("Order", picked.id));
    }
  }

  #refunded(order: OrderRecord, draw: Draw, now: number): [OrderRecord, false, { refund: RefundRecord; transaction: TransactionRecord }] {
    const { data } = this.#o;
    const transaction: TransactionRecord = { id: data.newId(), kind: "REFUND", status: "SUCCESS", amount: 100, gateway: "bogus", createdAt: now, processedAt: now, parentId: order.transactions[0]?.id ?? null, authorizationCode: null, test: true };
    const refund: RefundRecord = { id: data.newId(), createdAt: now, updatedAt: now, processedAt: now, note: `${SYNTHETIC_MARK}: goodwill, ${draw.pick(NOTES)}`, amount: 100, returnId: null, transactionIds: [transaction.id], items: [] };
    return [{ ...order, updatedAt: now, financialStatus: "PARTIALLY_REFUNDED", transactions: [...order.transactions, transaction], refunds: [...order.refunds, refund] }, false, { refund, transaction }];
  }

  #doc(kind: DocKind, draw: Draw, fate: number, report: Report): void {
    const { data, keeper } = this.#o;
    const store = data.store(kind.type);
    const there = pick(store.records, draw);
    // Where all are gone, the first is thought of again, to be made anew.
    const picked = there ?? (store.records.base > 0 ? kind.make(data.shape)(0) : null);
    if (picked === null || kind.edit === undefined || (there === null && kind.renew === undefined)) return;
    const name = (doc: Doc): string => gid(typeof doc["__typename"] === "string" && kind.alsoNamed !== undefined ? doc["__typename"] : kind.type, doc.id);
    if ((fate < ADDED || there === null) && kind.renew !== undefined) {
      const id = data.newId();
      const made = kind.renew({ ...kind.edit(picked, draw), id, metafields: (picked.metafields ?? []).map((field) => ({ ...field, id: data.newId() })) }, () => data.newId());
      keeper.doc(kind, null, made);
      report.added.push(name(made));
    } else if (fate < ADDED + DELETED && kind.renew !== undefined) {
      keeper.docGone(kind, picked);
      report.deleted.push(name(picked));
    } else {
      keeper.doc(kind, picked, kind.edit(picked, draw));
      report.changed.push(name(picked));
    }
  }
}

interface Report {
  readonly changed: string[];
  readonly added: string[];
  readonly deleted: string[];
}

/** Any record of a collection, or null: the drawn one is gone and so is its neighbour. */
function pick<T extends Stored>(collection: Collection<T>, draw: Draw): T | null {
  const { made, base } = collection;
  const at = draw.below(Math.max(1, base + made));
  for (let tries = 0; tries < 8; tries++) {
    const index = (at + tries) % Math.max(1, base + made);
    const record = index < base ? collection.get(collection.idAt(index)) : collection.madeAt(index - base);
    if (record !== null) return record;
  }
  return null;
}

function revised<T extends CustomerRecord | OrderRecord>(record: T, draw: Draw, now: number): T {
  if (record.metafields.length > 0 && draw.chance(0.5)) {
    const at = draw.below(record.metafields.length);
    return { ...record, updatedAt: now, metafields: record.metafields.map((field, index) => (index === at ? { ...field, updatedAt: now, value: newValue(field, draw) } : field)) };
  }
  return { ...record, updatedAt: now, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` };
}

/** Another value of the same type. Lists do not grow without end. */
export function newValue(field: MetafieldRecord, draw: Draw): string {
  if (field.type === "json") return JSON.stringify({ ...(JSON.parse(field.value) as object), revised: draw.digits(6) });
  if (field.type.startsWith("list.")) return JSON.stringify([...(JSON.parse(field.value) as string[]).slice(0, 8), `added ${draw.digits(4)}`]);
  return field.type === "multi_line_text_field" ? `${field.value.split("\nRevised ")[0] ?? ""}\nRevised ${draw.digits(6)}.` : `${SYNTHETIC_MARK}-${draw.digits(9)}`;
}
