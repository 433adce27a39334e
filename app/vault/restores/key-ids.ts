/** Which content keys some packs take, by the packs' own secrets: what a person is asked to unwrap, and nothing else. */
import { packSecretKey } from "../format/names.ts";
import { missing } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import { contentKeyOf } from "../pack/secret.ts";
import type { Redactions } from "../retention/redactions.ts";

/** Throws vault.missing_object. */
export async function restoreKeyIds(store: ObjectStore, redactions: Redactions, packs: Iterable<string>): Promise<ReadonlySet<string>> {
  const keyIds = new Set<string>();
  const standing = new Set([...packs].map((pack) => redactions.packFor(pack)));
  for (const pack of standing) {
    const object = packSecretKey(pack);
    const bytes = await store.get(object);
    if (bytes === null) throw missing(object);
    keyIds.add(contentKeyOf(bytes, object));
  }
  return keyIds;
}
