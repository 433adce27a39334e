/** Mutations of metafields: set at most 25 at once, all or none, and only over what the caller has seen if it says so. */
import { gid, parseGid } from "../../data/gid.ts";
import type { MetafieldRecord } from "../../data/records.ts";
import { docKind } from "../../kinds/all.ts";
import type { DocKind } from "../../kinds/kind.ts";
import { customerPayload, orderPayload } from "../../webhooks/payloads.ts";
import { heard } from "../../webhooks/quiet-metafields.ts";
import type { Context, Fields } from "../context.ts";
import { compareDigest } from "../fields/metafields.ts";
import type { OwnedMetafield, OwnerType } from "../fields/metafields.ts";
import { saveDoc } from "./docs.ts";
import { mergeMetafields, ownNamespace } from "./inputs.ts";
import { allowOwner } from "./owner-access.ts";
import type { UserError } from "./inputs.ts";

export const MAX_SET = 25;

interface SetInput {
  readonly ownerId: string;
  readonly namespace?: string | null;
  readonly key: string;
  readonly type?: string | null;
  readonly value: string;
  readonly compareDigest?: string | null;
}

interface Owner {
  readonly type: OwnerType;
  readonly id: number;
  fields: readonly MetafieldRecord[];
  readonly kind?: DocKind;
}

export const metafieldMutations: Fields<unknown> = {
  metafieldsSet: (_source, args, context) => {
    const inputs = args["metafields"] as readonly SetInput[];
    const failed = (...userErrors: readonly UserError[]): object => ({ metafields: null, userErrors: userErrors.map((error) => ({ elementIndex: null, ...error })) });
    if (inputs.length > MAX_SET) return failed({ field: ["metafields"], message: `Exceeded the maximum metafields input limit of ${MAX_SET}.`, code: "LESS_THAN_OR_EQUAL_TO" });
    const now = context.data.stamp(context.clock.now());
    const owners = new Map<string, Owner>();
    const errors: UserError[] = [];
    const changed: { readonly owner: Owner; readonly namespace: string; readonly key: string }[] = [];
    inputs.forEach((input, index) => {
      const owner = owners.get(input.ownerId) ?? ownerOf(input.ownerId, context);
      if (owner === null) return errors.push({ field: ["metafields", String(index), "ownerId"], message: "Owner does not exist.", code: "INVALID" });
      allowOwner(context, "metafieldsSet", owner.type);
      owners.set(input.ownerId, owner);
      const namespace = ownNamespace(context, input.namespace);
      const before = owner.fields.find((field) => field.namespace === namespace && field.key === input.key);
      if (input.compareDigest !== undefined && (before === undefined ? input.compareDigest !== null : input.compareDigest !== compareDigest(before))) {
        return errors.push({ field: ["metafields", String(index)], message: "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value.", code: "STALE_OBJECT", elementIndex: index });
      }
      const merged = mergeMetafields(context, owner.type, owner.fields, [{ ...input, namespace }], now, () => ["metafields", String(index)]);
      errors.push(...merged.errors.map((error) => ({ elementIndex: index, ...error })));
      owner.fields = merged.fields;
      changed.push({ owner, namespace, key: input.key });
      return undefined;
    });
    if (errors.length > 0) return failed(...errors);
    for (const owner of owners.values()) keep(owner, now, context);
    return {
      metafields: changed.map(({ owner, namespace, key }): OwnedMetafield => ({ ...(owner.fields.find((field) => field.namespace === namespace && field.key === key) as MetafieldRecord), ownerType: owner.type, ownerId: owner.id })),
      userErrors: [],
    };
  },
  metafieldsDelete: (_source, args, context) => {
    const now = context.data.stamp(context.clock.now());
    const deleted = (args["metafields"] as readonly { ownerId: string; namespace: string; key: string }[]).map((wanted) => {
      const owner = ownerOf(wanted.ownerId, context);
      if (owner !== null) allowOwner(context, "metafieldsDelete", owner.type);
      const rest = owner?.fields.filter((field) => field.namespace !== wanted.namespace || field.key !== wanted.key);
      if (owner === null || rest === undefined || rest.length === owner.fields.length) return null;
      owner.fields = rest;
      keep(owner, now, context);
      return { ownerId: wanted.ownerId, namespace: wanted.namespace, key: wanted.key };
    });
    return { deletedMetafields: deleted, userErrors: [] };
  },
};

function ownerOf(id: string, { data }: Context): Owner | null {
  const parsed = parseGid(id);
  if (parsed?.type === "Customer") {
    const record = data.customers.get(parsed.id);
    return record === null ? null : { type: "CUSTOMER", id: record.id, fields: record.metafields };
  }
  if (parsed?.type === "Order") {
    const record = data.orders.get(parsed.id);
    return record === null ? null : { type: "ORDER", id: record.id, fields: record.metafields };
  }
  const kind = parsed === null ? undefined : docKind(parsed.type);
  if (parsed !== null && kind?.metafieldOwner !== undefined) {
    const doc = data.store(kind.type).get(parsed.id);
    return doc === null ? null : { type: kind.metafieldOwner, id: doc.id, fields: doc.metafields ?? [], kind };
  }
  return id === gid("Shop", data.shopId) ? { type: "SHOP", id: data.shopId, fields: data.shopMetafields } : null;
}

/** Whether the owner's updatedAt moves on the real platform is not documented; here it does, and its webhook fires, unless the fault `quietMetafields` is on. */
function keep(owner: Owner, now: number, context: Context): void {
  const { data, webhooks } = context;
  if (owner.kind !== undefined) {
    const before = data.store(owner.kind.type).get(owner.id);
    if (before !== null) saveDoc(context, owner.kind, before, { ...before, metafields: owner.fields });
  }
  if (owner.type === "SHOP") data.shopMetafields = owner.fields;
  if (owner.type === "CUSTOMER") {
    const before = data.customers.get(owner.id);
    if (before === null) return;
    const { record, told } = heard(webhooks, before, { ...before, updatedAt: now, metafields: owner.fields });
    data.putCustomer(record);
    if (told) webhooks.emit("customers/update", () => customerPayload(record));
  }
  if (owner.type === "ORDER") {
    const before = data.orders.get(owner.id);
    if (before === null) return;
    const { record, told } = heard(webhooks, before, { ...before, updatedAt: now, metafields: owner.fields });
    data.putOrder(record);
    if (told) webhooks.emit("orders/updated", () => orderPayload(record));
  }
}
