/**
 * Search tokens, made in the browser (the vault's format, docs/design.md 11.2). The identity opens content keys, these open the packs' secrets, and of those only
 * the search keys are kept, which open no record. What a person types is turned into tokens here; tokens are all that is sent.
 */
import { base64url } from "jose";
import { queryTerms, type Query } from "#app/terms/index.ts";
import type { FindMaterialModel, PackTokensModel } from "../models/find.ts";
import type { Identity } from "./identity.ts";
import { unwrapKeys, type UnwrapOutcome } from "./unwrap.ts";

/** Of one pack: one key makes tokens, the other opens the blocks in which they are looked up. */
interface PackSearchKey {
  readonly pack: string;
  readonly terms: CryptoKey;
  readonly blocks: Uint8Array;
}

export interface SearchKeyring {
  readonly packs: readonly PackSearchKey[];
  /** Packs whose secret did not open: damaged, and so not searched. */
  readonly closed: number;
}

export type OpenedSearch = { readonly ok: true; readonly keyring: SearchKeyring } | Extract<UnwrapOutcome, { readonly ok: false }>;

export async function openSearch(identity: Identity, material: FindMaterialModel): Promise<OpenedSearch> {
  // One by one: a key that is damaged or sealed to others closes its own packs and no more.
  const opened = await Promise.all(material.sealedKeys.map((key) => unwrapKeys(identity, [key], material.recipientKeyIds)));
  const failed = opened.find((outcome) => !outcome.ok);
  if (failed !== undefined && !failed.ok && !opened.some(({ ok }) => ok)) return failed;
  const keys: Record<string, string> = {};
  for (const outcome of opened) if (outcome.ok) Object.assign(keys, outcome.keys);
  return { ok: true, keyring: await searchKeyring(keys, material) };
}

/** For whoever has unwrapped the content keys already: by id, base64url. */
export async function searchKeyring(contentKeys: Readonly<Record<string, string>>, { vaultId, packs }: Pick<FindMaterialModel, "vaultId" | "packs">): Promise<SearchKeyring> {
  const openers = new Map<string, Promise<CryptoKey>>();
  for (const [keyId, key] of Object.entries(contentKeys)) openers.set(keyId, crypto.subtle.importKey("raw", plain(base64url.decode(key)), "AES-GCM", false, ["decrypt"]));
  const made = await Promise.all(
    packs.map(async ({ pack, keyId, secret }): Promise<PackSearchKey | null> => {
      const opener = openers.get(keyId);
      if (opener === undefined) return null;
      try {
        return await packSearchKey(await opener, plain(base64url.decode(secret)), pack, keyId, vaultId);
      } catch {
        return null;
      }
    }),
  );
  const found = made.filter((key) => key !== null);
  return { packs: found, closed: made.length - found.length };
}

/** Empty: nothing can have such a value. */
export async function searchTokens({ packs }: SearchKeyring, query: Query): Promise<readonly PackTokensModel[]> {
  const groups = queryTerms(query);
  if (groups.length === 0) return [];
  return Promise.all(
    packs.map(async ({ pack, terms, blocks }) => ({
      pack,
      blocksKey: base64url.encode(blocks),
      groups: await Promise.all(groups.map((group) => Promise.all(group.map(async ({ type, term }) => base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", terms, typed(type, term)))))))),
    })),
  );
}

const MAGIC = "HFPKEY\x00\x01";
/** magic 8, key id 16, nonce 12, then the sealed secret of 32 bytes and its tag of 16. */
const SECRET_BYTES = 84;

async function packSearchKey(contentKey: CryptoKey, wrapped: Uint8Array<ArrayBuffer>, pack: string, keyId: string, vaultId: string): Promise<PackSearchKey> {
  if (wrapped.length !== SECRET_BYTES || !MAGIC.split("").every((letter, i) => wrapped[i] === letter.charCodeAt(0))) throw new Error("no wrapped pack secret");
  const additionalData = joined(text("holdfast pack key v1\0"), unhex(vaultId), unhex(pack), unhex(keyId));
  const secret = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: wrapped.subarray(24, 36), additionalData }, contentKey, wrapped.subarray(36)));
  const search = await derived(secret, "holdfast search v1");
  secret.fill(0);
  const [termKey, blocks] = await Promise.all([derived(search, "holdfast search terms v1"), derived(search, "holdfast search blocks v1")]);
  search.fill(0);
  const terms = await crypto.subtle.importKey("raw", termKey, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  termKey.fill(0);
  return { pack, terms, blocks };
}

/** HKDF-SHA-256 (RFC 5869), empty salt, 32 bytes. */
async function derived(secret: Uint8Array<ArrayBuffer>, label: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: text(label) }, key, 256));
}

function typed(type: number, term: string): Uint8Array<ArrayBuffer> {
  return joined(Uint8Array.of(type), text(term));
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return plain(new TextEncoder().encode(value));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function unhex(value: string): Uint8Array {
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** WebCrypto takes views of plain memory only. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
