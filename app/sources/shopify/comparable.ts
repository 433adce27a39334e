/**
 * The comparable form of records: what must be equal in a shop and in its restored copy.
 *
 * Ids are those of the original: a root's own through the id map, a child's by its natural key (metafield: owner, namespace and key; line item:
 * owner and place; address: owner and content). What the catalogue lists as a loss is left out. The bytes are JSON with sorted keys.
 */
import { createHash } from "node:crypto";
import type { SourceRecord } from "#app/vault/index.ts";
import { CATALOGUE } from "./catalogue/all.ts";
import { asList, asObject, type Kind, type LossReason, type Losses, type Node, type NotRestored, type OldId } from "./catalogue/kind.ts";
import { isReferenceType, refersOutside, rewrite } from "./references.ts";
import { parseNode } from "./restore/families.ts";

type Fields = Record<string, unknown>;

/** In the place of a field: all of it. */
const WHOLE = "(all)";

export type Comparable = (record: SourceRecord) => SourceRecord | null;

const ROOTS = new Map<string, Kind>(CATALOGUE.flatMap((kind) => kind.types.map((type) => [type, kind] as const)));
const GID_TYPE = /^gid:\/\/shopify\/(\w+)\//;

export const shopifyComparison = {
  original: (): Comparable => comparable((id) => id),
  restored: (ids: ReadonlyMap<string, string>): Comparable => {
    const back = new Map<string, string>();
    for (const [old, now] of ids) back.set(now, old);
    return comparable((id) => back.get(id));
  },
  /**
   * Of one shop at two times: ids stand for themselves but for those in `ids` (old to new), and what refers to something that is gone equals no other. Of
   * records that are never created anew (products), what hangs on them counts.
   */
  living: (ids: ReadonlyMap<string, string>, gone: ReadonlySet<string> = new Set()): { readonly then: Comparable; readonly now: Comparable } => {
    const back = new Map<string, string>();
    for (const [old, now] of ids) back.set(now, old);
    return { then: comparable((id) => id, true), now: comparable((id) => back.get(id) ?? (gone.has(id) ? undefined : id), true) };
  },
  fields: differingFields,
  losses: allLosses(),
};

/** `living`: see shopifyComparison.living. */
export function comparable(oldId: OldId, living = false): Comparable {
  /** Default address of customers whose addresses have not come yet; next place by order; equal addresses met by owner. */
  const defaults = new Map<string, string>();
  const places = new Map<string, number>();
  const twins = new Map<string, number>();
  const next = (map: Map<string, number>, key: string): number => {
    const n = map.get(key) ?? 0;
    map.set(key, n + 1);
    return n;
  };

  /** Roots that are not written back, whose children therefore are not either. */
  const skipped = new Set<string>();

  return (record) => {
    const node = parseNode(record);
    const root = ROOTS.get(node.kind);
    if (root !== undefined) {
      if (root.write === null) return null;
      const defaultAddress = asObject(node.fields["defaultAddress"])?.["id"];
      if (typeof defaultAddress === "string") defaults.set(node.id, defaultAddress);
      const fields = rootFields(node, root, oldId, living);
      if (fields === null) skipped.add(node.id);
      return fields === null ? null : made(node.kind, oldId(node.id) ?? `new:${node.id}`, null, fields);
    }
    if (node.parentId === null) return null;
    const owner = ROOTS.get(GID_TYPE.exec(node.parentId)?.[1] ?? "");
    const child = owner?.children.find(({ kind }) => kind === node.kind);
    if (owner === undefined || child === undefined || child.notRestored !== undefined || skipped.has(node.parentId)) return null;
    if (owner.write === null && ((owner.adopted === undefined && !living) || child.kind !== "Metafield")) return null;
    const parent = oldId(node.parentId) ?? `new:${node.parentId}`;
    const kept = without(node.fields, child.losses);
    if (node.kind === "Metafield") return metafield(parent, kept, oldId, living);
    const fields = child.compared === undefined ? kept : child.compared(kept, oldId);
    if (fields === null) return null;
    const prefix = `${parent}#${node.kind}`;
    if (child.name !== undefined) return made(node.kind, `${prefix}/${child.name(node.fields)}`, parent, fields);
    if (child.ordered) return made(node.kind, `${prefix}/${next(places, prefix)}`, parent, fields);
    const isDefault = defaults.get(node.parentId) === node.id;
    if (isDefault) defaults.delete(node.parentId);
    const content = node.kind === "MailingAddress" ? { ...fields, default: isDefault } : fields;
    const id = `${prefix}/${createHash("sha256").update(canonical(content)).digest("hex").slice(0, 24)}`;
    return made(node.kind, `${id}/${next(twins, id)}`, parent, content);
  };
}

