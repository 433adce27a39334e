/**
 * The other answer to a question that Shopify's documentation leaves open: here a change of nothing but metafields neither moves the owner's `updatedAt` nor fires its
 * webhook. Switched on by the fault `quietMetafields`.
 */
import type { Webhooks } from "./webhooks.ts";

interface Owned {
  readonly updatedAt: number;
}

/** The record as it is to be kept, and whether anybody is told. */
export function heard<T extends Owned>(webhooks: Pick<Webhooks, "quietMetafields">, before: T | null, after: T): { readonly record: T; readonly told: boolean } {
  if (before === null || !webhooks.quietMetafields || rest(before) !== rest(after)) return { record: after, told: true };
  return { record: { ...after, updatedAt: before.updatedAt }, told: false };
}

function rest(record: Owned): string {
  return JSON.stringify({ ...record, updatedAt: 0, metafields: null });
}
