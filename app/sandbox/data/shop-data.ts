/** Everything one shop holds, and the only place where it changes. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { Collection } from "./collection.ts";
import { customerMaker, indexOfEmail, indexOfPhone } from "./customers.ts";
import { metafieldDefinitions, metaobjectDefinitions } from "./definitions.ts";
import { CHILD_IDS, ID_STEP, MADE_IDS, ownerOfChild } from "./gid.ts";
import { indexOfHandle, metaobjectMaker } from "./metaobjects.ts";
import { customerOfOrder, orderMaker } from "./orders.ts";
import { seedWords } from "./random.ts";
import type { CustomerRecord, MetafieldDefinitionRecord, MetafieldRecord, MetaobjectDefinitionRecord, MetaobjectRecord, OrderRecord } from "./records.ts";
import { createdAtOf, EPOCH, updatedAtOf } from "./shape.ts";
import type { Shape } from "./shape.ts";

export type OwnerKind = "customer" | "order" | "shop";

export class ShopData {
  readonly shape: Shape;
  readonly shopId: number;
  readonly customers: Collection<CustomerRecord>;
  readonly orders: Collection<OrderRecord>;
  readonly metaobjects: Collection<MetaobjectRecord>;
  readonly metafieldDefinitions: Collection<MetafieldDefinitionRecord>;
  readonly metaobjectDefinitions: Collection<MetaobjectDefinitionRecord>;
  shopMetafields: readonly MetafieldRecord[];
  /** Indexes over the overlay only; computed records are found by arithmetic. */
  #byEmail: Map<string, number>;
  #byPhone: Map<string, number>;
  #ordersOf: Map<number, readonly number[]>;
  #ownerOf: Map<string, number>;
  #byHandle: Map<string, number>;
  #nextId: number;
  #nextNumber: number;
  #lastStamp: number;

  constructor(shape: Shape, o: { empty: boolean; salt: string; from?: ShopData }) {
    this.shape = shape;
    this.shopId = 60_000_000_000 + (seedWords(o.salt)[1] % 1_000_000_000);
    const from = o.from;
    const none = (): never => {
      throw new Error("nothing is computed in this collection");
    };
    this.customers = from?.customers.freeze() ?? new Collection({ base: shape.customers, firstId: shape.firstId, make: customerMaker(shape) });
    this.orders = from?.orders.freeze() ?? new Collection({ base: shape.orders, firstId: shape.firstId, make: orderMaker(shape) });
    this.metaobjects = from?.metaobjects.freeze() ?? new Collection({ base: shape.metaobjects, firstId: shape.firstId, make: metaobjectMaker(shape) });
    const fields = o.empty ? [] : metafieldDefinitions(shape.firstId);
    const objects = o.empty ? [] : metaobjectDefinitions(shape.firstId);
    this.metafieldDefinitions = from?.metafieldDefinitions.freeze() ?? new Collection({ base: fields.length, firstId: shape.firstId, make: (i) => fields[i] ?? none() });
    this.metaobjectDefinitions = from?.metaobjectDefinitions.freeze() ?? new Collection({ base: objects.length, firstId: shape.firstId, make: (i) => objects[i] ?? none() });
    this.shopMetafields = from?.shopMetafields ?? (o.empty ? [] : [{ id: MADE_IDS - ID_STEP, createdAt: EPOCH, updatedAt: EPOCH, namespace: "health_policy", key: "privacy_contact", type: "single_line_text_field", value: `${SYNTHETIC_MARK} privacy@example.com` }]);
    this.#byEmail = new Map(from === undefined ? [] : from.#byEmail);
    this.#byPhone = new Map(from === undefined ? [] : from.#byPhone);
    this.#ordersOf = new Map(from === undefined ? [] : from.#ordersOf);
    this.#ownerOf = new Map(from === undefined ? [] : from.#ownerOf);
    this.#byHandle = new Map(from === undefined ? [] : from.#byHandle);
    this.#nextId = from === undefined ? MADE_IDS + (seedWords(`${o.salt}/made`)[0] % 20_000_000) * ID_STEP : from.#nextId;
    this.#nextNumber = from === undefined ? 1001 + shape.orders : from.#nextNumber;
    // Edits are always later than everything computed, whatever clock was handed in: both orders of a collection rest on that.
    this.#lastStamp = from === undefined ? updatedAtOf(createdAtOf(Math.max(shape.customers, shape.orders, shape.metaobjects), 0)) : from.#lastStamp;
  }

  /** The shop as it is now, for a bulk operation that reads it for a while. */
  freeze(): ShopData {
    return new ShopData(this.shape, { empty: false, salt: "", from: this });
  }

  /** The time to write on a change made `now`: whole seconds, never going back. */
  stamp(now: Date): number {
    this.#lastStamp = Math.max(this.#lastStamp, Math.floor(now.getTime() / 1000) * 1000);
    return this.#lastStamp;
  }

  newId(): number {
    this.#nextId += ID_STEP;
    return this.#nextId;
  }

  newOrderNumber(): number {
    return this.#nextNumber++;
  }

  putCustomer(record: CustomerRecord): void {
    const before = this.customers.get(record.id);
    if (before?.email != null) this.#byEmail.delete(before.email);
    if (before?.phone != null) this.#byPhone.delete(before.phone);
    this.customers.put(record);
    if (record.email !== null) this.#byEmail.set(record.email, record.id);
    if (record.phone !== null) this.#byPhone.set(record.phone, record.id);
    for (const field of record.metafields) this.#own(`Metafield/${field.id}`, record.id, ownerOfChild(CHILD_IDS.customerMetafield, field.id));
    for (const address of record.addresses) this.#own(`MailingAddress/${address.id}`, record.id, ownerOfChild(CHILD_IDS.address, address.id));
  }

  putOrder(record: OrderRecord): void {
    const isNew = !this.orders.has(record.id);
    this.orders.put(record);
    if (isNew && record.customerId !== null) this.#ordersOf.set(record.customerId, [...(this.#ordersOf.get(record.customerId) ?? []), record.id]);
    for (const field of record.metafields) this.#own(`Metafield/${field.id}`, -record.id, ownerOfChild(CHILD_IDS.orderMetafield, field.id));
    for (const item of record.lineItems) this.#own(`LineItem/${item.id}`, record.id, ownerOfChild(CHILD_IDS.lineItem, item.id));
  }

  removeCustomer(id: number): boolean {
    const before = this.customers.get(id);
    if (before === null) return false;
    if (before.email !== null && this.#byEmail.get(before.email) === id) this.#byEmail.delete(before.email);
    if (before.phone !== null && this.#byPhone.get(before.phone) === id) this.#byPhone.delete(before.phone);
    return this.customers.remove(id);
  }

  removeOrder(id: number): boolean {
    const before = this.orders.get(id);
    if (before === null) return false;
    if (before.customerId !== null && this.#ordersOf.has(before.customerId)) this.#ordersOf.set(before.customerId, (this.#ordersOf.get(before.customerId) ?? []).filter((other) => other !== id));
    return this.orders.remove(id);
  }

  putMetaobject(record: MetaobjectRecord): void {
    const before = this.metaobjects.get(record.id);
    if (before !== null) this.#byHandle.delete(`${before.type}/${before.handle}`);
    this.metaobjects.put(record);
    this.#byHandle.set(`${record.type}/${record.handle}`, record.id);
  }

  removeMetaobject(id: number): boolean {
    const before = this.metaobjects.get(id);
    if (before !== null) this.#byHandle.delete(`${before.type}/${before.handle}`);
    return this.metaobjects.remove(id);
  }

  metaobjectIdByHandle(type: string, handle: string): number | null {
    const made = this.#byHandle.get(`${type}/${handle}`);
    if (made !== undefined) return made;
    const index = indexOfHandle(handle);
    const record = index < 0 || index >= this.metaobjects.base ? null : this.metaobjects.get(this.metaobjects.idAt(index));
    return record !== null && record.type === type && record.handle === handle ? record.id : null;
  }

  /** Ids of a customer's orders, oldest first. */
  orderIdsOf(customerId: number): number[] {
    const ids: number[] = [];
    const index = this.customers.indexOf(customerId);
    if (index >= 0) {
      for (let j = index; j < this.shape.orders; j += this.shape.customers) if (this.orders.has(this.orders.idAt(j))) ids.push(this.orders.idAt(j));
    }
    return [...ids, ...(this.#ordersOf.get(customerId) ?? []).filter((id) => this.orders.has(id))];
  }

  customerIdByEmail(email: string): number | null {
    return this.#find(email, this.#byEmail, indexOfEmail(email), (record) => record.email);
  }

  customerIdByPhone(phone: string): number | null {
    return this.#find(phone, this.#byPhone, indexOfPhone(phone), (record) => record.phone);
  }

  /** The record a child belongs to, by the child's own id. Null: no such child. */
  ownerOfMetafield(id: number): { readonly kind: OwnerKind; readonly id: number } | null {
    const made = this.#ownerOf.get(`Metafield/${id}`);
    if (made !== undefined) return made < 0 ? { kind: "order", id: -made } : { kind: "customer", id: made };
    if (this.shopMetafields.some((field) => field.id === id)) return { kind: "shop", id: this.shopId };
    const customer = id < CHILD_IDS.orderMetafield.from ? ownerOfChild(CHILD_IDS.customerMetafield, id) : -1;
    if (customer >= 0) return { kind: "customer", id: this.customers.idAt(customer) };
    const order = ownerOfChild(CHILD_IDS.orderMetafield, id);
    return order < 0 ? null : { kind: "order", id: this.orders.idAt(order) };
  }

  customerIdOfAddress(id: number): number | null {
    const index = id < CHILD_IDS.customerMetafield.from ? ownerOfChild(CHILD_IDS.address, id) : -1;
    return this.#ownerOf.get(`MailingAddress/${id}`) ?? (index < 0 ? null : this.customers.idAt(index));
  }

  orderIdOfLineItem(id: number): number | null {
    const index = ownerOfChild(CHILD_IDS.lineItem, id);
    return this.#ownerOf.get(`LineItem/${id}`) ?? (index < 0 ? null : this.orders.idAt(index));
  }

  customerIndexOfOrder(index: number): number | null {
    return customerOfOrder(this.shape, index);
  }

  #find(value: string, made: Map<string, number>, index: number, of: (record: CustomerRecord) => string | null): number | null {
    const kept = made.get(value);
    if (kept !== undefined) return kept;
    if (index < 0 || index >= this.shape.customers) return null;
    const record = this.customers.get(this.customers.idAt(index));
    return record !== null && of(record) === value ? record.id : null;
  }

  #own(child: string, owner: number, computedOwner: number): void {
    if (computedOwner < 0) this.#ownerOf.set(child, owner);
  }
}
