/** Shopify's global ids: gid://shopify/<Type>/<number>, numbers of 13 digits that grow by kind. Nobody but the shop chooses one. */

export type GidType =
  | "Customer" | "Order" | "MailingAddress" | "Metafield" | "LineItem" | "Metaobject" | "MetaobjectDefinition" | "MetafieldDefinition"
  | "Shop" | "App" | "AppInstallation" | "BulkOperation" | "WebhookSubscription" | "StaffMember";

export function gid(type: GidType, id: number, model?: string): string {
  return model === undefined ? `gid://shopify/${type}/${id}` : `gid://shopify/${type}/${id}?model_name=${model}`;
}

const GID = /^gid:\/\/shopify\/([A-Za-z]+)\/(\d{1,16})(?:\?[^/]*)?$/;

/** Null for text that is no gid. Any type name passes: an unknown type names nothing. */
export function parseGid(text: string): { readonly type: string; readonly id: number } | null {
  const match = GID.exec(text);
  return match === null ? null : { type: match[1] as string, id: Number(match[2]) };
}

/** The distance between neighbouring ids of one kind. */
export const ID_STEP = 32768;
/** Where the ids of generated children start, and how many each record has room for. Ids made later start at `MADE_IDS`. */
export const CHILD_IDS = {
  address: { from: 1_000_000_000_000, room: 4, step: ID_STEP },
  customerMetafield: { from: 2_000_000_000_000, room: 16, step: 512 },
  orderMetafield: { from: 3_000_000_000_000, room: 16, step: 512 },
  lineItem: { from: 4_000_000_000_000, room: 8, step: ID_STEP },
} as const;
export const MADE_IDS = 8_000_000_000_000;

export type ChildIds = (typeof CHILD_IDS)[keyof typeof CHILD_IDS];

export function childId(ids: ChildIds, owner: number, slot: number): number {
  return ids.from + (owner * ids.room + slot) * ids.step;
}

/** The index of the generated record that owns this child, or -1. */
export function ownerOfChild(ids: ChildIds, id: number): number {
  const slots = (id - ids.from) / ids.step;
  return Number.isInteger(slots) && slots >= 0 && id < MADE_IDS ? Math.floor(slots / ids.room) : -1;
}
