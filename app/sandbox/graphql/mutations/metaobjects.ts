/** Mutations of metaobjects. */
import { gid, parseGid } from "../../data/gid.ts";
import type { MetaobjectDefinitionRecord, MetaobjectRecord } from "../../data/records.ts";
import { metaobjectPayload } from "../../webhooks/payloads.ts";
import type { Context, Fields } from "../context.ts";
import { metaobjectDefinition } from "../fields/metaobjects.ts";
import { refuseValue } from "./inputs.ts";

interface ObjectInput {
  readonly handle?: string | null;
  readonly fields?: readonly { readonly key: string; readonly value: string }[] | null;
  readonly values?: Readonly<Record<string, unknown>> | null;
}

const failed = (code: string, message: string, field: readonly string[], elementKey: string | null = null): object => ({ metaobject: null, userErrors: [{ code, message, field, elementKey, elementIndex: null }] });

export const metaobjectMutations: Fields<unknown> = {
  metaobjectCreate: (_source, args, context) => {
    const input = args["metaobject"] as ObjectInput & { readonly type: string };
    return save(null, input.type, input, context);
  },
  metaobjectUpsert: (_source, args, context) => {
    const handle = args["handle"] as { readonly type: string; readonly handle: string };
    const input = (args["metaobject"] ?? {}) as ObjectInput;
    return save(byHandle(handle.type, handle.handle, context), handle.type, { ...input, handle: input.handle ?? handle.handle, values: args["values"] as Readonly<Record<string, unknown>> | null }, context);
  },
  metaobjectUpdate: (_source, args, context) => {
    const before = objectById(args["id"], context);
    return before === null ? failed("RECORD_NOT_FOUND", "Record not found", ["id"]) : save(before, before.type, args["metaobject"] as ObjectInput, context);
  },
  metaobjectDelete: (_source, args, context) => {
    const before = objectById(args["id"], context);
    if (before === null) return { deletedId: null, userErrors: [{ code: "RECORD_NOT_FOUND", message: "Record not found", field: ["id"], elementKey: null, elementIndex: null }] };
    context.data.removeMetaobject(before.id);
    context.webhooks.emit("metaobjects/delete", () => ({ id: gid("Metaobject", before.id), type: before.type, handle: before.handle }));
    return { deletedId: gid("Metaobject", before.id), userErrors: [] };
  },
};

function save(before: MetaobjectRecord | null, type: string, input: ObjectInput, context: Context): object {
  const definition = metaobjectDefinition(context.data, type);
  if (definition === null) return failed("UNDEFINED_OBJECT_TYPE", `No metaobject definition exists for type "${type}"`, ["metaobject", "type"]);
  const given = new Map([...(input.fields ?? []).map(({ key, value }) => [key, value] as const), ...Object.entries(input.values ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const)]);
  for (const [key, value] of given) {
    const field = definition.fieldDefinitions.find((one) => one.key === key);
    if (field === undefined) return failed("UNDEFINED_OBJECT_FIELD", `Field definition "${key}" does not exist`, ["metaobject", "fields"], key);
    const refusal = value === "" ? null : refuseValue(field.type, value);
    if (refusal !== null) return failed(refusal.code, refusal.message, ["metaobject", "fields"], key);
  }
  const fields = definition.fieldDefinitions.map((field) => ({ key: field.key, type: field.type, value: given.has(field.key) ? given.get(field.key) || null : (before?.fields.find((one) => one.key === field.key)?.value ?? null) }));
  const missing = definition.fieldDefinitions.find((field) => field.required && (fields.find((one) => one.key === field.key)?.value ?? "") === "");
  if (missing !== undefined) return failed("OBJECT_FIELD_REQUIRED", `${missing.name} can't be blank`, ["metaobject", "fields"], missing.key);
  const now = context.data.stamp(context.clock.now());
  const id = before?.id ?? context.data.newId();
  const displayName = displayNameOf(definition, fields, id);
  const handle = input.handle ?? before?.handle ?? slug(displayName, id);
  const other = byHandle(type, handle, context);
  if (other !== null && other.id !== id) return failed("TAKEN", "Handle has already been taken", ["metaobject", "handle"]);
  const record: MetaobjectRecord = { id, createdAt: before?.createdAt ?? now, updatedAt: now, type, handle, displayName, fields };
  context.data.putMetaobject(record);
  context.webhooks.emit(before === null ? "metaobjects/create" : "metaobjects/update", () => metaobjectPayload(record));
  return { metaobject: record, userErrors: [] };
}

function displayNameOf(definition: MetaobjectDefinitionRecord, fields: MetaobjectRecord["fields"], id: number): string {
  return fields.find((field) => field.key === definition.displayNameKey)?.value ?? `${definition.name} #${String(id).slice(-5)}`;
}

function slug(text: string, id: number): string {
  return `${text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40)}-${id.toString(36).slice(-6)}`;
}

function byHandle(type: string, handle: string, { data }: Context): MetaobjectRecord | null {
  const id = data.metaobjectIdByHandle(type, handle);
  return id === null ? null : data.metaobjects.get(id);
}

function objectById(id: unknown, context: Context): MetaobjectRecord | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Metaobject" ? context.data.metaobjects.get(parsed.id) : null;
}
