/**
 * A Shopify shop as a source: the catalogue's kinds as streams of records. Bulk operations are all requested at the beginning, so that the
 * shop prepares them while the smaller kinds are read page by page.
 */
import { z } from "zod";
import type { Clock } from "#app/vault/index.ts";
import type { ResumeState, Source, SourceDescription, SourceProgress, SourceRun, SourceStream } from "../port.ts";
import { BulkQuery, type BulkResume } from "./bulk.ts";
import { CATALOGUE, ORDERED_KINDS } from "./catalogue/all.ts";
import type { Kind } from "./catalogue/kind.ts";
import { API_VERSION, ShopifyClient, type ShopifyClientOptions } from "./client.ts";
import { countNow } from "./counts.ts";
import { Operations } from "./operations.ts";
import { bulkStream } from "./streams/bulk-stream.ts";
import { metaobjectStream } from "./streams/metaobject-stream.ts";
import { pagedStream } from "./streams/paged-stream.ts";
import type { Reading } from "./streams/reading.ts";

export interface ShopifySourceOptions extends ShopifyClientOptions {
  readonly clock: Clock;
}

const Resume = z.object({
  version: z.literal(1),
  operations: z.record(z.string(), z.object({ id: z.string(), query: z.string(), before: z.number().nullable() })),
});

export class ShopifySource implements Source {
  readonly description: SourceDescription;
  readonly orderedKinds = ORDERED_KINDS;
  readonly #options: ShopifySourceOptions;
  #operations: Operations | null = null;

  constructor(options: ShopifySourceOptions) {
    this.#options = options;
    this.description = { type: "shopify", name: options.shop, apiVersion: API_VERSION };
  }

  /** The shop has told (bulk_operations/finish) that an operation ended: look now instead of at the next poll. */
  nudge(): void {
    this.#operations?.nudge();
  }

  async *streams(run: SourceRun): AsyncGenerator<SourceStream> {
    const client = new ShopifyClient(this.#options);
    const operations = new Operations({ client, clock: this.#options.clock, sleep: this.#options.sleep });
    this.#operations = operations;
    const reading = this.#reading(run, client, operations);

    const bulks = new Map<Kind, BulkQuery>();
    for (const kind of CATALOGUE) {
      if (kind.read.how !== "bulk") continue;
      const { count } = kind;
      const bulk = reading.bulk(kind.stream, kind.read.query, async () => (count === null ? null : countNow(client, count, run.signal)));
      bulks.set(kind, bulk);
      await bulk.start();
    }
    for (const kind of CATALOGUE) {
      const bulk = bulks.get(kind);
      if (bulk !== undefined) yield bulkStream(reading, kind, bulk);
      else if (kind.read.how === "by-type") yield metaobjectStream(reading, kind);
      else yield pagedStream(reading, kind);
      reading.progress(kind.stream, "done");
    }
  }

  #reading(run: SourceRun, client: ShopifyClient, operations: Operations): Reading {
    const kept = Resume.safeParse(run.resume);
    const before = kept.success ? kept.data.operations : {};
    const bulks = new Map<string, BulkQuery>();
    const resume = (): ResumeState => {
      const now: Record<string, BulkResume> = {};
      for (const [stream, bulk] of bulks) if (bulk.resume !== null) now[stream] = bulk.resume;
      return { version: 1, operations: { ...before, ...now } };
    };
    const progress = (stream: string, phase: SourceProgress["phase"], objects?: number): void =>
      run.onProgress?.({ stream, phase, resume: resume(), ...(objects === undefined ? {} : { objects }) });
    return {
      client,
      operations,
      clock: this.#options.clock,
      fetch: this.#options.fetch ?? fetch,
      signal: run.signal,
      progress,
      bulk: (stream, query, countBefore) => {
        const bulk = new BulkQuery({
          operations,
          stream,
          query,
          resume: before[stream] ?? null,
          fetch: this.#options.fetch ?? fetch,
          signal: run.signal,
          countBefore,
          onChange: ({ phase, objects }) => progress(stream, phase, objects),
        });
        bulks.set(stream, bulk);
        return bulk;
      },
    };
  }
}
