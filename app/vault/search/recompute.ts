/** A pack's parts made from its records once more: to make them anew, and to hold what is there against what should be. */
import { packSecretKey, searchPartOf } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf, unwrapPackSecret } from "../pack/secret.ts";
import type { ContentKeys, Random } from "../ports.ts";
import { termsIn } from "../retention/rewrite-pack.ts";
import { decodeHead } from "./part.ts";
import { PartBuilder } from "./part-builder.ts";
import type { SealedPart } from "./part-builder.ts";
import type { TermSource } from "./terms.ts";
import { SALT_BYTES } from "./tokens.ts";

export interface RecomputeParts {
  readonly store: ObjectStore;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly contentKeys: ContentKeys;
  readonly terms: TermSource;
}

export type Recomputed = { readonly kind: "parts"; readonly parts: readonly SealedPart[] } | { readonly kind: "destroyed" } | { readonly kind: "unopened" };

/** "destroyed": the pack's key is gone; "unopened": these keys do not open it. One part at least, which may be empty. Throws vault.damaged_object, vault.missing_object. */
export async function partsOfPack({ store, vaultId, contentKeys, terms }: RecomputeParts, pack: string, generation: number, random: Random): Promise<Recomputed> {
  const object = packSecretKey(pack);
  const wrapped = await store.get(object);
  if (wrapped === null) return { kind: "destroyed" };
  const contentKey = await contentKeys.get(contentKeyOf(wrapped, object));
  if (contentKey === null) return { kind: "unopened" };
  const secret = unwrapPackSecret(wrapped, pack, contentKey, vaultId, object);
  const builder = new PartBuilder(secret, vaultId, terms.version, random);
  secret.fill(0);
  for await (const { records } of new PackReader(store, vaultId, contentKeys).frames(pack)) builder.add(termsIn(records, NONE, terms));
  return { kind: "parts", parts: builder.seal(generation, "empty") };
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Whether a whole generation of a pack's parts says what the pack's records say: under the salts of their heads the same bytes come of them. Answers the objects that disagree;
 * null where that cannot be told: terms are found in another way now, or the pack does not open. Throws as above.
 */
export async function partsThatDisagree(o: RecomputeParts, pack: string, parts: ReadonlyMap<string, Uint8Array>): Promise<readonly string[] | null> {
  const stored = [...parts].map(([object, bytes]) => ({ object, bytes, head: decodeHead(bytes, object).head })).sort((a, b) => a.head.part - b.head.part);
  if (stored.some(({ head }) => head.version !== o.terms.version)) return null;
  const salts = stored.map(({ head }) => head.salt);
  const made = await partsOfPack(o, pack, searchPartOf(stored[0]?.object ?? "")?.generation ?? 0, () => salts.shift() ?? Buffer.alloc(SALT_BYTES));
  if (made.kind !== "parts") return null;
  return stored.filter(({ bytes }, i) => made.parts.length !== stored.length || Buffer.compare(bytes, (made.parts[i] as SealedPart).bytes) !== 0).map(({ object }) => object);
}
