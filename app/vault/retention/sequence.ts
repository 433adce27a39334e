/**
 * Numbered, signed objects: `prunes/0000000007.json`, `redactions/0000000007.json`. A number can be taken once (putIfAbsent), so of two who
 * plan at once only one goes on, and a number that is skipped is an object that somebody took away.
 */
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";

const DIGITS = 10;

export function numbered(folder: string, sequence: number): string {
  return `${folder}/${String(sequence).padStart(DIGITS, "0")}.json`;
}

export function numberOf(folder: string, key: string): number | null {
  const match = new RegExp(`^${folder}/(\\d{${DIGITS}})\\.json$`).exec(key);
  const sequence = Number(match?.[1] ?? 0);
  return sequence > 0 ? sequence : null;
}

export interface Numbered<T> {
  /** In order of their numbers, the damaged ones left out. */
  readonly records: readonly { readonly sequence: number; readonly object: string; readonly record: T }[];
  /** Names of objects whose bytes are not what the vault's key signed for this place. */
  readonly damaged: readonly string[];
  /** Names below the newest that is sound, and not there. */
  readonly missing: readonly string[];
  /** The number the next one takes: the first free one after the newest that is sound. */
  readonly next: number;
}

/** `parse` throws vault.damaged_object for what is not signed for this number. */
export async function readNumbered<T>(store: ObjectStore, folder: string, parse: (bytes: Uint8Array, object: string, sequence: number) => Promise<T>): Promise<Numbered<T>> {
  const names = new Map<number, string>();
  for await (const { key } of store.list(`${folder}/`)) {
    const sequence = numberOf(folder, key);
    if (sequence !== null) names.set(sequence, key);
  }
  const records: { sequence: number; object: string; record: T }[] = [];
  const damaged: string[] = [];
  const missing: string[] = [];
  for (const sequence of [...names.keys()].sort((one, other) => one - other)) {
    const object = numbered(folder, sequence);
    const bytes = await store.get(object);
    // Removed since it was listed: named below, if anything signed comes after it.
    if (bytes === null) {
      names.delete(sequence);
      continue;
    }
    try {
      records.push({ sequence, object, record: await parse(bytes, object, sequence) });
    } catch (error) {
      // Whoever depends on it will miss what it says; the others must not be lost with it.
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      damaged.push(object);
    }
  }
  // Only what is signed says that lower numbers existed: anybody can put an object called 9999999999 there.
  const newest = records.at(-1)?.sequence ?? 0;
  for (let sequence = 1; sequence < newest; sequence++) if (!names.has(sequence)) missing.push(numbered(folder, sequence));
  let next = newest + 1;
  while (names.has(next)) next++;
  return { records, damaged, missing, next };
}

/** False: another writer has taken the name with other bytes. What was written is read again: more is about to be destroyed on its word. */
export async function claim(store: ObjectStore, object: string, bytes: Uint8Array): Promise<boolean> {
  await store.putIfAbsent(object, bytes);
  const there = await store.get(object);
  // Our own write whose answer was lost is no rival.
  return there !== null && Buffer.compare(there, bytes) === 0;
}
