/** The shop's own counts, and what they can prove about a stream that was read while people were shopping. */
import { z } from "zod";
import type { Gap } from "#app/vault/index.ts";
import type { ShopifyClient } from "./client.ts";
import type { CountQuery } from "./catalogue/kind.ts";

const Count = z.object({ count: z.number(), precision: z.enum(["EXACT", "AT_LEAST"]) });

/** Null: the shop only says "at least so many", which proves nothing. */
export async function countNow(client: ShopifyClient, count: CountQuery, signal: AbortSignal): Promise<number | null> {
  const answer = await client.query(count.query, {}, z.object({ [count.field]: Count.nullable() }), signal);
  const found = answer[count.field];
  return found?.precision === "EXACT" ? found.count : null;
}

export interface CountWindow {
  /** Right before the stream was requested, and right after it was prepared. */
  readonly before: number | null;
  readonly after: number | null;
  readonly at: string;
}

export type Expectation = { readonly kind: "known"; readonly expected: number; readonly at: string } | { readonly kind: "unknown" };

/**
 * What the shop says there should be. When the count moved during the run, any number that the shop went through on the way is as true as
 * another: a found number within the window is taken as the shop's own at that instant, one outside it is compared with the nearer end.
 */
export function expectation(window: CountWindow, found: number): Expectation {
  if (window.before === null || window.after === null) return { kind: "unknown" };
  const low = Math.min(window.before, window.after);
  const high = Math.max(window.before, window.after);
  return { kind: "known", expected: Math.min(high, Math.max(low, found)), at: window.at };
}

export function unknownCount(stream: string, kind: string): Gap {
  return { code: "count.unknown", stream, kind };
}
