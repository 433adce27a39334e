/**
 * Adds and removes recipients without touching a pack: every key is wrapped anew, then one signed list makes it so (docs/design.md 2.8, 4).
 *
 * Order: new wrapped keys (read back), their digests, the list. The list's number follows the one before, so of two rotations at once one
 * finds it taken. Until it is there the old generation counts, afterwards the new one; only then is the old one removed.
 */
import { sha256 } from "../crypto/digest.ts";
import { checkedRecipient } from "../crypto/jwk.ts";
import { recipientsOfWrappedKey, wrapKey, type WrappedKeyName } from "../crypto/wrapped-key.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { hostKeyName, MANIFEST_NAME, recipientsKeysObject, recipientsObject, wrappedKeyObject, wrappedKeyOf } from "../format/names.ts";
import { StoreError, type ObjectStore } from "../object-store.ts";
import type { Clock, Jwk, KeyOpener, Recipient } from "../ports.ts";
import { protectedStore } from "../repair/parity-store.ts";
import { neededKeyIds } from "../retention/key-ids.ts";
import { journalPacks } from "../journal/needs.ts";
import { readRedactions } from "../retention/redactions.ts";
import { indexKeyId } from "../snapshot/content-keys.ts";
import { readVaultDescription } from "../snapshot/description.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { encodeKeyDigests, readKeyDigests, readRecipients, recipientHistory, signRecipients, type RecipientList } from "./current.ts";
import { openSigningKey, wrapHostKey } from "./host-key.ts";
import { Generations, openWrappedKey } from "./open-key.ts";

export interface RotateRecipients {
  readonly store: ObjectStore;
  /** Of somebody who is a recipient now. */
  readonly opener: KeyOpener;
  readonly add: readonly Recipient[];
  /** Key ids. */
  readonly remove: readonly string[];
  readonly clock: Clock;
  /** The host's own; without it the one that is wrapped in the vault is opened. */
  readonly signingKey?: Jwk | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Rotated {
  readonly vaultId: string;
  /** False: everything was as asked for already. Leftovers were removed all the same. */
  readonly changed: boolean;
  readonly sequence: number;
  readonly generation: number;
  readonly recipients: readonly Recipient[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Keys wrapped to the recipients. */
  readonly keys: number;
  /** SHA-256 hex of the list of recipients; null while there was never a rotation. */
  readonly digest: string | null;
  /** Objects of earlier generations that the store would not let go: a removed recipient who reads them opens them still. */
  readonly kept: readonly string[];
}

/** Wrapped keys read, opened and written at once: a key service takes its time, and limits its callers. */
const AT_ONCE = 8;

/**
 * Throws vault.last_recipient, vault.not_a_recipient, vault.bad_recipient, vault.no_key (a key is not sealed to this identity), vault.missing_object and
 * vault.damaged_object (a key is lost: nothing was changed), vault.recipients_contended, and what the opener and the store throw. Running it again is safe.
 */
export async function rotateRecipients(o: RotateRecipients): Promise<Rotated> {
  const description = await readVaultDescription(o.store);
  const store = protectedStore(o.store, description);
  const before = await readRecipients(store, description);
  const wanted = await wantedRecipients(store, description, before, o);
  const objects = await keyObjects(store);
  const needed = await neededKeys(store, description, objects);

  const known = await readKeyDigests(store, before);
  const added = [...wanted.keys()].filter((keyId) => !before.recipients.some((recipient) => recipient.keyId === keyId));
  const removed = before.recipients.map((recipient) => recipient.keyId).filter((keyId) => !wanted.has(keyId));
  const recipients = [...wanted.values()];
  const result = { vaultId: description.vaultId, recipients, added, removed };
  if (added.length === 0 && removed.length === 0 && (await allWrapped(store, objects, needed, known, before))) {
    const kept = await removeOld(store, objects, known, before.generation);
    return { ...result, changed: false, sequence: before.sequence, generation: before.generation, keys: objects.size, digest: before.digest, kept };
  }

  const signingKey = o.signingKey ?? (await openSigningKey(store, o.opener, description));
  const generation = 1 + [...objects.values()].flat().reduce((most, number) => Math.max(most, number), before.generation);
  const digests = await wrapAll(store, description, objects, needed, generation, recipients, signingKey, o);
  const names = encodeKeyDigests(digests);
  const sequence = before.sequence + 1;
  const list = await signRecipients(
    {
      format: 1,
      vaultId: description.vaultId,
      sequence,
      generation,
      at: o.clock.now().toISOString(),
      previous: before.digest,
      recipients: recipients.map(({ keyId, jwk }) => ({ keyId, jwk: { ...jwk } })),
      keys: { count: digests.size, digest: sha256(names) },
    },
    signingKey,
  );
  await putExact(store, recipientsKeysObject(sha256(names)), names);
  await putNew(store, recipientsObject(sequence), list);
  const kept = await removeOld(store, objects, digests, generation);
  return { ...result, changed: true, sequence, generation, keys: digests.size, digest: sha256(list), kept };
}

async function wantedRecipients(store: ObjectStore, description: VaultDescription, before: RecipientList, o: RotateRecipients): Promise<Map<string, Recipient>> {
  const wanted = new Map(before.recipients.map((recipient) => [recipient.keyId, recipient]));
  for (const recipient of await Promise.all(o.add.map(checkedRecipient))) wanted.set(recipient.keyId, recipient);
  for (const keyId of o.remove) {
    if (wanted.delete(keyId)) continue;
    const ever = (await recipientHistory(store, description)).some((list) => list.recipients.some((recipient) => recipient.keyId === keyId));
    if (!ever) throw new VaultError("vault.not_a_recipient", `${keyId.slice(0, 64)} is no recipient of this vault and never was`);
  }
  if (wanted.size === 0) throw new VaultError("vault.last_recipient", "nobody would be left who can open the vault");
  return wanted;
}

/** Generations on the store of each wrapped key. */
async function keyObjects(store: ObjectStore): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for await (const { key } of store.list("keys/")) {
    const wrapped = wrappedKeyOf(key);
    if (wrapped === null) continue;
    const generations = found.get(wrapped.name);
    if (generations === undefined) found.set(wrapped.name, [wrapped.generation]);
    else generations.push(wrapped.generation);
  }
  return found;
}

/** A key that a snapshot needs and the store lost would be dropped for good by a new generation without it. */
async function neededKeys(store: ObjectStore, description: VaultDescription, objects: ReadonlyMap<string, unknown>): Promise<Set<string>> {
  const index = `index-${indexKeyId(description)}`;
  const needed = new Set([index]);
  // Redactions take keys out of use and bring others into it.
  const redactions = await readRedactions(store, description);
  const redacted = redactions.size > 0;
  for await (const { id, keyId } of journalPacks(store, description)) needed.add(redactions.replacement(id)?.keyId ?? keyId);
  for await (const { key } of store.list("snapshots/")) {
    if (!MANIFEST_NAME.test(key)) continue;
    const bytes = await store.get(key);
    if (bytes === null) continue;
    const manifest = await parseManifest(bytes, key, description);
    for (const id of redacted ? await neededKeyIds(store, description, manifest) : manifest.keyIds) needed.add(id);
  }
  for (const name of needed) if (!objects.has(name)) throw missing(wrappedKeyObject(name, 0));
  return needed;
}

/** Whether each key is wrapped to exactly these recipients: by the list, or, when it is younger than the list, by itself. */
async function allWrapped(store: ObjectStore, objects: ReadonlyMap<string, readonly number[]>, needed: ReadonlySet<string>, known: ReadonlyMap<string, string>, list: RecipientList): Promise<boolean> {
  const wanted = [...list.recipients.map((recipient) => recipient.keyId)].sort().join(" ");
  for (const [name, generations] of objects) {
    if (known.has(name)) continue;
    const object = wrappedKeyObject(name, 0);
    const bytes = generations.includes(0) ? await store.get(object) : null;
    try {
      if (bytes === null || recipientsOfWrappedKey(bytes, object).sort().join(" ") !== wanted) return false;
    } catch (error) {
      // Half a key, left by a run that died, belongs to no snapshot.
      if (needed.has(name) || !isDamaged(error)) throw error;
    }
  }
  return true;
}

function isDamaged(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "vault.damaged_object" || error.code === "keys.damaged");
}

