/** The root of queries: what can be asked for, by id, by list and by count. */
import { parseGid } from "../../data/gid.ts";
import type { AppRecord } from "../../apps.ts";
import type { Collection, SortKey } from "../../data/collection.ts";
import type { Stored } from "../../data/records.ts";
import { typed } from "../context.ts";
import type { Context, Fields } from "../context.ts";
import { List } from "../list.ts";
import { RefusedError } from "../refused.ts";
import { parseSearch } from "../search.ts";
import type { Filter, SearchField } from "../search.ts";
import { DOC_KINDS, docKind } from "../../kinds/all.ts";
import type { DocKind } from "../../kinds/kind.ts";
import { gidType } from "../mutations/docs.ts";
import { searchFields } from "./kinds.ts";
import { HISTORY_TYPES, historyNode } from "./order-history.ts";
import { customerSearch } from "./customers.ts";
import { definitionOf, owned } from "./metafields.ts";
import { metaobjectDefinition, metaobjectSearch } from "./metaobjects.ts";
import { orderSearch } from "./orders.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** One by id, the list and the count of each kind kept as documents. */
function rootFields(kind: DocKind): Fields<unknown> {
  const { one, list, count } = kind.root;
  const search = searchFields(kind);
  return {
    ...(one === undefined ? {} : { [one]: (_source: unknown, args: Arguments, context: Context) => docById(kind, args["id"], context, "listed") }),
    ...(list === undefined ? {} : { [list]: (_source: unknown, args: Arguments, context: Context) => listOf(context.data.store(kind.type).records, args, search, context) }),
    ...(count === undefined ? {} : { [count]: (_source: unknown, args: Arguments, context: Context) => countOf(context.data.store(kind.type).records, args, search, context) }),
  };
}

/** `named`: as it was asked for, as `node` does; or as lists name it, as the kind's own field of the root does. */
function docById(kind: DocKind, id: unknown, { data }: Context, named: "asked" | "listed"): object | null {
  const parsed = parseGid(String(id));
  if (parsed === null) throw new RefusedError("argumentLiteralsIncompatible", `Invalid global id '${String(id)}'`);
  const doc = docKind(parsed.type) === kind ? data.store(kind.type).get(parsed.id) : null;
  if (doc === null) return null;
  const type = gidType(kind, doc);
  // Some records have names of their own by what they are; others have two names each.
  if (typeof doc["__typename"] === "string" && type !== parsed.type) return null;
  return typed(named === "asked" ? parsed.type : type, doc);
}

const kindRoots = Object.assign({}, ...DOC_KINDS.map(rootFields)) as Fields<unknown>;

