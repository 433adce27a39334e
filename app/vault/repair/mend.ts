/** Where good bytes can come from, and how they take the place of bad ones. */
import { VaultError } from "../errors.ts";
import { StoreError } from "../object-store.ts";
import type { ObjectStore } from "../object-store.ts";
import { mendFromParity } from "./parity.ts";
import { hasParity, parityKey } from "./parity-store.ts";

/** earlier-version: the storage kept it, under a lock, beneath what somebody wrote or deleted over it. parity: its parity object. second-store: a copy elsewhere. search: one bit was flipped, and trying each found it. left-over: an earlier repair that was broken off. */
export type MendedBy = "earlier-version" | "parity" | "second-store" | "search" | "left-over";

export interface Mended {
  readonly bytes: Uint8Array;
  readonly by: MendedBy;
}

/** Objects up to this are tried bit by bit: 32,768 digests of 4 KiB are less than a second. */
const SEARCHED_BYTES = 4096;

export function isVaultFault(error: unknown): boolean {
  return error instanceof VaultError;
}

/** Where the good bytes wait while the bad ones are taken away. */
export function spareKey(key: string): string {
  return `repair/${key}`;
}

/** The first source that gives bytes that `holds` accepts; null when none does. */
export async function findGood(key: string, stores: { readonly store: ObjectStore; readonly from: ObjectStore | null }, digest: string | null, holds: (bytes: Uint8Array) => Promise<boolean>): Promise<Mended | null> {
  const { store, from } = stores;
  const spare = await store.get(spareKey(key));
  if (spare !== null && (await holds(spare))) return { bytes: spare, by: "left-over" };
  const left = await store.get(key);
  if (hasParity(key)) {
    const bytes = await fromParity(store, key, left, digest);
    if (bytes !== null && (await holds(bytes))) return { bytes, by: "parity" };
  }
  const copy = from === null ? null : await from.get(key);
  if (copy !== null && (await holds(copy))) return { bytes: copy, by: "second-store" };
  const found = left === null || left.length > SEARCHED_BYTES ? null : await search(left, holds);
  return found === null ? null : { bytes: found, by: "search" };
}

async function fromParity(store: ObjectStore, key: string, left: Uint8Array | null, digest: string | null): Promise<Uint8Array | null> {
  const name = parityKey(key);
  const parity = await store.get(name);
  if (parity === null) return null;
  try {
    return mendFromParity(left, parity, name, digest === null ? {} : { digest });
  } catch (error) {
    if (isVaultFault(error)) return null;
    throw error;
  }
}

/** Rot begins with one bit. */
async function search(left: Uint8Array, holds: (bytes: Uint8Array) => Promise<boolean>): Promise<Uint8Array | null> {
  const bytes = Uint8Array.from(left);
  for (let at = 0; at < bytes.length; at++) {
    const good = bytes[at] as number;
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] = good ^ (1 << bit);
      if (await holds(bytes)) return bytes;
    }
    bytes[at] = good;
  }
  return null;
}

/**
 * Puts good bytes where bad ones or none are. The store lets nothing be replaced, so for a moment the object is gone: a spare is made durable before, and a later
 * repair finds it should this one die. Throws StoreError, store.locked when the storage does not give the bad bytes up.
 */
export async function replace(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const spare = spareKey(key);
  if ((await store.putIfAbsent(spare, bytes)) === "already-there") {
    const there = await store.get(spare);
    if (there === null || Buffer.compare(there, bytes) !== 0) {
      await store.remove(spare);
      await store.putIfAbsent(spare, bytes);
    }
  }
  await store.remove(key);
  await store.putIfAbsent(key, bytes);
  const there = await store.get(key);
  if (there === null || Buffer.compare(there, bytes) !== 0) throw new StoreError("store.failed", `${key} was replaced, and something else is read back`);
  await store.remove(spare);
}
