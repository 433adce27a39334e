/**
 * Reads a connection page by page; a node with children becomes several records, as a bulk export would give them. The platform stops paginating
 * after 25,000 objects: where the connection can be searched in its own order, reading goes on in a new window behind the last one seen; where it cannot,
 * the rest is a named gap.
 */
import { z } from "zod";
import type { Gap, SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import { completed } from "../catalogue/current.ts";
import type { Kind } from "../catalogue/kind.ts";
import { recordsOfNode } from "../catalogue/nodes.ts";
import { PAGINATION_CAP } from "../counts.ts";
import { PageSize, withSize } from "./page-size.ts";
import type { Reading } from "./reading.ts";

export { PAGINATION_CAP } from "../counts.ts";

export interface PagedConnection {
  readonly kind: Kind;
  readonly query: string;
  readonly connection: string;
  /** See PagedRead.window. */
  readonly window: { readonly by: "id"; readonly base: string | null } | null;
  readonly onGap: (gap: Gap) => void;
}

export async function* pages(reading: Reading, what: PagedConnection, variables: Readonly<Record<string, unknown>>): AsyncGenerator<readonly SourceRecord[]> {
  const { kind, connection, window } = what;
  const Page = z.object({
    [connection]: z.object({
      nodes: z.array(z.record(z.string(), z.unknown())),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  });
  const text = withSize(what.query, connection);
  const size = new PageSize(reading.client, text);
  let after: string | null = null;
  let inWindow = 0;
  let search = window?.base ?? null;
  let lastId = "";
  for (;;) {
    // The platform counts what is asked for from the start of the window on.
    const asked: number = Math.min(size.now, PAGINATION_CAP - inWindow);
    let page: z.infer<typeof Page>[string] | undefined;
    try {
      const given: Record<string, unknown> = { ...variables, after, first: asked, ...(window === null ? {} : { search }) };
      page = (await reading.client.query(text, given, Page, reading.signal))[connection];
    } catch (error) {
      if (error instanceof SourceError && error.reason === "MAX_COST_EXCEEDED" && size.shrink()) continue;
      throw error;
    }
    if (page === undefined) throw new SourceError("source.schema_mismatch", `the shop's answer has no ${connection}`);
    size.learn(asked);
    const records: SourceRecord[] = [];
    for (const node of page.nodes) {
      const whole = await completed(kind, node, reading.ask);
      // Null: deleted between the page and the rest of its children, so it is not in the shop any more.
      if (whole !== null) records.push(...recordsOfNode(kind, whole));
      lastId = String(node["id"]);
    }
    if (records.length > 0) yield records;
    inWindow += page.nodes.length;
    // Its end is what the shop calls the end, and nothing else: nothing counts what most of these kinds should be.
    if (!page.pageInfo.hasNextPage) return;
    if (page.pageInfo.endCursor === null) {
      what.onGap({ code: "stream.partial", stream: kind.stream, reason: "NO_CURSOR" });
      return;
    }
    after = page.pageInfo.endCursor;
    if (inWindow < PAGINATION_CAP) continue;
    const number = /(\d+)$/.exec(lastId)?.[1];
    if (window === null || number === undefined) {
      what.onGap({ code: "stream.partial", stream: kind.stream, reason: "PAGINATION_LIMIT" });
      return;
    }
    search = `${window.base === null ? "" : `${window.base} AND `}id:>${number}`;
    after = null;
    inWindow = 0;
  }
}

export function bytesOf(batch: readonly SourceRecord[]): number {
  return batch.reduce((sum, record) => sum + record.bytes.byteLength, 0);
}
