/** One reading of a shop: what its streams share. */
import type { Clock } from "#app/vault/index.ts";
import type { SourceProgress } from "../../port.ts";
import type { BulkQuery } from "../bulk.ts";
import type { Ask } from "../catalogue/current.ts";
import type { ShopifyClient } from "../client.ts";
import type { Drift } from "../counts.ts";
import type { Operations } from "../operations.ts";

export interface Reading {
  readonly client: ShopifyClient;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly ask: Ask;
  /** Of a stream of which only changes are wanted: the search term that finds them. Null: all of it. */
  changed(stream: string): string | null;
  /** A bulk query of this stream, adopted from an earlier run when there is one. */
  bulk(stream: string, query: string, count: () => Promise<number | null>): BulkQuery;
  /** What was created and deleted between two instants, as far as it was captured. */
  drift(kind: string, from: string | undefined, to: string): Promise<Drift | null>;
  progress(stream: string, phase: SourceProgress["phase"], objects?: number): void;
}