export const queryFields: Fields<unknown> = {
  ...kindRoots,
  fulfillment: (_source, args, context) => historyById("Fulfillment", args["id"], context),
  refund: (_source, args, context) => historyById("Refund", args["id"], context),
  return: (_source, args, context) => historyById("Return", args["id"], context),
  shop: () => ({ __typename: "Shop" }),
  currentAppInstallation: () => ({ __typename: "AppInstallation" }),
  appInstallation: () => ({ __typename: "AppInstallation" }),
  app: (_source, args, { apps, data }) => {
    const id = typeof args["id"] === "string" ? parseGid(args["id"]) : null;
    const other = apps.others.find((one) => one.id === id?.id);
    return id === null || id.id === data.shopId + 2 || other !== undefined ? { __typename: "App", other } : null;
  },
  appByHandle: (_source, args, { apps, facts }) => {
    const other = apps.others.find((one) => one.handle === args["handle"]);
    return other !== undefined || args["handle"] === facts.appHandle ? { __typename: "App", other } : null;
  },
  appInstallations: (_source, _args, { apps, data }) => List.of([{ place: data.shopId + 1, other: undefined as AppRecord | undefined }, ...apps.others.map((other) => ({ place: other.id + 1, other: other as AppRecord | undefined }))].map((one) => ({ ...one, id: one.place })), (one) => one.place),
  publicApiVersions: (_source, _args, { versions }) => versions.map(({ handle, supported }) => ({ handle, displayName: handle, supported })),
  node: (_source, args, context) => nodeById(String(args["id"]), context),
  nodes: (_source, args, context) => (args["ids"] as readonly string[]).map((id) => nodeById(id, context)),
  customer: (_source, args, { data }) => byId(data.customers, args["id"], "Customer"),
  customerByIdentifier: (_source, args, { data }) => {
    const identifier = args["identifier"] as { id?: string; emailAddress?: string; phoneNumber?: string };
    if (identifier.id !== undefined) return byId(data.customers, identifier.id, "Customer");
    const id = identifier.emailAddress !== undefined ? data.customerIdByEmail(identifier.emailAddress) : identifier.phoneNumber !== undefined ? data.customerIdByPhone(identifier.phoneNumber) : null;
    return id === null ? null : data.customers.get(id);
  },
  customers: (_source, args, context) => listOf(context.data.customers, args, customerSearch, context),
  customersCount: (_source, args, context) => countOf(context.data.customers, args, customerSearch, context),
  order: (_source, args, context) => {
    const found = byId(context.data.orders, args["id"], "Order");
    return found === null || found.createdAt < ordersFrom(context) ? null : found;
  },
  orders: (_source, args, context) => listOf(context.data.orders, args, orderSearch, context, ordersFrom(context)),
  ordersCount: (_source, args, context) => countOf(context.data.orders, args, orderSearch, context, ordersFrom(context)),
  metafieldDefinition: (_source, args, { data }) => {
    const identifier = args["identifier"] as { ownerType: string; namespace: string; key: string } | undefined;
    return identifier === undefined ? byId(data.metafieldDefinitions, args["id"], "MetafieldDefinition") : definitionOf(data, identifier.ownerType, identifier.namespace, identifier.key);
  },
  metafieldDefinitions: (_source, args, { data }) =>
    List.from(data.metafieldDefinitions, "id", {
      test: (definition) => definition.ownerType === args["ownerType"] && (args["namespace"] == null || definition.namespace === args["namespace"]) && (args["key"] == null || definition.key === args["key"]) && (args["pinnedStatus"] === "PINNED" ? definition.pinnedPosition !== null : args["pinnedStatus"] !== "UNPINNED" || definition.pinnedPosition === null),
      warnings: [],
    }),
  metaobject: (_source, args, { data }) => byId(data.metaobjects, args["id"], "Metaobject"),
  metaobjectByHandle: (_source, args, { data }) => {
    const wanted = args["handle"] as { type: string; handle: string };
    const id = data.metaobjectIdByHandle(wanted.type, wanted.handle);
    return id === null ? null : data.metaobjects.get(id);
  },
  metaobjects: (_source, args, context) => {
    const type = String(args["type"]);
    const filter = searchFor(args, metaobjectSearch, context);
    return List.from(context.data.metaobjects, args["sortKey"] === "updated_at" ? "updated" : "id", { ...filter, test: (object) => object.type === type && filter.test(object) });
  },
  metaobjectDefinition: (_source, args, { data }) => byId(data.metaobjectDefinitions, args["id"], "MetaobjectDefinition"),
  metaobjectDefinitionByType: (_source, args, { data }) => metaobjectDefinition(data, String(args["type"])),
  metaobjectDefinitions: (_source, _args, { data }) => List.from(data.metaobjectDefinitions, "id"),
  bulkOperation: (_source, args, { bulk }) => {
    const id = parseGid(String(args["id"]));
    return id?.type === "BulkOperation" ? bulk.get(id.id) : null;
  },
  bulkOperations: (_source, args, { bulk }) => bulk.list(typeof args["query"] === "string" ? args["query"] : "", args["sortKey"] === "COMPLETED_AT" ? "COMPLETED_AT" : "CREATED_AT"),
  currentBulkOperation: (_source, args, { bulk }) => bulk.newest(args["type"] === "MUTATION" ? "MUTATION" : "QUERY"),
  webhookSubscription: (_source, args, { webhooks }) => webhooks.subscription(String(args["id"])),
  webhookSubscriptions: (_source, args, { webhooks }) => List.of(webhooks.subscriptions((args["topics"] as readonly string[] | null | undefined) ?? null), (subscription) => subscription.id),
};

function historyById(type: string, id: unknown, context: Context): object | null {
  const parsed = parseGid(String(id));
  return parsed?.type === type ? historyNode(type, parsed.id, context) : null;
}

function byId<T extends Stored>(collection: Collection<T>, id: unknown, type: string): T | null {
  const parsed = parseGid(String(id));
  if (parsed === null) throw new RefusedError("argumentLiteralsIncompatible", `Invalid global id '${String(id)}'`);
  return parsed.type === type ? collection.get(parsed.id) : null;
}

