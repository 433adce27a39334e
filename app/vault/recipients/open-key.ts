/** Opens a wrapped key of whatever generation is there, the newest first. */
import { checkWrappedKey, type WrappedKeyName } from "../crypto/wrapped-key.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { recipientsObject, wrappedKeyObject, wrappedKeyOf } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { KeyOpener } from "../ports.ts";
import { peekSigned } from "../crypto/signed.ts";
import { recipientSequences } from "./current.ts";

/**
 * Generations in the order in which a reader tries them: the newest rotation's, the one a key is born with, then older rotations'.
 * A key that is younger than the newest rotation has only the second. Nothing here need be signed: a key that is not the right one opens nothing.
 */
export class Generations {
  private readonly store: ObjectStore;
  private sequences: Promise<number[]> | null = null;
  private readonly known = new Map<number, Promise<number | null>>();
  constructor(store: ObjectStore) {
    this.store = store;
  }

  /** Older lists are only read when the newer ones did not help. */
  async *inOrder(): AsyncGenerator<number> {
    const sequences = await (this.sequences ??= recipientSequences(this.store));
    for (const [i, sequence] of [...sequences].reverse().entries()) {
      let generation = this.known.get(sequence);
      if (generation === undefined) this.known.set(sequence, (generation = this.generationOf(sequence)));
      const known = await generation;
      if (known !== null) yield known;
      if (i === 0) yield 0;
    }
    if (sequences.length === 0) yield 0;
  }

  private async generationOf(sequence: number): Promise<number | null> {
    const bytes = await this.store.get(recipientsObject(sequence));
    if (bytes === null) return null;
    try {
      const { generation } = peekSigned(bytes, recipientsObject(sequence)) as { generation?: unknown };
      return typeof generation === "number" && Number.isSafeInteger(generation) && generation > 0 ? generation : null;
    } catch (error) {
      // A damaged list hides no key: older generations are tried, and verify names the list.
      if (error instanceof VaultError) return null;
      throw error;
    }
  }
}

export interface OpenedKey {
  readonly key: Uint8Array;
  readonly object: string;
}

/** Null: not sealed to this identity. Throws vault.missing_object when no generation is there, and the newest's damage when none opens. */
export async function openWrappedKey(store: ObjectStore, opener: KeyOpener, generations: Generations, name: string, wrapped: WrappedKeyName): Promise<OpenedKey | null> {
  let found = false;
  let fault: Error | null = null;
  for await (const generation of generations.inOrder()) {
    const object = wrappedKeyObject(name, generation);
    let jwe = await store.get(object);
    while (jwe !== null) {
      found = true;
      try {
        checkWrappedKey(jwe, wrapped, object);
        const key = await opener.open(jwe);
        if (key === null) break;
        if (key.length !== 32) throw damaged(object, "it wraps something that is no key");
        return { key, object };
      } catch (error) {
        if (!isDamage(error)) throw error;
        fault ??= error;
        // Another copy of it may be sound.
        jwe = (await store.copies?.doubt(object)) === true ? await store.get(object) : null;
      }
    }
  }
  if (!found) throw missing(wrappedKeyObject(name, 0));
  if (fault !== null) throw fault;
  return null;
}

/** A content key's bytes as its newest generation has them, still wrapped; null: none is there. For whoever unwraps elsewhere, as a browser does. */
export async function wrappedContentKey(store: ObjectStore, keyId: string): Promise<Uint8Array | null> {
  for await (const generation of new Generations(store).inOrder()) {
    const jwe = await store.get(wrappedKeyObject(keyId, generation));
    if (jwe !== null) return jwe;
  }
  return null;
}

/**
 * Every wrapped content key there is, by its id, in its newest generation: what work on the whole vault takes. With `all`, the index key and the host's key
 * too, under their names ("index-…", "host-…"), as a rotation takes.
 */
export async function wrappedContentKeys(store: ObjectStore, { all = false }: { readonly all?: boolean } = {}): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = new Map<string, Set<number>>();
  for await (const { key } of store.list("keys/")) {
    const wrapped = wrappedKeyOf(key);
    if (wrapped === null || (!all && !/^[0-9a-f]{32}$/.test(wrapped.name))) continue;
    const generations = names.get(wrapped.name);
    if (generations === undefined) names.set(wrapped.name, new Set([wrapped.generation]));
    else generations.add(wrapped.generation);
  }
  const order: number[] = [];
  for await (const generation of new Generations(store).inOrder()) order.push(generation);
  const found = new Map<string, Uint8Array>();
  for (const [name, generations] of names) {
    const generation = order.find((known) => generations.has(known));
    const jwe = generation === undefined ? null : await store.get(wrappedKeyObject(name, generation));
    if (jwe !== null) found.set(name, jwe);
  }
  return found;
}

/** Damage to one generation may leave another; a key holder that refuses or cannot be reached is no damage. */
function isDamage(error: unknown): error is Error {
  return error instanceof Error && "code" in error && (error.code === "vault.damaged_object" || error.code === "keys.damaged");
}
