/**
 * What is to be told to somebody outside: kept first, then sent until the other side has taken it, nobody needs it any more, or it is given up. Messages of alerts
 * and events for Shopify Flow are such, each with its own table.
 */

/** Things that wait for their time, over all processes. */
export interface DueLine<Row> {
  /** Takes what waits and whose time has come, for this process alone until `until`; each then has one attempt more. */
  claimDue(now: Date, until: Date, limit: number): Promise<readonly Row[]>;
}

/** `Over`: names of its own for what ended because nobody needs it. */
export interface Delivery<Over extends string = never> {
  readonly id: string;
  readonly shop: string;
  readonly state: "waiting" | "sent" | "failed" | Over;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Not before this. */
  readonly nextAt: Date;
  readonly endedAt: Date | null;
  /** Why the last attempt failed: a stable code. */
  readonly code: string | null;
}

export interface DeliveryLine<Row extends Delivery<string>> extends DueLine<Row> {
  /** How one attempt ended; "waiting": it is tried again at `nextAt`. */
  ended(id: string, end: { readonly state: Row["state"]; readonly at: Date; readonly nextAt?: Date; readonly code: string | null }): Promise<void>;
  /** Forgets what ended before. */
  forget(before: Date): Promise<number>;
}

/** What the other side said. later: trying again may help, `afterMs`: not sooner than this. */
export type SendOutcome<Code extends string> = { readonly kind: "sent" } | { readonly kind: "failed"; readonly code: Code; readonly retry: "never" | "later"; readonly afterMs?: number };
