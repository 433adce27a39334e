/**
 * The store, as the vault needs it: where sealed bytes rest. Adapters live in app/stores.
 *
 * Contract (tests/contracts/object-store.ts holds every adapter and wrapper to it):
 * - An object is written once. `putIfAbsent` is durable when it returns and never shows part of an object;
 *   of any number of racing writers exactly one sees "stored".
 * - `get` answers null when there is no such object and throws `StoreError` for everything else.
 * - A range past the end is clipped; a range that starts past the end answers an empty array.
 * - `list` yields keys in byte order, each once, for objects that existed during the whole listing.
 * - `remove` of an absent object is no error. Only retention and erasure call it.
 */

/** What one store can promise. Differences are declared here and tested, never discovered in production. */
export interface StoreTraits {
  /** A short name for people: "filesystem", "memory", "s3". */
  readonly name: string;
  /** Objects can be locked until a time: neither removed nor replaced before it. */
  readonly objectLock: boolean;
  /** A removed or replaced object's earlier bytes may live on in versions that `remove` does not reach. */
  readonly versioned: boolean;
  /** A listing shows every object whose write has returned. */
  readonly strongListing: boolean;
  /** False: what `putIfAbsent` has answered may still be lost when the power fails over there. Absent: true. */
  readonly durable?: boolean;
}

/** Half-open range of bytes: [offset, offset + length). */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface ObjectInfo {
  readonly key: string;
  /** Bytes stored. */
  readonly size: number;
}

export interface PutOptions {
  /** Refuse removal and replacement before this time. Stores without the trait throw `StoreError` "store.lock_unsupported". */
  readonly lockUntil?: Date;
}

export type PutOutcome = "stored" | "already-there";

/** What a store whose objects can be locked does about locks, besides `PutOptions.lockUntil`. */
export interface ObjectLocks {
  /** For how long writers and `extendLocks` lock what the vault says is to be locked (format/names.ts, `lockClassOf`), days. */
  readonly days: number;
  /** When the object's lock ends; null: it has none, or there is no such object. */
  until(key: string): Promise<Date | null>;
  /** Locks the object until then. A lock that ends later stays as it is; an absent object is no error. */
  extend(key: string, until: Date): Promise<void>;
  /** Names that somebody deleted or wrote over without the right, or the time, to destroy what was there. */
  hidden(prefix: string): AsyncIterable<string>;
  /**
   * Of what lies beneath such a name, oldest first: the first that is `good` is what the name stands for again. False: nothing was.
   * Throws StoreError store.locked when what hides it is locked, too.
   */
  bringBack(key: string, good: (bytes: Uint8Array) => Promise<boolean>): Promise<boolean>;
}

/** The same objects in more than one place. */
export interface Copies {
  /** Each by itself: "first", "second". */
  readonly each: readonly { readonly name: string; readonly store: ObjectStore }[];
  /** What was read under this name is not what it must be. True: another copy's bytes are read from now on, and may be. */
  doubt(key: string): Promise<boolean>;
}

export interface ObjectStore {
  readonly traits: StoreTraits;
  /** Absent: there is one. */
  readonly copies?: Copies | undefined;
  /** Absent: the store locks nothing, or was opened without locks. */
  readonly locks?: ObjectLocks | undefined;
  putIfAbsent(key: string, body: Uint8Array, options?: PutOptions): Promise<PutOutcome>;
  get(key: string, range?: ByteRange): Promise<Uint8Array | null>;
  list(prefix: string): AsyncIterable<ObjectInfo>;
  remove(key: string): Promise<void>;
}

/** A key is 1 to 512 bytes of [a-z A-Z 0-9 . _ - /], no empty, "." or ".." segment, no leading or trailing slash. */
export const OBJECT_KEY = /^(?!.{513})(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*$/;

export type StoreErrorCode =
  | "store.bad_key"
  | "store.bad_address"
  | "store.unreachable"
  | "store.refused"
  | "store.no_space"
  | "store.read_only"
  | "store.locked"
  | "store.lock_unsupported"
  | "store.diverged"
  | "store.failed";

/** A store broke its promise or could not keep it. `message` is for engineers and never holds object contents. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  /** "later": the same call may succeed when tried again. */
  readonly retry: "never" | "later";
  constructor(code: StoreErrorCode, message: string, options: { retry?: "never" | "later"; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
  }
}
