/**
 * Messages that cannot be subscribed to for all shops at once, because they take a filter that only the shop knows: one for each type of metaobject. Names of
 * types are a shop's configuration; nothing of a record passes through here.
 */

export interface WantedSubscription {
  readonly topic: string;
  readonly filter: string;
}

export interface ShopSubscription extends WantedSubscription {
  readonly id: string;
  readonly address: string;
}

/** One shop's own subscriptions. Methods throw SourceError. */
export interface SubscriptionsOfShop {
  types(signal: AbortSignal): Promise<readonly { readonly type: string; readonly count: number }[]>;
  list(topics: readonly string[], signal: AbortSignal): Promise<readonly ShopSubscription[]>;
  create(wanted: WantedSubscription, address: string, fields: readonly string[], signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** What became of the last look at a shop's subscriptions. */
export interface SubscriptionState {
  readonly shop: string;
  readonly at: Date;
  /** Since when every type that holds entries has had its subscriptions without a break; null: not so now. */
  readonly since: Date | null;
  readonly types: number;
  /** Types that hold entries and are not subscribed to. */
  readonly missing: number;
  /** Looks in a row that failed. */
  readonly failures: number;
  /** Why the last one did; null: it did not. */
  readonly code: string | null;
}

export interface SubscriptionRecords {
  get(shop: string): Promise<SubscriptionState | null>;
  put(state: SubscriptionState): Promise<void>;
}

export interface SubscriptionPorts {
  readonly open: (shop: string) => Promise<SubscriptionsOfShop>;
  readonly records: SubscriptionRecords;
  /** Where the shop is to send to. */
  readonly address: string;
  /** By topic: the members of a payload that are asked for. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
}
