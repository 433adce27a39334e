/** Copies of a store that is wrapped, each wrapped alike. */
import type { Copies, ObjectStore } from "#app/vault/index.ts";

export function eachWrapped(copies: Copies | undefined, wrap: (store: ObjectStore) => ObjectStore): Copies | undefined {
  return copies && { each: copies.each.map(({ name, store }) => ({ name, store: wrap(store) })), doubt: (key) => copies.doubt(key) };
}
