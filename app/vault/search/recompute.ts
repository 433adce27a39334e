/** What a pack's records are searched by, found once more: to make parts anew, and to hold what is there against what should be. */
import { packSecretKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf, unwrapPackSecret } from "../pack/secret.ts";
import type { ContentKeys, Random } from "../ports.ts";
import { termsIn } from "../retention/rewrite-pack.ts";
import type { SealedPart, StoredPart } from "./part.ts";
import { PartBuilder } from "./part-builder.ts";
import type { TermSource } from "./terms.ts";

export interface RecomputeParts {
  readonly store: ObjectStore;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly contentKeys: ContentKeys;
  readonly terms: TermSource;
}

/** "destroyed": the pack's key is gone; "unopened": these keys do not open it. */
type Unread = { readonly kind: "destroyed" } | { readonly kind: "unopened" };

/** One part at least, which may be empty. Throws vault.damaged_object, vault.missing_object. */
export async function partsOfPack(o: RecomputeParts, pack: string, generation: number, random: Random): Promise<Unread | { readonly kind: "parts"; readonly parts: readonly SealedPart[] }> {
  const read = await readPack(o, pack, random);
  return read.kind === "read" ? { kind: "parts", parts: read.builder.seal(generation, "empty") } : read;
}

/**
 * Of a whole generation of a pack's parts, those that do not say what the pack's records say; null where that cannot be told: terms are found in another way now, or the pack does not open.
 * Throws as above.
 */
export async function partsThatDisagree(o: RecomputeParts, pack: string, stored: readonly StoredPart[]): Promise<readonly string[] | null> {
  if (stored.some(({ head }) => head.version !== o.terms.version)) return null;
  const read = await readPack(o, pack, NO_SALTS);
  return read.kind === "read" ? read.builder.disagreeing(stored) : null;
}

/** For builders that seal nothing new: what is compared is sealed under the salts it has. */
export const NO_SALTS: Random = () => {
  throw new TypeError("a part that is compared takes no salt of its own");
};

async function readPack({ store, vaultId, contentKeys, terms }: RecomputeParts, pack: string, random: Random): Promise<Unread | { readonly kind: "read"; readonly builder: PartBuilder }> {
  const object = packSecretKey(pack);
  const wrapped = await store.get(object);
  if (wrapped === null) return { kind: "destroyed" };
  const contentKey = await contentKeys.get(contentKeyOf(wrapped, object));
  if (contentKey === null) return { kind: "unopened" };
  const secret = unwrapPackSecret(wrapped, pack, contentKey, vaultId, object);
  const builder = new PartBuilder(secret, vaultId, terms.version, random);
  secret.fill(0);
  for await (const { records } of new PackReader(store, vaultId, contentKeys).frames(pack)) builder.add(termsIn(records, NONE, terms));
  return { kind: "read", builder };
}

const NONE: ReadonlySet<number> = new Set();
