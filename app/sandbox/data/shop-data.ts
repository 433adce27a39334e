/** Everything one shop holds, and the only place where it changes. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { Collection } from "./collection.ts";
import { customerMaker, indexOfEmail, indexOfPhone } from "./customers.ts";
import { metafieldDefinitions, metaobjectDefinitions } from "./definitions.ts";
import { DocStore } from "./doc-store.ts";
import type { Doc, StoredKind } from "./doc-store.ts";
import { CHILD_IDS, ID_STEP, MADE_IDS, METAFIELD_KINDS, metafieldIds, ownerOfChild } from "./gid.ts";
import { indexOfHandle, metaobjectMaker } from "./metaobjects.ts";
import type { ChildIds } from "./gid.ts";
import { customerOfOrder, orderMaker } from "./orders.ts";
import { seedWords } from "./random.ts";
import type { CustomerRecord, MetafieldDefinitionRecord, MetafieldRecord, MetaobjectDefinitionRecord, MetaobjectRecord, OrderRecord } from "./records.ts";
import { CONTACTS, createdAtOf, EPOCH, updatedAtOf } from "./shape.ts";
import type { Shape } from "./shape.ts";

/** "customer", "order", "shop", or the type of a kind kept as documents. */
export type OwnerKind = "customer" | "order" | "shop" | (string & Record<never, never>);

const HISTORY_IDS: Readonly<Record<string, ChildIds>> = { Fulfillment: CHILD_IDS.fulfillment, OrderTransaction: CHILD_IDS.transaction, Refund: CHILD_IDS.refund, Return: CHILD_IDS.return };

export class ShopData {
  readonly shape: Shape;
  readonly shopId: number;
  readonly customers: Collection<CustomerRecord>;
  readonly orders: Collection<OrderRecord>;
  readonly metaobjects: Collection<MetaobjectRecord>;
  readonly metafieldDefinitions: Collection<MetafieldDefinitionRecord>;
  readonly metaobjectDefinitions: Collection<MetaobjectDefinitionRecord>;
  /** The kinds kept as documents, by type. */
  readonly docs: ReadonlyMap<string, DocStore>;
  shopMetafields: readonly MetafieldRecord[];
  /** Indexes over the overlay only; computed records are found by arithmetic. */
  #byEmail: Map<string, number>;
  #byPhone: Map<string, number>;
  #ordersOf: Map<number, readonly number[]>;
  #ownerOf: Map<string, number>;
  #byHandle: Map<string, number>;
  #docOwnerOf: Map<number, { readonly kind: string; readonly id: number }>;
  #nextId: number;
  #nextNumber: number;
  #metafieldKinds: readonly (string | null)[];
  #lastStamp: number;

  constructor(shape: Shape, o: { empty: boolean; salt: string; kinds?: readonly StoredKind[]; metafieldKinds?: readonly (string | null)[]; from?: ShopData }) {
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
    this.docs = from === undefined ? new Map((o.kinds ?? []).map((kind) => [kind.type, new DocStore(kind, shape, { empty: o.empty })])) : new Map([...from.docs].map(([type, store]) => [type, store.freeze()]));
    this.#metafieldKinds = from === undefined ? (o.metafieldKinds ?? []) : from.#metafieldKinds;
    this.shopMetafields = from?.shopMetafields ?? (o.empty ? [] : [{ id: MADE_IDS - ID_STEP, createdAt: EPOCH, updatedAt: EPOCH, namespace: "health_policy", key: "privacy_contact", type: "single_line_text_field", value: `${SYNTHETIC_MARK} privacy@example.com` }]);
    this.#byEmail = new Map(from === undefined ? [] : from.#byEmail);
    this.#byPhone = new Map(from === undefined ? [] : from.#byPhone);
    this.#ordersOf = new Map(from === undefined ? [] : from.#ordersOf);
    this.#ownerOf = new Map(from === undefined ? [] : from.#ownerOf);
    this.#byHandle = new Map(from === undefined ? [] : from.#byHandle);
    this.#docOwnerOf = new Map(from === undefined ? [] : from.#docOwnerOf);
    this.#nextId = from === undefined ? MADE_IDS + (seedWords(`${o.salt}/made`)[0] % 20_000_000) * ID_STEP : from.#nextId;
    this.#nextNumber = from === undefined ? 1001 + shape.orders : from.#nextNumber;
    // Edits are always later than everything computed, whatever clock was handed in: both orders of a collection rest on that.
    this.#lastStamp = from === undefined ? updatedAtOf(createdAtOf(Math.max(shape.customers, shape.orders, shape.metaobjects, ...[...this.docs.values()].map((store) => store.records.base)), 0)) : from.#lastStamp;
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
    for (const [type, list] of [["Fulfillment", record.fulfillments], ["OrderTransaction", record.transactions], ["Refund", record.refunds], ["Return", record.returns]] as const) for (const { id } of list) this.#own(`${type}/${id}`, record.id, ownerOfChild(HISTORY_IDS[type] as ChildIds, id));
    for (const item of record.lineItems) this.#own(`LineItem/${item.id}`, record.id, ownerOfChild(CHILD_IDS.lineItem, item.id));
  }

