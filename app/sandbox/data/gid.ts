/** Shopify's global ids: gid://shopify/<Type>/<number>, numbers of 13 digits that grow by kind. Nobody but the shop chooses one. */

export type GidType =
  | "Customer" | "Order" | "MailingAddress" | "Metafield" | "LineItem" | "Metaobject" | "MetaobjectDefinition" | "MetafieldDefinition"
  | "Shop" | "App" | "AppInstallation" | "BulkOperation" | "WebhookSubscription" | "StaffMember"
  | (string & Record<never, never>);

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
  // Numbers repeat between types; within one they do not.
  shippingLine: { from: 4_000_000_000_000, room: 2, step: ID_STEP },
  transaction: { from: 4_000_000_000_000, room: 4, step: ID_STEP },
  fulfillment: { from: 4_000_000_000_000, room: 2, step: ID_STEP },
  fulfillmentLineItem: { from: 4_000_000_000_000, room: 8, step: ID_STEP },
  refund: { from: 4_000_000_000_000, room: 2, step: ID_STEP },
  refundLineItem: { from: 4_000_000_000_000, room: 8, step: ID_STEP },
  return: { from: 4_000_000_000_000, room: 2, step: ID_STEP },
  returnLineItem: { from: 4_000_000_000_000, room: 8, step: ID_STEP },
} as const;

/** Metafields of the kinds kept as documents: each kind has numbers of its own, between those of orders and of line items. */
export function metafieldIds(kind: number): ChildIds {
  return { from: 3_100_000_000_000 + kind * 50_000_000_000, room: 16, step: 512 };
}
export const METAFIELD_KINDS = 16;
export const MADE_IDS = 8_000_000_000_000;

export interface ChildIds {
  readonly from: number;
  /** Children that one record has numbers for. */
  readonly room: number;
  readonly step: number;
}

export function childId(ids: ChildIds, owner: number, slot: number): number {
  return ids.from + (owner * ids.room + slot) * ids.step;
}

/** The index of the generated record that owns this child, or -1. */
export function ownerOfChild(ids: ChildIds, id: number): number {
  const slots = (id - ids.from) / ids.step;
  return Number.isInteger(slots) && slots >= 0 && id < MADE_IDS ? Math.floor(slots / ids.room) : -1;
}
