/** Metaobjects of every type: pages where there are few, one bulk query a type where there are many. */
import { z } from "zod";
import { batchOf, type Gap, type RecordBatch, type SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import { readRecords, recordsOf, type RecordReading } from "../../records/index.ts";
import type { BulkQuery } from "../bulk.ts";
import type { Kind } from "../catalogue/kind.ts";
import { expectation } from "../counts.ts";
import { incremental } from "./bulk-stream.ts";
import type { Reading } from "./reading.ts";
import { bytesOf, pages } from "./pages.ts";

/** From here on a bulk operation (three small requests and a download) is cheaper than pages of 100. */
const MANY = 1000;

const TYPES = `#graphql
  query MetaobjectTypes($after: String) {
    metaobjectDefinitions(first: 100, after: $after) { nodes { type metaobjectsCount } pageInfo { hasNextPage endCursor } }
  }
`;
const Types = z.object({
  metaobjectDefinitions: z.object({
    nodes: z.array(z.object({ type: z.string(), metaobjectsCount: z.number() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

export const METAOBJECT_TYPES_QUERY = TYPES;

export function metaobjectStream(reading: Reading, kind: Kind): SourceStream {
  const { read } = kind;
  const search = reading.changed(kind.stream) ?? undefined;
  const bulks: { readonly bulk: BulkQuery; readonly lines: RecordReading; records: number }[] = [];
  const gaps: Gap[] = [];
  let pagedBytes = 0;
  let found = 0;
  let before = 0;
  let from: string | undefined;

  async function* batches(): AsyncGenerator<RecordBatch> {
    if (read.how !== "by-type") return;
    from = reading.clock.now().toISOString();
    const types = await typesNow(reading.client, reading.signal);
    before = types.reduce((sum, { count }) => sum + count, 0);
    // The shop prepares the large types while the small ones are read.
    for (const { type, count } of types) {
      if (count <= MANY) continue;
      const bulk = reading.bulk(`${kind.stream}/${type}`, read.bulkQuery(type, search), () => Promise.resolve(count));
      bulk.begin();
      bulks.push({ bulk, lines: readRecords(bulk.bytes(), { stream: kind.stream }), records: 0 });
    }
    for (const { type, count } of types) {
      if (count > MANY) continue;
      reading.progress(kind.stream, "downloading");
      for await (const batch of pages(reading, { kind, query: read.query, connection: read.connection, window: null, onGap: (gap) => gaps.push(gap) }, { type })) {
        pagedBytes += bytesOf(batch);
        found += batch.length;
        yield batchOf(batch);
      }
    }
    for (const part of bulks) {
      for await (const batch of part.lines.batches()) {
        part.records += batch.count;
        found += batch.count;
        yield batch;
      }
    }
  }

  return {
    name: kind.stream,
    batches,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      for await (const batch of batches()) yield recordsOf(batch);
    },
    async finish(): Promise<StreamOutcome> {
      for (const { bulk, lines, records } of bulks) {
        gaps.push(...lines.gaps, ...bulk.gaps.map((gap) => ({ ...gap, stream: kind.stream })));
        if (bulk.objects !== null && records < bulk.objects) gaps.push({ code: "count.mismatch", stream: kind.stream, expected: bulk.objects, found: records });
      }
      const bytesRead = pagedBytes + bulks.reduce((sum, { lines }) => sum + lines.bytesRead, 0);
      if (search !== undefined && bulks.length > 0) return { gaps: [...gaps, incremental(kind.stream)], counts: {}, bytesRead };
      const after = (await typesNow(reading.client, reading.signal)).reduce((sum, { count }) => sum + count, 0);
      const at = reading.clock.now().toISOString();
      const said = expectation({ before, after, at, drift: await reading.drift(kind.kind, from, at) }, found);
      return { gaps, counts: said.kind === "known" ? { [kind.kind]: { expected: said.expected, at: said.at } } : {}, bytesRead };
    },
  };
}

export async function typesNow(client: Reading["client"], signal: AbortSignal): Promise<{ type: string; count: number }[]> {
  const types: { type: string; count: number }[] = [];
  let after: string | null = null;
  for (;;) {
    const { metaobjectDefinitions: page }: z.infer<typeof Types> = await client.query(TYPES, { after }, Types, signal);
    types.push(...page.nodes.map(({ type, metaobjectsCount }) => ({ type, count: metaobjectsCount })));
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return types;
    after = page.pageInfo.endCursor;
  }
}
