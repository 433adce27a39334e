/** Search keys of packs, for whoever can unwrap content keys; and what a browser needs to make them itself. */
import { packSecretKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { contentKeyOf, unwrapPackSecret } from "../pack/secret.ts";
import type { ContentKeys } from "../ports.ts";
import { wrappedContentKey } from "../recipients/open-key.ts";
import type { VaultDescription } from "../types.ts";
import { atOnce } from "./at-once.ts";
import { listSearchParts } from "./listing.ts";
import { blocksKeyOf, searchKeyOf, termKeyOf, tokenOf } from "./tokens.ts";
import type { SearchQuery } from "./terms.ts";

/** Search keys by pack id, 32 bytes each; null: not to be had with these keys, or the pack's key was destroyed. */
export interface SearchKeys {
  get(pack: string): Promise<Uint8Array | null>;
}

/** One pack's share of a question: opens its parts, and finds what the tokens stand for. Says nothing about what was asked. */
export interface PackTokens {
  readonly pack: string;
  /** 32 bytes. */
  readonly blocksKey: Uint8Array;
  /** Any of the groups, of a group all tokens: as the query. 32 bytes each. */
  readonly groups: readonly (readonly Uint8Array[])[];
}

export function searchKeys(store: ObjectStore, description: VaultDescription, contentKeys: ContentKeys): SearchKeys {
  const vaultId = Buffer.from(description.vaultId, "hex");
  return {
    async get(pack) {
      const object = packSecretKey(pack);
      const wrapped = await store.get(object);
      if (wrapped === null) return null;
      const contentKey = await contentKeys.get(contentKeyOf(wrapped, object));
      if (contentKey === null) return null;
      const secret = unwrapPackSecret(wrapped, pack, contentKey, vaultId, object);
      const key = searchKeyOf(secret);
      secret.fill(0);
      return key;
    },
  };
}

/** Where the search key is, so is the query: in the process of somebody with an identity. */
export function packTokens(pack: string, searchKey: Uint8Array, query: SearchQuery): PackTokens {
  const termKey = termKeyOf(searchKey);
  return { pack, blocksKey: blocksKeyOf(searchKey), groups: query.map((terms) => terms.map((term) => tokenOf(termKey, term))) };
}

/** For somebody elsewhere with an identity: every searchable pack's wrapped secret, and the wrapped content keys that open these. */
export interface SearchMaterial {
  readonly vaultId: string;
  /** `secret`: the pack's `.key` object (docs/design.md 2.4). */
  readonly packs: readonly { readonly pack: string; readonly keyId: string; readonly secret: Uint8Array }[];
  /** General JSON JWE (docs/design.md 2.2). */
  readonly keys: readonly { readonly keyId: string; readonly jwe: Uint8Array }[];
}

const FETCHES = 64;

export async function searchMaterial(store: ObjectStore, description: VaultDescription): Promise<SearchMaterial> {
  const packs: { pack: string; keyId: string; secret: Uint8Array }[] = [];
  await atOnce(FETCHES, await listSearchParts(store), async ({ pack }) => {
    const secret = await store.get(packSecretKey(pack));
    if (secret !== null) packs.push({ pack, keyId: contentKeyOf(secret, packSecretKey(pack)), secret });
  });
  const keys: { keyId: string; jwe: Uint8Array }[] = [];
  await atOnce(FETCHES, new Set(packs.map(({ keyId }) => keyId)), async (keyId) => {
    const jwe = await wrappedContentKey(store, keyId);
    if (jwe !== null) keys.push({ keyId, jwe });
  });
  return { vaultId: description.vaultId, packs, keys };
}
