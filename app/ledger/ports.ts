/** What the ledger asks of its surroundings: a part of a store. Structural, so that any ObjectStore will do. */
export interface LedgerStore {
  /** `lockUntil`: until then the object shall be neither removed nor replaced; only asked of stores that say they can (traits). */
  putIfAbsent(key: string, body: Uint8Array, options?: { readonly lockUntil?: Date }): Promise<"stored" | "already-there">;
  get(key: string): Promise<Uint8Array | null>;
  /** Keys in byte order. */
  list(prefix: string): AsyncIterable<{ readonly key: string }>;
  /** Without it, or when it is refused, partial tiles that are not needed any more stay. */
  remove?(key: string): Promise<void>;
  readonly traits?: { readonly objectLock: boolean };
}

export interface LedgerClock {
  now(): Date;
}

/**
 * What another keeper of the same events knows to have been entered at the places [from, to), by place. It may know none or some of them. Before they are
 * believed they are held against what was signed, except where that is lost: then they are what the ledger goes on from, so it must be a keeper of one's own.
 */
export type Recall = (from: number, to: number) => Promise<ReadonlyMap<number, Uint8Array>>;
