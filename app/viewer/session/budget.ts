/**
 * How much one responder may read: enough for one person after another, too little to copy a shop. A bucket that fills slowly; whoever empties it waits, and whoever keeps on drawing from an empty one,
 * or draws a whole day's worth, is suspended for an hour, whatever session they come back with. Pure: the time is handed in.
 */

/** What each step costs. A field taken away costs as much as one that is looked at. */
export const COST = { find: 2, open: 5, field: 1, ask: 1, print: 1 } as const;

export interface BudgetRules {
  /** What may be drawn at once. */
  readonly size: number;
  /** How long one unit takes to come back, milliseconds. */
  readonly refillMs: number;
  /** Attempts on an empty bucket before it is more than haste. */
  readonly attempts: number;
  /** Units in all, within `windowMs`. */
  readonly most: number;
  readonly windowMs: number;
  readonly suspendedMs: number;
}

/** Ten people with five fields each at once, as many again every ten minutes, about fifty in half a day. */
export const BUDGET: BudgetRules = { size: 120, refillMs: 5_000, attempts: 10, most: 600, windowMs: 12 * 3_600_000, suspendedMs: 3_600_000 };

export type Draw =
  | { readonly kind: "granted" }
  | { readonly kind: "throttled"; readonly waitMs: number }
  /** `began`: with this very attempt. */
  | { readonly kind: "suspended"; readonly until: number; readonly began: boolean };

export class ReadBudget {
  readonly #rules: BudgetRules;
  #left: number;
  #filledAt: number;
  #attempts = 0;
  #windowAt: number;
  #drawn = 0;
  #suspendedUntil = -Infinity;

  constructor(now: number, rules: BudgetRules = BUDGET) {
    this.#rules = rules;
    this.#left = rules.size;
    this.#filledAt = now;
    this.#windowAt = now;
  }

  /** Units drawn in this window. */
  get drawn(): number {
    return this.#drawn;
  }

  /** What was drawn for a step that did not happen. */
  giveBack(cost: number): void {
    this.#left = Math.min(this.#rules.size, this.#left + cost);
    this.#drawn = Math.max(0, this.#drawn - cost);
  }

  draw(cost: number, now: number): Draw {
    const { size, refillMs, attempts, most, windowMs, suspendedMs } = this.#rules;
    if (now < this.#suspendedUntil) return { kind: "suspended", until: this.#suspendedUntil, began: false };
    const back = Math.floor((now - this.#filledAt) / refillMs);
    this.#left = Math.min(size, this.#left + back);
    this.#filledAt += back * refillMs;
    if (now - this.#windowAt >= windowMs) {
      this.#windowAt = now;
      this.#drawn = 0;
    }
    const enough = this.#left >= cost;
    if (!enough) this.#attempts++;
    if (this.#attempts >= attempts || this.#drawn + cost > most) {
      this.#attempts = 0;
      this.#suspendedUntil = now + suspendedMs;
      return { kind: "suspended", until: this.#suspendedUntil, began: true };
    }
    if (!enough) return { kind: "throttled", waitMs: (cost - this.#left) * refillMs - (now - this.#filledAt) };
    this.#attempts = 0;
    this.#left -= cost;
    this.#drawn += cost;
    return { kind: "granted" };
  }
}
