/**
 * Makes anew what packs are searched by (docs/design.md 11.5): for vaults from before there was a search, for parts that are damaged or gone, and for terms that
 * are found in another way now. It opens every pack that lacks a whole part of the present version, so it takes an identity. Broken off, it goes on where it stopped.
 */
import { VaultError } from "../errors.ts";
import { packKey, searchObject, searchPartOf } from "../format/names.ts";
import { sha256 } from "../crypto/digest.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys, Random } from "../ports.ts";
import { tryRemove } from "../retention/remove.ts";
import { readRedactions } from "../retention/redactions.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { listSearchParts } from "./listing.ts";
import { decodeHead, isWhole } from "./part.ts";
import type { PartHead, StoredPart } from "./part.ts";
import { partsOfPack, partsThatDisagree } from "./recompute.ts";
import type { TermSource } from "./terms.ts";

export interface RebuildSearch {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly contentKeys: ContentKeys;
  readonly terms: TermSource;
  readonly random: Random;
  /** Also opens packs whose parts are whole, and makes those anew that do not say what their records say. Default false: what a part says is not looked at. */
  readonly compare?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface RebuiltSearch {
  /** Packs that are on the store. */
  readonly packs: number;
  /** Of these, packs that were opened and looked through, and the parts that were written. */
  readonly opened: number;
  readonly parts: number;
  /** Names of what was written. */
  readonly written: readonly string[];
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
  const known = new Map((await listSearchParts(store)).map(({ pack, generations }) => [pack, generations]));
  const damaged: string[] = [];
  let opened = 0;
  const written: string[] = [];
  let unopened = 0;
  for (const [i, pack] of packs.entries()) {
    o.signal?.throwIfAborted();
    o.onProgress?.({ done: i, total: packs.length });
    const generations = known.get(pack) ?? [];
    const have = generations.flat();
    // A pack that an erasure replaced must give nothing any more.
    if (redactions.packFor(pack) !== pack) continue;
    const whole = await wholeParts(store, generations[0] ?? [], terms.version);
    if (whole !== null && (o.compare !== true || !(await disagrees(o, pack, whole)))) continue;
    try {
      const generation = 1 + have.reduce((most, key) => Math.max(most, searchPartOf(key)?.generation ?? 0), 0);
      const made = await partsOfPack({ store, vaultId, contentKeys, terms }, pack, generation, random);
      if (made.kind === "unopened") unopened++;
      if (made.kind !== "parts") continue;
      for (const part of made.parts) {
        await putExact(store, searchObject(pack, part.name), part.bytes);
        written.push(searchObject(pack, part.name));
      }
      opened++;
      // The new ones are there: whatever the old ones still say, they are not asked any more.
      for (const key of have) await tryRemove(store, key);
    } catch (error) {
      if (!(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object"].includes(error.code)) throw error;
      damaged.push(error.object ?? packKey(pack));
    }
  }
  return { packs: packs.length, opened, parts: written.length, written, unopened, damaged };
}

async function searchablePacks(store: ObjectStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list("packs/")) {
    const id = /^packs\/..\/([0-9a-f]{64})$/.exec(key)?.[1];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/** Parts of one generation; null when they are not all there, undamaged, and of this version. */
async function wholeParts(store: ObjectStore, objects: readonly string[], version: number): Promise<readonly StoredPart[] | null> {
  const parts: StoredPart[] = [];
  for (const object of objects) {
    const bytes = await store.get(object);
    if (bytes === null) return null;
    const digest = sha256(bytes);
    const head = headOf(bytes, object);
    if (!digest.startsWith(searchPartOf(object)?.digest ?? "-") || head?.version !== version) return null;
    parts.push({ object, head, digest });
  }
  return isWhole(parts.map(({ head }) => head)) ? parts : null;
}

/** Of whole parts. A pack that does not open, or is damaged, is told of where it is opened to make parts. */
async function disagrees({ store, description, contentKeys, terms }: RebuildSearch, pack: string, parts: readonly StoredPart[]): Promise<boolean> {
  try {
    return ((await partsThatDisagree({ store, vaultId: Buffer.from(description.vaultId, "hex"), contentKeys, terms }, pack, parts)) ?? []).length > 0;
  } catch (error) {
    if (!(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object"].includes(error.code)) throw error;
    return true;
  }
}

/** Null: it is none. */
function headOf(bytes: Uint8Array, key: string): PartHead | null {
  try {
    return decodeHead(bytes, key).head;
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
    return null;
  }
}
