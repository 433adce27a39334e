/**
 * What a restore keeps in the vault: its plan, what was asked of the platform and what came of it, its report. Ids, kinds, names of fields, codes: never a value
 * of a record, but whom an incident touched is nobody's business who only reads the store. So each object is signed for its name, and sealed under a key of the
 * index key with a fresh salt (docs/design.md 8.7). Written once and never changed. Hostile bytes in.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import { aadOf, deriveKey, open, positionNonce, seal } from "../crypto/seal.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk, Random } from "../ports.ts";
import type { VaultDescription } from "../types.ts";

const OBJECT = /^restores\/([A-Za-z0-9_-]{1,64})\/([a-z][a-z0-9-]{0,63})$/;
const SALT_BYTES = 32;
/** Of one object, before it is sealed. Whoever has more writes several. */
export const MOST_RESTORE_BYTES = 16 * 1024 * 1024;
const LABEL = "holdfast restore v1";

const Shape = z.object({ format: z.literal(1), vaultId: z.string(), object: z.string(), sealed: z.string().max(2 * MOST_RESTORE_BYTES) });

export interface RestoreReader {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
}

export interface RestoreKeeper extends RestoreReader {
  readonly signingKey: Jwk;
  readonly random: Random;
}

/** `name`: lower-case letters, digits and dashes ("plan-1", "log-0000000001"). */
export function restoreObject(planId: string, name: string): string {
  const key = `restores/${planId}/${name}`;
  if (!OBJECT.test(key)) throw new VaultError("vault.bad_record", "a restore's object may not have this name");
  return key;
}

/** Durable when it resolves. False: the name was taken by something else; what lies there stays. Its own write whose answer was lost counts as its own. */
export async function putRestoreObject(o: RestoreKeeper, planId: string, name: string, content: Uint8Array): Promise<boolean> {
  if (content.length > MOST_RESTORE_BYTES) throw new VaultError("vault.bad_record", "a restore's object is too large");
  const key = restoreObject(planId, name);
  const salt = Buffer.from(o.random(SALT_BYTES));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(content.length);
  const packed = Buffer.concat([head, zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })]);
  const sealing = deriveKey(o.indexKey, salt, LABEL);
  const sealed = Buffer.concat([salt, seal(sealing, positionNonce(0), aad(o.description, key), packed)]);
  sealing.fill(0);
  const bytes = await signJson({ format: 1, vaultId: o.description.vaultId, object: key, sealed: sealed.toString("base64url") }, "holdfast-restore", o.signingKey);
  if ((await o.store.putIfAbsent(key, bytes)) === "stored") return true;
  const there = await o.store.get(key);
  if (there === null) return false;
  if (Buffer.compare(there, bytes) === 0) return true;
  // An earlier life of the same work wrote the same under another salt.
  return Buffer.compare(await opened(o, key, there), content) === 0;
}

/** Null: there is none. Throws vault.damaged_object. */
export async function readRestoreObject(o: RestoreReader, planId: string, name: string): Promise<Buffer | null> {
  const key = restoreObject(planId, name);
  const bytes = await o.store.get(key);
  return bytes === null ? null : opened(o, key, bytes);
}

/** Names of a restore's objects that start so, in order of their bytes. Nothing about them is believed yet. */
export async function restoreObjectNames(store: ObjectStore, planId: string, start = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of store.list(`restores/${planId}/${start}`)) {
    const name = OBJECT.exec(key)?.[2];
    if (name !== undefined) names.push(name);
  }
  return names.sort();
}

/** Objects of all restores that are not what the vault's key signed for their names. */
export async function damagedRestoreObjects(store: ObjectStore, description: VaultDescription): Promise<string[]> {
  const wrong: string[] = [];
  for await (const { key } of store.list("restores/")) {
    const bytes = OBJECT.test(key) ? await store.get(key) : null;
    if (bytes === null) continue;
    try {
      await signed(bytes, key, description);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      wrong.push(key);
    }
  }
  return wrong;
}

/** Whether these bytes are what the vault's key signed for this name; with the index key, whether they open. Throws vault.damaged_object. */
export async function checkRestoreObject(bytes: Uint8Array, key: string, description: VaultDescription, indexKey: Uint8Array | null = null): Promise<void> {
  const sealed = await signed(bytes, key, description);
  if (indexKey !== null) inflated(sealed, key, description, indexKey);
}

async function opened({ description, indexKey }: RestoreReader, key: string, bytes: Uint8Array): Promise<Buffer> {
  return inflated(await signed(bytes, key, description), key, description, indexKey);
}

async function signed(bytes: Uint8Array, key: string, description: VaultDescription): Promise<Buffer> {
  if (!OBJECT.test(key)) throw damaged(key, "its name is no restore's");
  const parsed = Shape.safeParse(await verifySigned(bytes, "holdfast-restore", description.signingPublicKey, key));
  if (!parsed.success) throw damaged(key, "it lacks what a restore's object has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.object !== key) throw damaged(key, "it belongs to another place");
  return Buffer.from(parsed.data.sealed, "base64url");
}

function inflated(sealed: Buffer, key: string, description: VaultDescription, indexKey: Uint8Array): Buffer {
  if (sealed.length <= SALT_BYTES) throw damaged(key, "it is too short");
  const opening = deriveKey(indexKey, sealed.subarray(0, SALT_BYTES), LABEL);
  const packed = open(opening, positionNonce(0), aad(description, key), sealed.subarray(SALT_BYTES), key);
  opening.fill(0);
  if (packed.length < 4) throw damaged(key, "it is cut short");
  const length = packed.readUInt32BE(0);
  if (length > MOST_RESTORE_BYTES) throw damaged(key, "it claims to be too large");
  let raw: Buffer;
  try {
    raw = zstdDecompressSync(packed.subarray(4), { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    throw damaged(key, "it does not inflate", cause);
  }
  if (raw.length !== length) throw damaged(key, "it is shorter than it says");
  return raw;
}

function aad(description: VaultDescription, key: string): Buffer {
  return aadOf(LABEL, Buffer.from(description.vaultId, "hex"), Buffer.from(key, "latin1"));
}
