/**
 * With an identity: what packs are searched by, against the packs' records. A host that was broken into can seal a part that hides somebody or points at somebody else; nothing but the
 * records tells. Each pack that has parts is opened once more and its parts are made again.
 */
import { VaultError } from "../errors.ts";
import { packKey, packSecretKey, searchPartOf } from "../format/names.ts";
import type { ContentKeys } from "../ports.ts";
import { searchedPacks } from "../search/listing.ts";
import { decodeHead } from "../search/part.ts";
import { partsThatDisagree } from "../search/recompute.ts";
import type { TermSource } from "../search/terms.ts";
import type { Audit } from "./audit.ts";

export interface CheckSearchRecords {
  readonly audit: Audit;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly content: ContentKeys;
  readonly terms: TermSource;
  /** Packs that are needed. */
  readonly packs: Iterable<string>;
  /** Of every object that is there. */
  readonly sizes: ReadonlyMap<string, number>;
}

export async function checkSearchRecords({ audit, vaultId, content, terms, packs, sizes }: CheckSearchRecords): Promise<void> {
  const newest = new Map(searchedPacks(sizes.keys()).map(({ pack, generations: [objects = []] }) => [pack, objects]));
  const searched = [...packs].filter((pack) => newest.has(pack) && !audit.faulty(packKey(pack)) && !audit.faulty(packSecretKey(pack)));
  for (const [i, pack] of searched.entries()) {
    audit.progress("search", i, searched.length);
    const objects = newest.get(pack) as readonly string[];
    // What is damaged has been named, and disagrees with everything.
    if (objects.some((object) => audit.faulty(object))) continue;
    const parts = new Map<string, Uint8Array>();
    for (const object of objects) {
      const bytes = await audit.read(object);
      if (bytes !== null) parts.set(object, bytes);
    }
    try {
      const heads = [...parts].map(([object, bytes]) => decodeHead(bytes, object).head);
      const whole = heads[0]?.parts ?? 0;
      if (new Set(heads.map(({ part }) => part)).size !== whole) {
        audit.find("search.missing", objects[0] as string, `the pack has ${whole} parts, of which ${parts.size} are there; what is in the others is found by id only`);
        continue;
      }
      const wrong = await partsThatDisagree({ store: audit.store, vaultId, contentKeys: content, terms }, pack, parts);
      for (const object of wrong ?? []) audit.find("search.mismatch", object, "it does not say what the records of its pack say; making the search anew mends it");
    } catch (error) {
      // A pack that does not open is told by the check of its records.
      if (!(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object", "vault.no_key"].includes(error.code)) throw error;
      if (error.object !== undefined && searchPartOf(error.object) !== null) audit.find("search.damaged", error.object, error.message);
    }
  }
  audit.progress("search", searched.length, searched.length);
}