function rootFields(node: Node, kind: Kind, oldId: OldId, living: boolean): Fields | null {
  const fields = without(node.fields, kind.losses);
  if (kind.kind === "Metaobject") fields["fields"] = asList(fields["fields"]).map((item) => metaobjectField(asObject(item) ?? {}, oldId, living));
  if (kind.kind === "MetafieldDefinition") fields["validations"] = validations(fields["validations"], oldId);
  if (kind.kind === "MetaobjectDefinition") {
    fields["fieldDefinitions"] = asList(fields["fieldDefinitions"]).map((item) => ({ ...asObject(item), validations: validations(asObject(item)?.["validations"], oldId) }));
  }
  return kind.compared === undefined ? fields : kind.compared(fields, oldId);
}

function metafield(parent: string, fields: Fields, oldId: OldId, living: boolean): SourceRecord | null {
  const { namespace, key, type, value } = fields;
  if (typeof type === "string" && typeof value === "string" && isReferenceType(type)) {
    if (!living && refersOutside(type, value)) return null;
    fields["value"] = living ? rewritten(value, oldId) : (rewrite(type, value, oldId) ?? value);
  }
  return made("Metafield", `${parent}#metafield/${String(namespace)}.${String(key)}`, parent, fields);
}

/** Each id that stands for another as that one, and each that stands for none as one that equals no other. */
function rewritten(value: string, oldId: OldId): string {
  return rewrite("mixed_reference", value, (id) => oldId(id) ?? `gone:${id}`) ?? value;
}

function metaobjectField(field: Readonly<Fields>, oldId: OldId, living: boolean): Fields {
  const { type, value } = field;
  if (typeof type !== "string" || typeof value !== "string" || !isReferenceType(type)) return { ...field };
  if (living) return { ...field, value: rewritten(value, oldId) };
  return { ...field, value: refersOutside(type, value) ? null : (rewrite(type, value, oldId) ?? value) };
}

function validations(list: unknown, oldId: OldId): unknown[] {
  return asList(list).map((item) => {
    const validation = asObject(item);
    const { name, value } = validation ?? {};
    if (typeof name !== "string" || typeof value !== "string" || !name.startsWith("metaobject_definition_id")) return validation;
    return { ...validation, value: rewrite("metaobject_reference", value, oldId) ?? value };
  });
}

function without(fields: Readonly<Fields>, losses: Losses): Fields {
  const kept: Fields = {};
  for (const [name, value] of Object.entries(fields)) if (name !== "__parentId" && !(name in losses)) kept[name] = value;
  return kept;
}

function made(kind: string, id: string, parentId: string | null, fields: Readonly<Fields>): SourceRecord {
  return { kind, id, parentId, bytes: Buffer.from(canonical(fields), "utf8") };
}

/** JSON with the keys of every object sorted. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const object = asObject(item);
    if (object === null) return item;
    return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

export function differingFields(a: Uint8Array, b: Uint8Array): readonly string[] {
  const one = fieldsOf(a);
  const other = fieldsOf(b);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => canonical(one[name] ?? null) !== canonical(other[name] ?? null)).sort();
}

function fieldsOf(bytes: Uint8Array): Fields {
  return { ...(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as Fields) };
}

function allLosses(): { kind: string; field: string; reason: string }[] {
  const rows: { kind: string; field: string; reason: LossReason | NotRestored }[] = [];
  const seen = new Set<string>();
  const add = (kind: string, losses: Losses, notRestored: NotRestored | null): void => {
    if (seen.has(kind)) return;
    seen.add(kind);
    if (notRestored !== null) rows.push({ kind, field: WHOLE, reason: notRestored });
    else for (const [field, reason] of Object.entries(losses)) rows.push({ kind, field, reason });
  };
  for (const kind of CATALOGUE) {
    for (const type of kind.types) add(type, kind.losses, kind.notRestored);
    if (kind.write !== null) for (const child of kind.children) add(child.kind, child.losses, child.notRestored ?? null);
  }
  rows.push({ kind: "Customer", field: "defaultEmailAddress.marketingState (never asked, invalid, redacted)", reason: "platform.history" });
  rows.push({ kind: "Customer", field: "defaultPhoneNumber.smsMarketingConsent.state (never asked, redacted)", reason: "platform.history" });
  rows.push({ kind: "Customer", field: "defaultPhoneNumber.whatsAppMarketingConsent", reason: "platform.history" });
  rows.push({ kind: "DraftOrder", field: "(completed ones)", reason: "platform.history" });
  rows.push({ kind: "GiftCard", field: "(used up, disabled or expired ones)", reason: "platform.history" });
  rows.push({ kind: "Metafield", field: "value (reference to a product, variant or collection)", reason: "kind.not_restored" });
  rows.push({ kind: "Metaobject", field: "fields (reference to a product, variant or collection)", reason: "kind.not_restored" });
  return rows;
}
