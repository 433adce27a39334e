/** The leaky bucket in front of the API: an operation takes what it asks for, and gets back what it did not use. */
import type { RateLimit, SandboxClock } from "../types.ts";

export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

/** Shopify Plus: 1,000 points a second, twenty seconds' worth in the bucket. */
export const PLUS: RateLimit = { restoreRate: 1000, maximum: 20_000 };

export class Throttle {
  readonly #limit: RateLimit | null;
  readonly #clock: SandboxClock;
  #available: number;
  #at: number;

  constructor(limit: RateLimit | "off", clock: SandboxClock) {
    this.#limit = limit === "off" ? null : limit;
    this.#clock = clock;
    this.#available = (this.#limit ?? PLUS).maximum;
    this.#at = clock.now().getTime();
  }

  /** False when the bucket holds less than that; nothing is taken then. */
  take(points: number): boolean {
    if (this.#limit === null) return true;
    this.#refill();
    if (this.#available < points) return false;
    this.#available -= points;
    return true;
  }

  giveBack(points: number): void {
    this.#available = Math.min((this.#limit ?? PLUS).maximum, this.#available + points);
  }

  status(): ThrottleStatus {
    const limit = this.#limit ?? PLUS;
    if (this.#limit !== null) this.#refill();
    return { maximumAvailable: limit.maximum, currentlyAvailable: this.#limit === null ? limit.maximum : Math.floor(this.#available), restoreRate: limit.restoreRate };
  }

  #refill(): void {
    const limit = this.#limit ?? PLUS;
    const now = this.#clock.now().getTime();
    this.#available = Math.min(limit.maximum, this.#available + (Math.max(0, now - this.#at) / 1000) * limit.restoreRate);
    this.#at = now;
  }
}
