/** Fields of metafields and of what owns them. */
import { createHash } from "node:crypto";
import { gid } from "../../data/gid.ts";
import type { MetafieldDefinitionRecord, MetafieldRecord } from "../../data/records.ts";
import type { ShopData } from "../../data/shop-data.ts";
import { iso, typed } from "../context.ts";
import type { Fields } from "../context.ts";
import { List } from "../list.ts";

/** A MetafieldOwnerType: CUSTOMER, ORDER, SHOP, PRODUCT … */
export type OwnerType = string;

export interface OwnedMetafield extends MetafieldRecord {
  readonly ownerType: OwnerType;
  readonly ownerId: number;
}

export const metafieldFields: Fields<OwnedMetafield> = {
  id: (field) => gid("Metafield", field.id),
  legacyResourceId: (field) => String(field.id),
  createdAt: (field) => iso(field.createdAt),
  updatedAt: (field) => iso(field.updatedAt),
  compareDigest: (field) => compareDigest(field),
  jsonValue: (field) => jsonValue(field.type, field.value),
  sizeInBytes: (field) => Buffer.byteLength(field.value),
  description: () => null,
  owner: (field, _args, { data }) => ownerRecord(data, field.ownerType, field.ownerId),
  definition: (field, _args, { data }) => definitionOf(data, field.ownerType, field.namespace, field.key),
  reference: () => null,
  references: () => null,
};

export const metafieldDefinitionFields: Fields<MetafieldDefinitionRecord> = {
  id: (definition) => gid("MetafieldDefinition", definition.id),
  type: (definition) => valueType(definition.type),
  access: (definition) => ({ admin: definition.access ?? "PUBLIC_READ_WRITE", storefront: "NONE", customerAccount: "NONE" }),
  capabilities: () => ({
    adminFilterable: { eligible: true, enabled: false, status: "NOT_FILTERABLE" },
    analyticsQueryable: { eligible: false, enabled: false },
    cartToOrderCopyable: { eligible: false, enabled: false },
    smartCollectionCondition: { eligible: false, enabled: false },
    uniqueValues: { eligible: true, enabled: false },
  }),
  constraints: () => null,
  validationStatus: () => "ALL_VALID",
  useAsCollectionCondition: () => false,
};

export function compareDigest(field: { readonly type: string; readonly value: string }): string {
  return createHash("sha256").update(`${field.type}\n${field.value}`).digest("hex");
}

export function valueType(name: string): object {
  return { name, category: /^(list\.)?(.*)$/.exec(name)?.[2]?.includes("text") === true ? "TEXT" : name.startsWith("number") ? "NUMBER" : name === "json" ? "JSON" : "OTHER", supportsDefinitionMigrations: false, supportedValidations: [] };
}

/** Of values that are JSON by their type; others are the text itself. */
export function jsonValue(type: string, value: string): unknown {
  if (type === "json" || type.startsWith("list.") || type === "boolean" || type.startsWith("number_integer") || type === "money" || type === "rating" || type === "dimension" || type === "volume" || type === "weight" || type === "link" || type === "rich_text_field") {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }
  return value;
}

export function definitionOf(data: ShopData, ownerType: string, namespace: string, key: string): MetafieldDefinitionRecord | null {
  for (const definition of data.metafieldDefinitions.scan({ sort: "id" })) if (definition.ownerType === ownerType && definition.namespace === namespace && definition.key === key) return definition;
  return null;
}

export function ownerRecord(data: ShopData, ownerType: OwnerType, id: number): object | null {
  if (ownerType === "CUSTOMER") return typed("Customer", data.customers.get(id));
  const store = [...data.docs.values()].find((one) => one.kind.metafieldOwner === ownerType);
  if (store !== undefined) return typed(store.kind.type, store.get(id));
  return ownerType === "ORDER" ? typed("Order", data.orders.get(id)) : { __typename: "Shop" };
}

export function owned(fields: readonly MetafieldRecord[], ownerType: OwnerType, ownerId: number): OwnedMetafield[] {
  return fields.map((field) => ({ ...field, ownerType, ownerId }));
}

/** The `metafields` connection: by namespace or by "namespace.key" names. */
export function metafieldList(fields: readonly MetafieldRecord[], ownerType: OwnerType, ownerId: number, args: Readonly<Record<string, unknown>>): List<OwnedMetafield> {
  const namespace = args["namespace"];
  const keys = args["keys"] as readonly string[] | null | undefined;
  const wanted = namespace == null && keys == null ? fields : fields.filter((field) => (namespace == null || field.namespace === namespace) && (keys == null || keys.includes(namespace == null ? `${field.namespace}.${field.key}` : field.key) || keys.includes(`${field.namespace}.${field.key}`)));
  return List.of(owned(wanted, ownerType, ownerId), (field) => field.id);
}

export function metafieldNamed(fields: readonly MetafieldRecord[], ownerType: OwnerType, ownerId: number, args: Readonly<Record<string, unknown>>): OwnedMetafield | null {
  const namespace = args["namespace"];
  const key = String(args["key"]);
  const found = fields.find((field) => (namespace == null ? `${field.namespace}.${field.key}` === key : field.namespace === namespace && field.key === key));
  return found === undefined ? null : { ...found, ownerType, ownerId };
}
