/** Keys beneath a prefix of a bucket, container or directory. */
import { OBJECT_KEY, StoreError } from "#app/vault/index.ts";
import type { ObjectInfo } from "#app/vault/index.ts";

export class KeySpace {
  /** "" or ends in "/". */
  readonly root: string;

  /** `prefix`: as written in the address, with or without slashes around it. */
  constructor(prefix: string) {
    const trimmed = prefix.replace(/^\/+|\/+$/g, "");
    this.root = trimmed === "" ? "" : `${trimmed}/`;
  }

  nameOf(key: string): string {
    if (!OBJECT_KEY.test(key)) throw new StoreError("store.bad_key", "The key has characters, segments or a length that no store allows.");
    return this.root + key;
  }

  prefixOf(prefix: string): string {
    if (prefix !== "" && !OBJECT_KEY.test(`${prefix}x`)) throw new StoreError("store.bad_key", "The prefix is not the beginning of a key.");
    return this.root + prefix;
  }

  /** Null: not an object of ours (somebody's file with a space in its name, a "folder" placeholder). */
  keyOf(name: string): string | null {
    if (!name.startsWith(this.root)) return null;
    const key = name.slice(this.root.length);
    return OBJECT_KEY.test(key) ? key : null;
  }
}

/** Passes a service's listing on, and refuses to when the service breaks the order that merging and skipping rely on. */
export async function* inByteOrder(listing: AsyncIterable<ObjectInfo>): AsyncGenerator<ObjectInfo> {
  let last = "";
  for await (const info of listing) {
    // Keys are ASCII, where UTF-16 order is byte order.
    if (info.key <= last) throw new StoreError("store.failed", `The storage lists ${info.key} after ${last}, which is not byte order.`);
    last = info.key;
    yield info;
  }
}

/** A listing of nothing. */
export const NO_NAMES: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) };