/** Any object by its global id, as node(id) finds it. Ids of computed children lead to their owner by arithmetic. */
export function nodeById(id: string, context: Context): object | null {
  const { data } = context;
  const parsed = parseGid(id);
  if (parsed === null) throw new RefusedError("argumentLiteralsIncompatible", `Invalid global id '${id}'`);
  switch (parsed.type) {
    case "Customer":
      return typed("Customer", data.customers.get(parsed.id));
    case "Order":
      return typed("Order", data.orders.get(parsed.id));
    case "Metaobject":
      return typed("Metaobject", data.metaobjects.get(parsed.id));
    case "MetaobjectDefinition":
      return typed("MetaobjectDefinition", data.metaobjectDefinitions.get(parsed.id));
    case "MetafieldDefinition":
      return typed("MetafieldDefinition", data.metafieldDefinitions.get(parsed.id));
    case "BulkOperation":
      return typed("BulkOperation", context.bulk.get(parsed.id));
    case "Shop":
      return parsed.id === data.shopId ? { __typename: "Shop" } : null;
    case "Metafield": {
      const owner = data.ownerOfMetafield(parsed.id);
      if (owner === null) return null;
      const kind = docKind(owner.kind);
      if (kind !== undefined) return typed("Metafield", owned(data.store(kind.type).get(owner.id)?.metafields ?? [], kind.metafieldOwner ?? "", owner.id).find((field) => field.id === parsed.id) ?? null);
      const fields = owner.kind === "shop" ? data.shopMetafields : (owner.kind === "customer" ? data.customers.get(owner.id) : data.orders.get(owner.id))?.metafields;
      const ownerType = owner.kind === "shop" ? "SHOP" : owner.kind === "customer" ? "CUSTOMER" : "ORDER";
      return typed("Metafield", owned(fields ?? [], ownerType, owner.id).find((field) => field.id === parsed.id) ?? null);
    }
    case "MailingAddress": {
      const owner = data.customerIdOfAddress(parsed.id);
      const address = owner === null ? undefined : data.customers.get(owner)?.addresses.find((candidate) => candidate.id === parsed.id);
      return address === undefined ? null : { ...address, model: "CustomerAddress", __typename: "MailingAddress" };
    }
    case "LineItem": {
      const owner = data.orderIdOfLineItem(parsed.id);
      const order = owner === null ? null : data.orders.get(owner);
      const item = order?.lineItems.find((candidate) => candidate.id === parsed.id);
      return item === undefined || order === null ? null : { ...item, currency: order.currency, __typename: "LineItem" };
    }
    default: {
      const kind = docKind(parsed.type);
      if (kind !== undefined) return docById(kind, id, context, "asked");
      return parsed.type in HISTORY_TYPES ? historyNode(parsed.type, parsed.id, context) : null;
    }
  }
}

/** Generated records grow by id and time together; what has no date of its own is in the order of its id. */
const SORTS: Readonly<Record<string, SortKey>> = { ID: "id", CREATED_AT: "id", CREATION_DATE: "id", PROCESSED_AT: "id", PUBLISHED_AT: "id", NUMBER: "id", ORDER_NUMBER: "id", CHECKOUT_ID: "id", RELEVANCE: "id", UPDATED_AT: "updated", LAST_EDIT_DATE: "updated" };

/** Without read_all_orders an app sees sixty days of them. */
const ORDER_WINDOW = 60 * 86_400_000;
function ordersFrom({ granted, clock }: Context): number {
  return granted.has("read_all_orders") ? 0 : clock.now().getTime() - ORDER_WINDOW;
}

function listOf<T extends Stored>(collection: Collection<T>, args: Arguments, fields: Readonly<Record<string, SearchField<T>>>, context: Context, from = 0): List<T> {
  const sort = SORTS[typeof args["sortKey"] === "string" ? args["sortKey"] : "ID"];
  if (sort === undefined) throw new RefusedError("NOT_SIMULATED", `The sandbox shop cannot sort by ${String(args["sortKey"])}; it can by ${Object.keys(SORTS).join(", ")}.`);
  const filter = searchFor(args, fields, context);
  return List.from(collection, sort, from === 0 ? filter : { ...filter, test: (record) => record.createdAt >= from && filter.test(record) });
}

function searchFor<T>(args: Arguments, fields: Readonly<Record<string, SearchField<T>>>, context: Context): Filter<T> {
  const query = args["query"];
  if (typeof query !== "string" || query.trim() === "") return { test: () => true, warnings: [] };
  const filter = parseSearch(query, fields);
  context.warnings.push(...filter.warnings);
  return filter;
}

/** Counts stop at `limit` (10,000 unless said otherwise; null: no limit) and say AT_LEAST when they did. */
function countOf<T extends Stored>(collection: Collection<T>, args: Arguments, fields: Readonly<Record<string, SearchField<T>>>, context: Context, from = 0): object {
  const limit = args["limit"] === null ? Infinity : typeof args["limit"] === "number" ? args["limit"] : 10_000;
  const query = args["query"];
  let count = 0;
  if (from === 0 && (typeof query !== "string" || query.trim() === "")) count = collection.size;
  else {
    const filter = searchFor(args, fields, context);
    for (const record of List.from(collection, filter.ids === undefined ? "updated" : "id", filter)) {
      if (record.createdAt >= from) count++;
      if (count > limit) break;
    }
  }
  return { count: Math.min(count, limit), precision: count > limit ? "AT_LEAST" : "EXACT" };
}
