/**
 * The comparable form of records: what must be equal in a shop and in its restored copy.
 *
 * Ids are those of the original: a root's own through the id map, a child's by its natural key (metafield: owner, namespace and key; line item:
 * owner and place; address: owner and content). What the catalogue lists as a loss is left out. The bytes are JSON with sorted keys.
 */
import { createHash } from "node:crypto";
import type { SourceRecord } from "#app/vault/index.ts";
import { CATALOGUE } from "./catalogue/all.ts";
import { asList, asObject, type Kind, type LossReason, type Losses, type Node } from "./catalogue/kind.ts";
import { isReferenceType, refersOutside, rewrite } from "./references.ts";
import { parseNode } from "./restore/families.ts";

type Fields = Record<string, unknown>;
/** Old id for an id of this side; undefined when it has none. */
type OldId = (id: string) => string | undefined;
export type Comparable = (record: SourceRecord) => SourceRecord | null;

const ROOTS = new Map<string, Kind>(CATALOGUE.map((kind) => [kind.kind, kind]));
const CHILD_LOSSES = new Map<string, Losses>(CATALOGUE.flatMap((kind) => kind.children.map((child) => [child.kind, child.losses] as const)));
const SETTABLE_CONSENT: ReadonlySet<unknown> = new Set(["SUBSCRIBED", "UNSUBSCRIBED", "PENDING"]);

export const shopifyComparison = {
  original: (): Comparable => comparable((id) => id),
  restored: (ids: ReadonlyMap<string, string>): Comparable => {
    const back = new Map<string, string>();
    for (const [old, now] of ids) back.set(now, old);
    return comparable((id) => back.get(id));
  },
  fields: differingFields,
  losses: allLosses(),
};

function comparable(oldId: OldId): Comparable {
  /** Default address of customers whose addresses have not come yet; next place by order; equal addresses met by owner. */
  const defaults = new Map<string, string>();
  const places = new Map<string, number>();
  const twins = new Map<string, number>();
  const next = (map: Map<string, number>, key: string): number => {
    const n = map.get(key) ?? 0;
    map.set(key, n + 1);
    return n;
  };

  return (record) => {
    const node = parseNode(record);
    const root = ROOTS.get(node.kind);
    if (root !== undefined) {
      const defaultAddress = asObject(node.fields["defaultAddress"])?.["id"];
      if (typeof defaultAddress === "string") defaults.set(node.id, defaultAddress);
      return made(node.kind, oldId(node.id) ?? `new:${node.id}`, null, rootFields(node, root, oldId));
    }
    const losses = CHILD_LOSSES.get(node.kind);
    if (losses === undefined || node.parentId === null) return null;
    const parent = oldId(node.parentId) ?? `new:${node.parentId}`;
    const fields = without(node.fields, losses);
    if (node.kind === "Metafield") return metafield(parent, fields, oldId);
    if (node.kind === "LineItem") return made(node.kind, `${parent}#line-item/${next(places, parent)}`, parent, fields);
    const isDefault = defaults.get(node.parentId) === node.id;
    if (isDefault) defaults.delete(node.parentId);
    const content = { ...fields, default: isDefault };
    const name = createHash("sha256").update(canonical(content)).digest("hex").slice(0, 24);
    const id = `${parent}#address/${name}`;
    return made(node.kind, `${id}/${next(twins, id)}`, parent, content);
  };
}

function rootFields(node: Node, kind: Kind, oldId: OldId): Fields {
  const fields = without(node.fields, kind.losses);
  if (kind.kind === "Customer") {
    // Which address is the default one is said by the address.
    delete fields["defaultAddress"];
    const email = asObject(fields["defaultEmailAddress"]);
    if (email !== null && !SETTABLE_CONSENT.has(email["marketingState"])) fields["defaultEmailAddress"] = { emailAddress: email["emailAddress"] };
    const phone = asObject(fields["defaultPhoneNumber"]);
    const sms = asObject(phone?.["smsMarketingConsent"]);
    if (phone !== null && !SETTABLE_CONSENT.has(sms?.["state"])) fields["defaultPhoneNumber"] = { phoneNumber: phone["phoneNumber"] };
  }
  if (kind.kind === "Order") {
    const customer = asObject(fields["customer"])?.["id"];
    fields["customer"] = typeof customer === "string" ? (oldId(customer) ?? `new:${customer}`) : null;
  }
  if (kind.kind === "Metaobject") fields["fields"] = asList(fields["fields"]).map((item) => metaobjectField(asObject(item) ?? {}, oldId));
  if (kind.kind === "MetafieldDefinition") fields["validations"] = validations(fields["validations"], oldId);
  if (kind.kind === "MetaobjectDefinition") {
    fields["fieldDefinitions"] = asList(fields["fieldDefinitions"]).map((item) => ({ ...asObject(item), validations: validations(asObject(item)?.["validations"], oldId) }));
  }
  return fields;
}

function metafield(parent: string, fields: Fields, oldId: OldId): SourceRecord | null {
  const { namespace, key, type, value } = fields;
  if (typeof type === "string" && typeof value === "string" && isReferenceType(type)) {
    if (refersOutside(type, value)) return null;
    fields["value"] = rewrite(type, value, oldId) ?? value;
  }
  return made("Metafield", `${parent}#metafield/${String(namespace)}.${String(key)}`, parent, fields);
}

function metaobjectField(field: Readonly<Fields>, oldId: OldId): Fields {
  const { type, value } = field;
  if (typeof type !== "string" || typeof value !== "string" || !isReferenceType(type)) return { ...field };
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

function made(kind: string, id: string, parentId: string | null, fields: Fields): SourceRecord {
  return { kind, id, parentId, bytes: Buffer.from(canonical(fields), "utf8") };
}

/** JSON with the keys of every object sorted. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const object = asObject(item);
    if (object === null) return item;
    return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

function differingFields(a: Uint8Array, b: Uint8Array): readonly string[] {
  const one = fieldsOf(a);
  const other = fieldsOf(b);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => canonical(one[name] ?? null) !== canonical(other[name] ?? null)).sort();
}

function fieldsOf(bytes: Uint8Array): Fields {
  return { ...(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as Fields) };
}

function allLosses(): { kind: string; field: string; reason: string }[] {
  const rows: { kind: string; field: string; reason: LossReason }[] = [];
  const seen = new Set<string>();
  const add = (kind: string, losses: Losses): void => {
    if (seen.has(kind)) return;
    seen.add(kind);
    for (const [field, reason] of Object.entries(losses)) rows.push({ kind, field, reason });
  };
  for (const kind of CATALOGUE) {
    add(kind.kind, kind.losses);
    for (const child of kind.children) add(child.kind, child.losses);
  }
  rows.push({ kind: "Customer", field: "defaultEmailAddress.marketingState (never asked, invalid, redacted)", reason: "platform.history" });
  rows.push({ kind: "Customer", field: "defaultPhoneNumber.smsMarketingConsent.state (never asked, redacted)", reason: "platform.history" });
  rows.push({ kind: "Metafield", field: "value (reference to a product or file)", reason: "kind.not_restored" });
  rows.push({ kind: "Metaobject", field: "fields (reference to a product or file)", reason: "kind.not_restored" });
  return rows;
}
