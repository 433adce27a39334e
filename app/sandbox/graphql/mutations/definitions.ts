/** Mutations of metafield and metaobject definitions. */
import type { MetafieldDefinitionRecord, MetaobjectDefinitionRecord } from "../../data/records.ts";
import { gid, parseGid } from "../../data/gid.ts";
import type { Fields } from "../context.ts";
import { definitionOf } from "../fields/metafields.ts";
import { metaobjectDefinition } from "../fields/metaobjects.ts";
import { refuseValue } from "./inputs.ts";
import { allowOwner } from "./owner-access.ts";

/** For each type of owner, for the merchant and for each app. */
const MAX_DEFINITIONS = 256;

type Validation = { readonly name: string; readonly value: string };

const validations = (given: readonly Validation[] | null | undefined): MetafieldDefinitionRecord["validations"] => (given ?? []).map(({ name, value }) => ({ name, type: "single_line_text_field", value }));
const typeIsKnown = (type: string): boolean => refuseValue(type, "1")?.code !== "INVALID_TYPE";

export const definitionMutations: Fields<unknown> = {
  metafieldDefinitionCreate: (_source, args, context) => {
    const { data, clock, facts, webhooks } = context;
    const input = args["definition"] as { ownerType: string; namespace?: string | null; key: string; name: string; description?: string | null; type: string; pin?: boolean; validations?: readonly Validation[] | null };
    allowOwner(context, "metafieldDefinitionCreate", input.ownerType);
    const failed = (code: string, message: string, field: string): object => ({ createdDefinition: null, userErrors: [{ code, message, field: ["definition", field], elementIndex: null, elementKey: null }] });
    const namespace = input.namespace ?? `app--${facts.apiKey.slice(0, 8)}`;
    if (!typeIsKnown(input.type)) return failed("INCLUSION", "Type name is not a valid type", "type");
    if (!/^[\w-]{3,255}$/.test(namespace)) return failed("INVALID", "Namespace is invalid", "namespace");
    if (!/^[\w-]{2,64}$/.test(input.key)) return failed("INVALID", "Key is invalid", "key");
    if (definitionOf(data, input.ownerType, namespace, input.key) !== null) return failed("TAKEN", `Key is in use for ${input.ownerType.toLowerCase()} metafields on the '${namespace}' namespace.`, "key");
    const ofOwner = [...data.metafieldDefinitions.scan({ sort: "id" })].filter((one) => one.ownerType === input.ownerType);
    if (ofOwner.length >= MAX_DEFINITIONS) return failed("RESOURCE_TYPE_LIMIT_EXCEEDED", `Stores can only have ${MAX_DEFINITIONS} definitions for each store resource.`, "ownerType");
    const now = data.stamp(clock.now());
    const record: MetafieldDefinitionRecord = { id: data.newId(), createdAt: now, updatedAt: now, ownerType: input.ownerType, namespace, key: input.key, name: input.name, description: input.description ?? null, type: input.type, pinnedPosition: input.pin === true ? ofOwner.filter((one) => one.pinnedPosition !== null).length + 1 : null, validations: validations(input.validations) };
    data.metafieldDefinitions.put(record);
    webhooks.emit("metafield_definitions/create", () => definitionPayload(record));
    return { createdDefinition: record, userErrors: [] };
  },
  metafieldDefinitionUpdate: (_source, args, context) => {
    const { data, clock, facts, webhooks } = context;
    const input = args["definition"] as { ownerType: string; namespace?: string | null; key: string; name?: string | null; description?: string | null; pin?: boolean | null; validations?: readonly Validation[] | null };
    allowOwner(context, "metafieldDefinitionUpdate", input.ownerType);
    const before = definitionOf(data, input.ownerType, input.namespace ?? `app--${facts.apiKey.slice(0, 8)}`, input.key);
    if (before === null) return { updatedDefinition: null, validationJob: null, userErrors: [{ code: "NOT_FOUND", message: "Definition not found.", field: ["definition"], elementIndex: null, elementKey: null }] };
    const record: MetafieldDefinitionRecord = { ...before, updatedAt: data.stamp(clock.now()), name: input.name ?? before.name, description: input.description === undefined ? before.description : input.description, validations: input.validations == null ? before.validations : validations(input.validations) };
    data.metafieldDefinitions.put(record);
    webhooks.emit("metafield_definitions/update", () => definitionPayload(record));
    return { updatedDefinition: record, validationJob: null, userErrors: [] };
  },
  metafieldDefinitionDelete: (_source, args, context) => {
    const { data, webhooks } = context;
    const identifier = args["identifier"] as { ownerType: string; namespace: string; key: string } | undefined;
    const parsed = parseGid(typeof args["id"] === "string" ? args["id"] : "");
    const before = identifier === undefined ? (parsed?.type === "MetafieldDefinition" ? data.metafieldDefinitions.get(parsed.id) : null) : definitionOf(data, identifier.ownerType, identifier.namespace, identifier.key);
    const answer = (record: MetafieldDefinitionRecord | null, ...userErrors: object[]): object => ({ deletedDefinitionId: record === null ? null : gid("MetafieldDefinition", record.id), deletedDefinition: record === null ? null : { ownerType: record.ownerType, namespace: record.namespace, key: record.key }, userErrors });
    if (before === null) return answer(null, { code: "NOT_FOUND", message: "Definition not found.", field: ["id"] });
    allowOwner(context, "metafieldDefinitionDelete", before.ownerType);
    // Values that hang on it would go one by one, which nobody needs here: Shopify takes hours over it as well.
    if (args["deleteAllAssociatedMetafields"] === true) return answer(null, { code: "DISALLOWED_OWNER_TYPE", message: "The sandbox shop keeps the values when a definition goes.", field: ["deleteAllAssociatedMetafields"] });
    data.metafieldDefinitions.remove(before.id);
    webhooks.emit("metafield_definitions/delete", () => definitionPayload(before));
    return answer(before);
  },
  metaobjectDefinitionCreate: (_source, args, { data, clock }) => {
    const input = args["definition"] as { type: string; name?: string | null; description?: string | null; displayNameKey?: string | null; fieldDefinitions?: readonly { key: string; name?: string | null; description?: string | null; type: string; required?: boolean | null; validations?: readonly Validation[] | null }[] | null };
    const failed = (code: string, message: string, ...field: string[]): object => ({ metaobjectDefinition: null, userErrors: [{ code, message, field: ["definition", ...field], elementIndex: null, elementKey: null }] });
    if (!/^[\w$:-]{3,255}$/.test(input.type)) return failed("INVALID", "Type is invalid", "type");
    if (metaobjectDefinition(data, input.type) !== null) return failed("TAKEN", "Type has already been taken", "type");
    const fields = input.fieldDefinitions ?? [];
    const unknown = fields.findIndex((field) => !typeIsKnown(field.type));
    if (unknown >= 0) return failed("INCLUSION", "Type name is not a valid type", "fieldDefinitions", String(unknown));
    if (new Set(fields.map((field) => field.key)).size !== fields.length) return failed("DUPLICATE_FIELD_INPUT", "Field keys must be unique", "fieldDefinitions");
    if (input.displayNameKey != null && !fields.some((field) => field.key === input.displayNameKey)) return failed("UNDEFINED_OBJECT_FIELD", `Field definition "${input.displayNameKey}" does not exist`, "displayNameKey");
    const now = data.stamp(clock.now());
    const record: MetaobjectDefinitionRecord = {
      id: data.newId(),
      createdAt: now,
      updatedAt: now,
      type: input.type,
      name: input.name ?? input.type,
      description: input.description ?? null,
      displayNameKey: input.displayNameKey ?? null,
      fieldDefinitions: fields.map((field) => ({ key: field.key, name: field.name ?? field.key, description: field.description ?? null, type: field.type, required: field.required ?? false, validations: validations(field.validations) })),
    };
    data.metaobjectDefinitions.put(record);
    return { metaobjectDefinition: record, userErrors: [] };
  },
  metaobjectDefinitionUpdate: (_source, args, { data, clock }) => {
    const input = args["definition"] as { name?: string | null; description?: string | null; displayNameKey?: string | null; fieldDefinitions?: readonly FieldOperation[] | null };
    const parsed = parseGid(String(args["id"]));
    const before = parsed?.type === "MetaobjectDefinition" ? data.metaobjectDefinitions.get(parsed.id) : null;
    const failed = (code: string, message: string): object => ({ metaobjectDefinition: null, userErrors: [{ code, message, field: ["definition"], elementIndex: null, elementKey: null }] });
    if (before === null) return failed("RECORD_NOT_FOUND", "Record not found");
    const fields = [...before.fieldDefinitions];
    for (const { create, update, delete: gone } of input.fieldDefinitions ?? []) {
      const at = fields.findIndex((field) => field.key === (create ?? update ?? gone)?.key);
      if (create != null) {
        if (at >= 0) return failed("OBJECT_FIELD_TAKEN", `Field "${create.key}" is already defined`);
        if (!typeIsKnown(create.type)) return failed("INCLUSION", "Type name is not a valid type");
        fields.push({ key: create.key, name: create.name ?? create.key, description: create.description ?? null, type: create.type, required: create.required ?? false, validations: validations(create.validations) });
      } else if (at < 0) return failed("UNDEFINED_OBJECT_FIELD", "Field definition does not exist");
      else if (gone != null) fields.splice(at, 1);
      else if (update != null) fields[at] = { ...(fields[at] as (typeof fields)[number]), ...(update.name == null ? {} : { name: update.name }), ...(update.description === undefined ? {} : { description: update.description }), ...(update.required == null ? {} : { required: update.required }) };
    }
    const record: MetaobjectDefinitionRecord = { ...before, updatedAt: data.stamp(clock.now()), name: input.name ?? before.name, description: input.description === undefined ? before.description : input.description, displayNameKey: input.displayNameKey === undefined ? before.displayNameKey : input.displayNameKey, fieldDefinitions: fields };
    data.metaobjectDefinitions.put(record);
    return { metaobjectDefinition: record, userErrors: [] };
  },
};

interface FieldOperation {
  readonly create?: { readonly key: string; readonly name?: string | null; readonly description?: string | null; readonly type: string; readonly required?: boolean | null; readonly validations?: readonly Validation[] | null } | null;
  readonly update?: { readonly key: string; readonly name?: string | null; readonly description?: string | null; readonly required?: boolean | null } | null;
  readonly delete?: { readonly key: string } | null;
}

export function definitionPayload(record: MetafieldDefinitionRecord): object {
  return { id: record.id, admin_graphql_api_id: gid("MetafieldDefinition", record.id), owner_type: record.ownerType.toLowerCase(), namespace: record.namespace, key: record.key, name: record.name, type: record.type };
}
