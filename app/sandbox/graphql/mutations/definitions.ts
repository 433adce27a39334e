/** Mutations of metafield and metaobject definitions. */
import type { MetafieldDefinitionRecord, MetaobjectDefinitionRecord } from "../../data/records.ts";
import type { Fields } from "../context.ts";
import { definitionOf } from "../fields/metafields.ts";
import { metaobjectDefinition } from "../fields/metaobjects.ts";
import { refuseValue } from "./inputs.ts";

/** For each type of owner, for the merchant and for each app. */
const MAX_DEFINITIONS = 256;

type Validation = { readonly name: string; readonly value: string };

const validations = (given: readonly Validation[] | null | undefined): MetafieldDefinitionRecord["validations"] => (given ?? []).map(({ name, value }) => ({ name, type: "single_line_text_field", value }));
const typeIsKnown = (type: string): boolean => refuseValue(type, "1")?.code !== "INVALID_TYPE";

export const definitionMutations: Fields<unknown> = {
  metafieldDefinitionCreate: (_source, args, { data, clock, facts }) => {
    const input = args["definition"] as { ownerType: string; namespace?: string | null; key: string; name: string; description?: string | null; type: string; pin?: boolean; validations?: readonly Validation[] | null };
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
    return { createdDefinition: record, userErrors: [] };
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
};
