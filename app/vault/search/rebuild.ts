/**
 * Makes anew what packs are searched by (docs/design.md 11.5): for vaults from before there was a search, for parts that are damaged or gone, and for terms that
 * are found in another way now. It opens every pack that lacks a whole part of the present version, so it takes an identity. Broken off, it goes on where it stopped.
 */
import { VaultError } from "../errors.ts";
import { packKey, packSecretKey, searchObject, searchPartOf } from "../format/names.ts";
import { sha256 } from "../crypto/digest.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf, unwrapPackSecret } from "../pack/secret.ts";
import type { ContentKeys, Random } from "../ports.ts";
import { tryRemove } from "../retention/remove.ts";
import { readRedactions } from "../retention/redactions.ts";
import { termsIn } from "../retention/rewrite-pack.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { decodeHead } from "./part.ts";
import { PartBuilder } from "./part-builder.ts";
import type { TermSource } from "./terms.ts";

export interface RebuildSearch {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly contentKeys: ContentKeys;
  readonly terms: TermSource;
  readonly random: Random;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface RebuiltSearch {
  /** Packs that are on the store. */
  readonly packs: number;
  /** Of these, packs that were opened and looked through, and the parts that were written. */
  readonly opened: number;
  readonly parts: number;
  /** Packs that this identity does not open. */
  readonly unopened: number;
  /** Packs that are damaged: mend them first. */
  readonly damaged: readonly string[];
}

/** Throws what the store throws. */
export async function rebuildSearch(o: RebuildSearch): Promise<RebuiltSearch> {
  const { store, description, contentKeys, terms, random } = o;
  const vaultId = Buffer.from(description.vaultId, "hex");
  const redactions = await readRedactions(store, description);
  const packs = await searchablePacks(store);
  const known = await partsByPack(store);
  const damaged: string[] = [];
  let opened = 0;
  let parts = 0;
  let unopened = 0;
  for (const [i, pack] of packs.entries()) {
    o.signal?.throwIfAborted();
    o.onProgress?.({ done: i, total: packs.length });
    const have = known.get(pack) ?? [];
    // A pack that an erasure replaced must give nothing any more.
    if (redactions.packFor(pack) !== pack || (await isWhole(store, have, terms.version))) continue;
    const object = packSecretKey(pack);
    const wrapped = await store.get(object);
    if (wrapped === null) continue;
    try {
      const contentKey = await contentKeys.get(contentKeyOf(wrapped, object));
      if (contentKey === null) {
        unopened++;
        continue;
      }
      const secret = unwrapPackSecret(wrapped, pack, contentKey, vaultId, object);
      const builder = new PartBuilder(secret, vaultId, terms.version, random);
      secret.fill(0);
      for await (const { records } of new PackReader(store, vaultId, contentKeys).frames(pack)) builder.add(termsIn(records, NONE, terms));
      const generation = 1 + have.reduce((most, key) => Math.max(most, searchPartOf(key)?.generation ?? 0), 0);
      for (const part of builder.seal(generation, "empty")) {
        await putExact(store, searchObject(pack, part.name), part.bytes);
        parts++;
      }
      opened++;
      // The new ones are there: whatever the old ones still say, they are not asked any more.
      for (const key of have) await tryRemove(store, key);
    } catch (error) {
      if (!(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object"].includes(error.code)) throw error;
      damaged.push(error.object ?? packKey(pack));
    }
  }
  return { packs: packs.length, opened, parts, unopened, damaged };
}

const NONE: ReadonlySet<number> = new Set();

async function searchablePacks(store: ObjectStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list("packs/")) {
    const id = /^packs\/..\/([0-9a-f]{64})$/.exec(key)?.[1];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

async function partsByPack(store: ObjectStore): Promise<Map<string, string[]>> {
  const parts = new Map<string, string[]>();
  for await (const { key } of store.list("search/")) {
    const part = searchPartOf(key);
    if (part === null) continue;
    const of = parts.get(part.pack);
    if (of === undefined) parts.set(part.pack, [key]);
    else of.push(key);
  }
  return parts;
}

/** Whether the newest generation is all there, undamaged, and of this version. */
async function isWhole(store: ObjectStore, keys: readonly string[], version: number): Promise<boolean> {
  const newest = keys.reduce((most, key) => Math.max(most, searchPartOf(key)?.generation ?? 0), 0);
  const numbers = new Set<number>();
  let count = 0;
  for (const key of keys.filter((name) => searchPartOf(name)?.generation === newest)) {
    const bytes = await store.get(key);
    if (bytes === null || !sha256(bytes).startsWith(searchPartOf(key)?.digest ?? "-")) return false;
    const { head } = decodeHead(bytes, key);
    if (head.version !== version) return false;
    numbers.add(head.part);
    count = head.parts;
  }
  return count > 0 && numbers.size === count;
}
