/** One reading of a shop: what its streams share. */
import type { Clock } from "#app/vault/index.ts";
import type { SourceProgress } from "../../port.ts";
import type { BulkQuery } from "../bulk.ts";
import type { ShopifyClient } from "../client.ts";
import type { Operations } from "../operations.ts";

export interface Reading {
  readonly client: ShopifyClient;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** A bulk query of this stream, adopted from an earlier run when there is one. */
  bulk(stream: string, query: string, count: () => Promise<number | null>): BulkQuery;
  progress(stream: string, phase: SourceProgress["phase"], objects?: number): void;
}
