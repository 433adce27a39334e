/** What the ledger asks of its surroundings: a part of a store. Structural, so that any ObjectStore will do. */
export interface LedgerStore {
  putIfAbsent(key: string, body: Uint8Array): Promise<"stored" | "already-there">;
  get(key: string): Promise<Uint8Array | null>;
  /** Keys in byte order. */
  list(prefix: string): AsyncIterable<{ readonly key: string }>;
}

export interface LedgerClock {
  now(): Date;
}