  store(type: string): DocStore {
    const store = this.docs.get(type);
    if (store === undefined) throw new Error(`the shop keeps no ${type}`);
    return store;
  }

  putDoc(type: string, doc: Doc): void {
    this.store(type).put(doc);
    for (const field of doc.metafields ?? []) if (field.id >= MADE_IDS) this.#docOwnerOf.set(field.id, { kind: type, id: doc.id });
  }

  /** An owner's records of a kind: a customer's store credit accounts, a company's locations. */
  docsOf(type: string, ownerType: string, ownerId: number): Doc[] {
    const owners = ownerType === "Customer" ? this.customers : ownerType === "Order" ? this.orders : this.docs.get(ownerType)?.records;
    return this.store(type).of(ownerId, owners?.indexOf(ownerId) ?? -1);
  }

  /** Whether a customer speaks for a company: such a person is not deleted. */
  isContact(customerId: number): boolean {
    return this.contactsOf(customerId).length > 0;
  }

  /** Generated contacts only: those made later are found from their company. */
  contactsOf(customerId: number): Doc[] {
    const index = (this.customers.indexOf(customerId) - CONTACTS.from) / CONTACTS.every;
    const contacts = this.docs.get("CompanyContact")?.records;
    const contact = contacts === undefined || !Number.isInteger(index) || index < 0 || index >= contacts.base ? null : contacts.get(contacts.idAt(index));
    return contact === null ? [] : [contact];
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
    const doc = this.#docOwnerOf.get(id) ?? this.#docOfMetafield(id);
    if (doc !== null) return doc;
    const customer = id < CHILD_IDS.orderMetafield.from ? ownerOfChild(CHILD_IDS.customerMetafield, id) : -1;
    if (customer >= 0) return { kind: "customer", id: this.customers.idAt(customer) };
    const order = id < metafieldIds(0).from ? ownerOfChild(CHILD_IDS.orderMetafield, id) : -1;
    return order < 0 ? null : { kind: "order", id: this.orders.idAt(order) };
  }

  #docOfMetafield(id: number): { readonly kind: string; readonly id: number } | null {
    const at = Math.floor((id - metafieldIds(0).from) / (metafieldIds(1).from - metafieldIds(0).from));
    const kind = at < 0 || at >= METAFIELD_KINDS ? null : (this.#metafieldKinds[at] ?? null);
    if (kind === null) return null;
    const index = ownerOfChild(metafieldIds(at), id);
    const records = this.store(kind).records;
    return index < 0 || index >= records.base ? null : { kind, id: records.idAt(index) };
  }

  customerIdOfAddress(id: number): number | null {
    const index = id < CHILD_IDS.customerMetafield.from ? ownerOfChild(CHILD_IDS.address, id) : -1;
    return this.#ownerOf.get(`MailingAddress/${id}`) ?? (index < 0 ? null : this.customers.idAt(index));
  }

  orderIdOfLineItem(id: number): number | null {
    const index = ownerOfChild(CHILD_IDS.lineItem, id);
    return this.#ownerOf.get(`LineItem/${id}`) ?? (index < 0 ? null : this.orders.idAt(index));
  }

  /** The order that a fulfillment, transaction, refund or return belongs to. */
  orderOfHistory(type: string, id: number): OrderRecord | null {
    const ids = HISTORY_IDS[type];
    if (ids === undefined) return null;
    const index = ownerOfChild(ids, id);
    const orderId = this.#ownerOf.get(`${type}/${id}`) ?? (index < 0 || index >= this.orders.base ? null : this.orders.idAt(index));
    return orderId === null ? null : this.orders.get(orderId);
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
