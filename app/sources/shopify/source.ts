/**
 * A Shopify shop as a source: the catalogue's kinds as streams of records. schedule.ts has their order; what concerns one stream only is its gap, what
 * concerns the shop ends the run. After a restart the bulk operations that run already are found again.
 */
import { z } from "zod";
import type { Clock } from "#app/vault/index.ts";
import type { ResumeState, Source, SourceDescription, SourceProgress, SourceRun, SourceStream } from "../port.ts";
import { BulkQuery, type BulkResume } from "./bulk.ts";
import { CATALOGUE, ORDERED_KINDS } from "./catalogue/all.ts";
import type { Kind } from "./catalogue/kind.ts";
import { API_VERSION, ShopifyClient, type ShopifyClientOptions } from "./client.ts";
import type { Drift } from "./counts.ts";
import { Operations, type Stalled } from "./operations.ts";
import { inTurn } from "./schedule.ts";
import type { Reading } from "./streams/reading.ts";
import { tolerant } from "./streams/tolerant.ts";

export interface ShopifySourceOptions extends ShopifyClientOptions {
  readonly clock: Clock;
  /** What was created and deleted of a kind between two instants, as captured. Null: not captured all that time. */
  readonly captured?: (kind: string, from: Date, to: Date) => Promise<Drift | null>;
  /** For tests: other kinds than the catalogue's, and how long an operation may stand still. */
  readonly catalogue?: readonly Kind[];
  readonly stalled?: Stalled;
}

const Resume = z.object({
  version: z.literal(1),
  operations: z.record(z.string(), z.object({ id: z.string(), query: z.string(), before: z.number().nullable(), at: z.string().optional() })),
});

export class ShopifySource implements Source {
  readonly description: SourceDescription;
  readonly orderedKinds = ORDERED_KINDS;
  readonly #options: ShopifySourceOptions;
  #operations: Operations | null = null;

  constructor(options: ShopifySourceOptions) {
    this.#options = options;
    this.description = { type: "shopify", name: options.shop, apiVersion: options.apiVersion ?? API_VERSION };
  }

  /** The shop has told (bulk_operations/finish) that an operation ended: look now instead of at the next poll. */
  nudge(): void {
    this.#operations?.nudge();
  }

  async *streams(run: SourceRun): AsyncGenerator<SourceStream> {
    // What goes on in the background ends with the reading, however that ends.
    const stop = new AbortController();
    const signal = AbortSignal.any([run.signal, stop.signal]);
    const reading = this.#reading({ ...run, signal });
    let whole = 0;
    let failure: { readonly error: unknown } | null = null;
    try {
      for await (const stream of inTurn(reading, this.#options.catalogue ?? CATALOGUE)) {
        let failed = false;
        yield tolerant(stream, {
          onFailure: (error) => {
            failed = true;
            failure ??= { error };
          },
        });
        if (!failed) whole++;
        reading.progress(stream.name, "done");
      }
      // A snapshot of nothing but gaps would say no more than the error does.
      const first = failure as { readonly error: unknown } | null;
      if (whole === 0 && first !== null) throw first.error;
    } finally {
      stop.abort(new Error("the reading is over"));
    }
  }

  #reading(run: SourceRun): Reading {
    const client = new ShopifyClient(this.#options);
    const operations = new Operations({ client, clock: this.#options.clock, sleep: this.#options.sleep });
    this.#operations = operations;
    const { clock, captured, stalled } = this.#options;
    const kept = Resume.safeParse(run.resume);
    const before = kept.success ? kept.data.operations : {};
    const bulks = new Map<string, BulkQuery>();
    const resume = (): ResumeState => {
      const now: Record<string, BulkResume> = {};
      for (const [stream, bulk] of bulks) if (bulk.resume !== null) now[stream] = bulk.resume;
      return { version: 1, operations: { ...before, ...now } };
    };
    const progress = (stream: string, phase: SourceProgress["phase"], objects?: number, failed?: SourceProgress["failed"]): void =>
      run.onProgress?.({ stream, phase, resume: resume(), ...(objects === undefined ? {} : { objects }), ...(failed === undefined ? {} : { failed }) });
    return {
      client,
      operations,
      clock,
      fetch: this.#options.fetch ?? fetch,
      signal: run.signal,
      ask: (query, variables) => client.query(query, variables, Answer, run.signal),
      changed: (stream) => {
        const of = run.since?.streams[stream];
        const since = of === undefined ? (run.since?.at ?? null) : of;
        return since === null ? null : `updated_at:>='${since}'`;
      },
      drift: async (kind, from, to) => (captured === undefined || from === undefined ? null : captured(kind, new Date(from), new Date(to))),
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
          now: () => clock.now().toISOString(),
          ...(stalled === undefined ? {} : { stalled }),
          onChange: ({ phase, objects, failed }) => progress(stream, phase, objects, failed),
        });
        bulks.set(stream, bulk);
        return bulk;
      },
    };
  }
}

const Answer = z.record(z.string(), z.unknown());
