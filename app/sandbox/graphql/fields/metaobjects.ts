/** Fields of metaobjects and of their definitions. */
import { gid } from "../../data/gid.ts";
import type { MetaobjectDefinitionRecord, MetaobjectRecord } from "../../data/records.ts";
import type { ShopData } from "../../data/shop-data.ts";
import { iso } from "../context.ts";
import type { Fields } from "../context.ts";
import { List } from "../list.ts";
import type { SearchField } from "../search.ts";
import { jsonValue, valueType } from "./metafields.ts";

interface PlacedField {
  readonly key: string;
  readonly type: string;
  readonly value: string | null;
  readonly objectType: string;
}

const placed = (object: MetaobjectRecord): PlacedField[] => object.fields.map((field) => ({ ...field, objectType: object.type }));

export const metaobjectFields: Fields<MetaobjectRecord> = {
  id: (object) => gid("Metaobject", object.id),
  createdAt: (object) => iso(object.createdAt),
  updatedAt: (object) => iso(object.updatedAt),
  definition: (object, _args, { data }) => metaobjectDefinition(data, object.type),
  capabilities: () => ({ onlineStore: null, publishable: { status: "ACTIVE" } }),
  fields: (object) => placed(object),
  field: (object, args) => placed(object).find((field) => field.key === args["key"]) ?? null,
  values: (object) => Object.fromEntries(object.fields.map((field) => [field.key, field.value === null ? null : jsonValue(field.type, field.value)])),
  thumbnailField: () => null,
  createdByApp: (_object, _args, { facts }) => ({ __typename: "App", title: facts.appName, handle: facts.appHandle, apiKey: facts.apiKey }),
  createdBy: (_object, _args, { facts }) => ({ __typename: "App", title: facts.appName, handle: facts.appHandle, apiKey: facts.apiKey }),
  referencedBy: () => List.empty,
};

export const metaobjectFieldFields: Fields<PlacedField> = {
  jsonValue: (field) => (field.value === null ? null : jsonValue(field.type, field.value)),
  definition: (field, _args, { data }) => metaobjectDefinition(data, field.objectType)?.fieldDefinitions.find((definition) => definition.key === field.key) ?? { key: field.key, name: field.key, description: null, required: false, type: field.type, validations: [] },
  reference: () => null,
  references: () => null,
  thumbnail: () => null,
};

export const metaobjectDefinitionFields: Fields<MetaobjectDefinitionRecord> = {
  id: (definition) => gid("MetaobjectDefinition", definition.id),
  createdAt: (definition) => iso(definition.createdAt),
  updatedAt: (definition) => iso(definition.updatedAt),
  access: () => ({ admin: "PUBLIC_READ_WRITE", storefront: "NONE", customerAccount: "NONE" }),
  capabilities: () => ({ onlineStore: null, publishable: { enabled: false }, renderable: null, translatable: { enabled: false } }),
  hasThumbnailField: () => false,
  createdByApp: (_definition, _args, { facts }) => ({ __typename: "App", title: facts.appName, handle: facts.appHandle, apiKey: facts.apiKey }),
  metaobjects: (definition, _args, { data }) => metaobjectsOf(data, definition.type),
  metaobjectsCount: (definition, _args, { data }) => [...metaobjectsOf(data, definition.type)].length,
};

export const metaobjectFieldDefinitionFields: Fields<MetaobjectDefinitionRecord["fieldDefinitions"][number]> = {
  type: (field) => valueType(field.type),
  capabilities: () => ({ adminFilterable: { eligible: true, enabled: false } }),
};

export function metaobjectDefinition(data: ShopData, type: string): MetaobjectDefinitionRecord | null {
  for (const definition of data.metaobjectDefinitions.scan({ sort: "id" })) if (definition.type === type) return definition;
  return null;
}

export function metaobjectsOf(data: ShopData, type: string): List<MetaobjectRecord> {
  return List.from(data.metaobjects, "id", { test: (object) => object.type === type, warnings: [] });
}

export const metaobjectSearch: Readonly<Record<string, SearchField<MetaobjectRecord>>> = {
  id: { kind: "number", of: (object) => object.id },
  updated_at: { kind: "time", of: (object) => object.updatedAt },
  created_at: { kind: "time", of: (object) => object.createdAt },
  display_name: { kind: "text", of: (object) => [object.displayName] },
  handle: { kind: "text", of: (object) => [object.handle] },
};
