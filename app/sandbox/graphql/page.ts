/** Pages of a connection: first/after, last/before, cursors and the platform's limits on both. */
import type { Position } from "../data/collection.ts";
import { RefusedError } from "./refused.ts";
import type { List } from "./list.ts";

/** Shopify's limits: 250 objects on a page, 25,000 objects by paging. */
export const MAX_PAGE = 250;
export const MAX_PAGED = 25_000;

export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
  readonly reverse?: boolean | null;
}

export interface Page<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null; readonly endCursor: string | null };
}

interface Cursor extends Position {
  /** Objects paged through up to here, this one included. */
  readonly seen: number;
}

export function pageOf<T>(list: List<T>, args: PageArguments, fieldName: string): Page<T> {
  const size = args.first ?? args.last;
  if (size == null) throw new RefusedError("BAD_REQUEST", `you must provide one of first or last`);
  if (args.first != null && args.last != null) throw new RefusedError("BAD_REQUEST", "providing both first and last is not supported");
  if (size < 0) throw new RefusedError("BAD_REQUEST", `${args.first == null ? "last" : "first"} cannot be negative`);
  if (size > MAX_PAGE) throw new RefusedError("BAD_REQUEST", `${args.first == null ? "last" : "first"} cannot exceed ${MAX_PAGE} (field '${fieldName}')`);
  const backwards = args.first == null;
  const after = args.after == null ? undefined : openCursor(args.after);
  const before = args.before == null ? undefined : openCursor(args.before);
  const start = (backwards ? before : after)?.seen ?? 0;
  if (start + size > MAX_PAGED && start > 0) throw new RefusedError("PAGINATION_LIMIT_EXCEEDED", `Pagination is limited to ${MAX_PAGED} objects. Narrow the query, or use a bulk operation.`);
  const reverse = args.reverse ?? false;
  // Walking backwards from the end of the order asked for is walking in the opposite order; the page is turned round afterwards.
  const [from, to] = backwards ? [before, after] : [after, before];
  const found: T[] = [];
  let more = false;
  for (const node of list.walk({ reverse: reverse !== backwards, ...(from === undefined ? {} : { after: from }), ...(to === undefined ? {} : { before: to }) })) {
    if (found.length === size) {
      more = true;
      break;
    }
    found.push(node);
  }
  const edges = found.map((node, at) => ({ node, cursor: sealCursor({ ...list.place(node), seen: start + at + 1 }) }));
  if (backwards) edges.reverse();
  return {
    nodes: edges.map((edge) => edge.node),
    edges,
    pageInfo: {
      hasNextPage: backwards ? before !== undefined : more,
      hasPreviousPage: backwards ? more : after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function sealCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify({ last_id: cursor.id, last_value: cursor.value, seen: cursor.seen })).toString("base64");
}

function openCursor(text: string): Cursor {
  try {
    const value = JSON.parse(Buffer.from(text, "base64").toString()) as { last_id: unknown; last_value: unknown; seen: unknown };
    if (typeof value.last_id === "number" && typeof value.last_value === "number" && typeof value.seen === "number") return { id: value.last_id, value: value.last_value, seen: value.seen };
  } catch {
    // falls through to the refusal below: what was sent is not one of our cursors
  }
  throw new RefusedError("BAD_REQUEST", "Invalid cursor for current pagination sort.");
}
