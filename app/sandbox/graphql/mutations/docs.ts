/** Writes records of the kinds kept as documents, and says so by webhook. */
import type { Doc } from "../../data/doc-store.ts";
import { gid } from "../../data/gid.ts";
import type { MetafieldRecord } from "../../data/records.ts";
import type { ShopData } from "../../data/shop-data.ts";
import type { DocKind } from "../../kinds/kind.ts";
import type { Webhooks } from "../../webhooks/webhooks.ts";
import type { Context } from "../context.ts";
import { iso } from "../context.ts";
import { mergeMetafields } from "./inputs.ts";
import type { MetafieldInput, UserError } from "./inputs.ts";
import { heard } from "../../webhooks/quiet-metafields.ts";

interface Around {
  readonly data: ShopData;
  readonly webhooks: Pick<Webhooks, "emit" | "quietMetafields">;
  readonly clock: Context["clock"];
}

/** Keeps a record as it is now; `before` null: it is new. Its times are set here. */
export function saveDoc(around: Around, kind: DocKind, before: Doc | null, members: Readonly<Record<string, unknown>> & { readonly id: number }): Doc {
  const now = around.data.stamp(around.clock.now());
  const { record: doc, told } = heard<Doc>(around.webhooks, before, { ...members, id: members.id, createdAt: before?.createdAt ?? now, updatedAt: now });
  around.data.putDoc(kind.type, doc);
  const topic = before === null ? kind.topics?.create : kind.topics?.update;
  if (topic !== undefined && told) around.webhooks.emit(topic, () => docPayload(kind, doc));
  return doc;
}

export function deleteDoc(around: Around, kind: DocKind, doc: Doc): void {
  around.data.store(kind.type).remove(doc.id);
  const topic = kind.topics?.delete;
  if (topic !== undefined) around.webhooks.emit(topic, () => ({ id: doc.id, admin_graphql_api_id: gid(kind.payloadName ?? gidType(kind, doc), doc.id), ...(kind.wholeOnDelete === true ? kind.payload?.(doc) : {}) }));
}

export function docPayload(kind: DocKind, doc: Doc): object {
  return { id: doc.id, admin_graphql_api_id: gid(kind.payloadName ?? gidType(kind, doc), doc.id), created_at: iso(doc.createdAt), updated_at: iso(doc.updatedAt), ...kind.payload?.(doc) };
}

/** The type a record's gid is spelt with. */
export function gidType(kind: DocKind, doc: Doc): string {
  return kind.alsoNamed === undefined || typeof doc["__typename"] !== "string" ? kind.type : doc["__typename"];
}

export function savedMetafields(context: Context, ownerType: string, before: Doc | null, inputs: readonly MetafieldInput[] | null | undefined, at: (index: number) => readonly string[]): { readonly fields: readonly MetafieldRecord[]; readonly errors: readonly UserError[] } {
  return mergeMetafields(context, ownerType, before?.metafields ?? [], inputs ?? [], context.data.stamp(context.clock.now()), at);
}
