/** Reads a connection page by page. A node becomes a record whose bytes are its JSON text. */
import { z } from "zod";
import type { SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import { identify } from "../../records/index.ts";
import type { Reading } from "./reading.ts";

/** The platform stops paginating after this many objects (https://shopify.dev/docs/api/usage/limits#pagination-limits). */
export const PAGINATION_CAP = 25_000;

export async function* pages(reading: Reading, query: string, connection: string, variables: Readonly<Record<string, unknown>>): AsyncGenerator<readonly SourceRecord[]> {
  const Page = z.object({
    [connection]: z.object({
      nodes: z.array(z.record(z.string(), z.unknown())),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  });
  let after: string | null = null;
  for (;;) {
    const page: z.infer<typeof Page>[string] | undefined = (await reading.client.query(query, { ...variables, after }, Page, reading.signal))[connection];
    if (page === undefined) throw new SourceError("source.schema_mismatch", `the shop's answer has no ${connection}`);
    if (page.nodes.length > 0) yield page.nodes.map(toRecord);
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return;
    after = page.pageInfo.endCursor;
  }
}

function toRecord(node: Readonly<Record<string, unknown>>): SourceRecord {
  const text = JSON.stringify(node);
  const identity = identify(text);
  if (typeof identity === "string") throw new SourceError("source.schema_mismatch", "the shop answered a node without an id");
  return { kind: identity.kind, id: identity.id, parentId: null, bytes: Buffer.from(text, "utf8") };
}

export function bytesOf(batch: readonly SourceRecord[]): number {
  return batch.reduce((sum, record) => sum + record.bytes.byteLength, 0);
}