async function wrapAll(store: ObjectStore, description: VaultDescription, objects: ReadonlyMap<string, unknown>, needed: ReadonlySet<string>, generation: number, recipients: readonly Recipient[], signingKey: Jwk, o: RotateRecipients): Promise<Map<string, string>> {
  const hostKey = hostKeyName(description.vaultId);
  const names = [...new Set([...objects.keys(), hostKey])].sort();
  const generations = new Generations(store);
  const digests = new Map<string, string>();
  let done = 0;
  const one = async (name: string): Promise<void> => {
    o.signal?.throwIfAborted();
    const object = wrappedKeyObject(name, generation);
    let wrapped: Buffer;
    if (name === hostKey) wrapped = await wrapHostKey(signingKey, description.vaultId, recipients);
    else {
      const wrappedName = nameInside(name, description.vaultId);
      const opened = await openWrappedKey(store, o.opener, generations, name, wrappedName).catch((error: unknown) => {
        if (needed.has(name) || !isDamaged(error)) throw error;
        return "left by a run that died" as const;
      });
      if (typeof opened === "string") return;
      if (opened === null) throw new VaultError("vault.no_key", `${wrappedKeyObject(name, 0)} is not sealed to this identity`, { object: wrappedKeyObject(name, 0) });
      wrapped = await wrapKey(opened.key, wrappedName, recipients);
      opened.key.fill(0);
    }
    await putNew(store, object, wrapped);
    const there = await store.get(object);
    if (there === null || Buffer.compare(there, wrapped) !== 0) throw damaged(object, "it is not what was just written");
    digests.set(name, sha256(wrapped));
    o.onProgress?.(++done, names.length);
  };
  const queue = names.values();
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const name of queue) await one(name);
  });
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return digests;
}

/** What the header of the wrapped key `name` must say. */
function nameInside(name: string, vault: string): WrappedKeyName {
  if (name.startsWith("index-")) return { vault, key: name.slice("index-".length), use: "index" };
  return { vault, key: name, use: "content" };
}

/** Throws vault.recipients_contended when the name is taken: nobody but another rotation writes it. */
async function putNew(store: ObjectStore, object: string, bytes: Buffer): Promise<void> {
  if ((await store.putIfAbsent(object, bytes)) === "stored") return;
  const there = await store.get(object);
  if (there !== null && Buffer.compare(there, bytes) === 0) return;
  throw new VaultError("vault.recipients_contended", "another program changed the recipients at the same time", { object, retry: "later" });
}

/** Removes what the list in force replaces. Answers what the store would not let go. */
async function removeOld(store: ObjectStore, objects: ReadonlyMap<string, readonly number[]>, digests: ReadonlyMap<string, string>, inForce: number): Promise<string[]> {
  const kept: string[] = [];
  for (const [name, generations] of objects) {
    if (!digests.has(name)) continue;
    // Higher generations may be those of a rotation under way.
    for (const generation of generations.filter((number) => number < inForce)) {
      const object = wrappedKeyObject(name, generation);
      try {
        await store.remove(object);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        kept.push(object);
      }
    }
  }
  return kept.sort();
}
