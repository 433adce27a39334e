/**
 * What is left of the shop's query-cost bucket, as far as the last answer told.
 * Shopify's leaky bucket: `currentlyAvailable` points refill at `restoreRate` points a second up to `maximumAvailable`
 * (https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits). A query is charged its requested cost first and refunded the difference.
 */
import type { Clock } from "#app/vault/index.ts";

export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

export class CostBudget {
  readonly #clock: Clock;
  #status: ThrottleStatus | null = null;
  #at = 0;
  /** Of requests that wait for their points or for their answer. */
  #reserved = 0;
  /** Requested cost by query text, learned from earlier answers. */
  readonly #costs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  learn(query: string, requestedCost: number | undefined, status: ThrottleStatus | undefined): void {
    if (requestedCost !== undefined) this.#costs.set(query, requestedCost);
    if (status !== undefined) {
      // What others of this process have reserved is spoken for, whatever the shop says is there: they come first.
      this.#status = { ...status, currentlyAvailable: status.currentlyAvailable - this.#reserved };
      this.#at = this.#clock.now().getTime();
    }
  }

  get restoreRate(): number | null {
    return this.#status?.restoreRate ?? null;
  }

  /** What an earlier answer said that this query costs, and how much the bucket can hold. */
  costOf(query: string): { readonly requested: number; readonly bucket: number } | null {
    const requested = this.#costs.get(query);
    return requested === undefined || this.#status === null ? null : { requested, bucket: this.#status.maximumAvailable };
  }

  /** Points are no longer spoken for: the request was answered, or given up. */
  release(points: number): void {
    this.#reserved = Math.max(0, this.#reserved - points);
  }

  /** Milliseconds until the bucket can pay for this query; 0 when it can now, or when nothing is known yet. Reserves the points until they are released. */
  reserve(query: string): { readonly ms: number; readonly points: number } {
    const points = this.#costs.get(query) ?? 0;
    return { ms: this.#waitFor(points), points: this.#status === null ? 0 : points };
  }

  #waitFor(cost: number): number {
    if (this.#status === null || cost === 0) return 0;
    const now = this.#clock.now().getTime();
    const { maximumAvailable, restoreRate } = this.#status;
    const available = Math.min(maximumAvailable, this.#status.currentlyAvailable + (Math.max(0, now - this.#at) / 1000) * restoreRate);
    this.#reserved += cost;
    this.#status = { ...this.#status, currentlyAvailable: available - cost };
    this.#at = now;
    const short = Math.min(cost, maximumAvailable) - available;
    return short <= 0 || restoreRate <= 0 ? 0 : Math.ceil((short / restoreRate) * 1000);
  }
}

/** How long to wait after THROTTLED, from the numbers in that answer. Without numbers: a second, doubling, at most half a minute. */
export function waitAfterThrottled(requestedCost: number | undefined, status: ThrottleStatus | undefined, attempt: number): number {
  const guess = Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5));
  if (requestedCost === undefined || status === undefined || status.restoreRate <= 0) return guess;
  const short = Math.min(requestedCost, status.maximumAvailable) - status.currentlyAvailable;
  // Somebody who is refused again and again asks less often. The numbers may say there is room by now (other clients share the bucket): then only a short, growing pause.
  return short > 0 ? Math.max(Math.ceil((short / status.restoreRate) * 1000), Math.min(1000, 50 * attempt)) : Math.min(30_000, 100 * 2 ** Math.min(attempt, 8));
}
