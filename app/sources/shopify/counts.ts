/** The shop's own counts, and what they can prove about a stream that was read while people were shopping. */
import { z } from "zod";
import type { Gap } from "#app/vault/index.ts";
import type { ShopifyClient } from "./client.ts";
import type { CountQuery, Kind } from "./catalogue/kind.ts";

const Count = z.object({ count: z.number(), precision: z.enum(["EXACT", "AT_LEAST"]) });

/** Null: the shop only says "at least so many", which proves nothing. */
export async function countNow(client: ShopifyClient, count: CountQuery, signal: AbortSignal): Promise<number | null> {
  if (count.summed !== undefined) return await sumOfParents(client, count, count.summed.connection, signal);
  const answer = await client.query(count.query, {}, z.object({ [count.field]: Count.nullable() }), signal);
  const found = answer[count.field];
  return found?.precision === "EXACT" ? found.count : null;
}

/** Over all parents, in the order of their ids. Null: one of them is not counted to its end, or the shop broke off. */
async function sumOfParents(client: ShopifyClient, { query, field }: CountQuery, connection: string, signal: AbortSignal): Promise<number | null> {
  const Page = z.object({
    [connection]: z.object({ nodes: z.array(z.record(z.string(), z.unknown())), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }) }),
  });
  let sum = 0;
  let search: string | null = null;
  let after: string | null = null;
  for (let inWindow = 0; ; ) {
    const page: z.infer<typeof Page>[string] | undefined = (await client.query(query, { search, after }, Page, signal))[connection];
    if (page === undefined) return null;
    for (const node of page.nodes) {
      const found = Count.safeParse(node[field]).data;
      if (found?.precision !== "EXACT") return null;
      sum += found.count;
    }
    inWindow += page.nodes.length;
    if (!page.pageInfo.hasNextPage) return sum;
    if (page.pageInfo.endCursor === null) return null;
    after = page.pageInfo.endCursor;
    if (inWindow < PAGINATION_CAP) continue;
    const last: string | undefined = /(\d+)$/.exec(String(page.nodes.at(-1)?.["id"]))?.[1];
    if (last === undefined) return null;
    search = `id:>${last}`;
    after = null;
    inWindow = 0;
  }
}

/** https://shopify.dev/docs/api/usage/limits#pagination-limits */
export const PAGINATION_CAP = 25_000;

/** Fewer than the 10,000 that the platform counts to, so that a few more in a window do not matter (https://shopify.dev/docs/api/admin-graphql/latest/queries/eventsCount). */
export const COUNTED_AT_ONCE = 9_000;

/**
 * How many there are up to an id, over windows of ids that each can be counted to its end. `bounds`: the last id number of each window, ascending; what came
 * behind the last does not count. Null: there are more in a window than can be counted.
 */
export async function countByWindows(client: ShopifyClient, { field, windowed }: CountQuery & { readonly windowed: NonNullable<CountQuery["windowed"]> }, bounds: readonly string[], signal: AbortSignal): Promise<number | null> {
  let sum = 0;
  for (const [n, bound] of bounds.entries()) {
    const search = [windowed.base, ...(n === 0 ? [] : [`id:>${String(bounds[n - 1])}`]), `id:<=${bound}`].join(" AND ");
    const found = (await client.query(windowed.query, { search }, z.object({ [field]: Count.nullable() }), signal))[field];
    if (found?.precision !== "EXACT") return null;
    sum += found.count;
  }
  return sum;
}

/** What is known, from webhooks, to have come and gone within a time. */
export interface Drift {
  readonly created: number;
  readonly deleted: number;
}

export interface CountWindow {
  /** Right before the stream was requested, and right after it was read. */
  readonly before: number | null;
  readonly after: number | null;
  /** Of the second count, ISO 8601 UTC. */
  readonly at: string;
  /** Null: nobody captures changes of this kind, or not all of the time in between. */
  readonly drift: Drift | null;
}

export type Expectation = { readonly kind: "known"; readonly expected: number; readonly at: string } | { readonly kind: "unknown" };

/**
 * What the shop says there should be. When the count moved during the run, any number that the shop went through on the way is as true as
 * another: a found number within the window is taken as the shop's own at that instant, one outside it is compared with the nearer end.
 *
 * The two counts do not show all of the way: one who comes and one who goes leave them equal, and the copy was made in between. Captured changes do: the
 * count was never below `before - deleted` nor above `before + created`, and the same seen from the end.
 */
export function expectation(window: CountWindow, found: number): Expectation {
  const { before, after, drift } = window;
  if (before === null || after === null) return { kind: "unknown" };
  const created = drift?.created ?? 0;
  const deleted = drift?.deleted ?? 0;
  const low = Math.min(before, after, Math.max(before - deleted, after - created));
  const high = Math.max(before, after, Math.min(before + created, after + deleted));
  return { kind: "known", expected: Math.min(high, Math.max(low, found)), at: window.at };
}

/** What a stream has to say about its roots. The vault compares a kind's count by its name; where the roots are of several types, it is compared here. */
export function reconciled(kind: Pick<Kind, "kind" | "types" | "stream"> & Partial<Pick<Kind, "count">>, said: Expectation, found: number): { readonly gaps: Gap[]; readonly counts: Record<string, { readonly expected: number; readonly at: string }> } {
  if (said.kind === "unknown") return { gaps: [unknownCount(kind.stream, kind.kind)], counts: {} };
  const { expected, at } = said;
  if (kind.count?.atLeast === true) return { gaps: expected > found ? [{ code: "count.mismatch", stream: kind.stream, kind: kind.kind, expected, found }] : [], counts: {} };
  if (kind.types.length === 1 && kind.types[0] === kind.kind) return { gaps: [], counts: { [kind.kind]: { expected, at } } };
  return { gaps: expected === found ? [] : [{ code: "count.mismatch", stream: kind.stream, kind: kind.kind, expected, found }], counts: {} };
}

export function unknownCount(stream: string, kind: string): Gap {
  return { code: "count.unknown", stream, kind };
}
