/** What the vault itself says each of its objects must be: nothing else decides whether bytes are the good ones. */
import { z } from "zod";
import { parseDrillObject } from "../attest/drills.ts";
import { sha256 } from "../crypto/digest.ts";
import { verifySigned } from "../crypto/signed.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject, DESCRIPTION, hostKeyName, MANIFEST_NAME, packSecretKey, promisedDigest, recipientsKeysObject, recipientsObject, recipientsSequenceOf, searchPartOf, wrappedKeyObject } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { parseRecipients, readKeyDigests, recipientSequences } from "../recipients/current.ts";
import type { RecipientList } from "../recipients/current.ts";
import { journalObject, journalSequenceOf } from "../journal/names.ts";
import { parseCut } from "../journal/cut.ts";
import { journalSegments } from "../journal/needs.ts";
import { parseSegment } from "../journal/segment.ts";
import { parseCertificate } from "../retention/certificate.ts";
import { parsePrune } from "../retention/prunes.ts";
import { parseRedaction, readRedactionRecords } from "../retention/redactions.ts";
import { checkRequestObject } from "../retention/requests.ts";
import { parseRoster, rosterSequenceOf } from "../roster/roster.ts";
import { checkRestoreObject } from "../restores/objects.ts";
import { parseDescription } from "../snapshot/description.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { readPackList } from "../snapshot/pack-list.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";
import { isVaultFault } from "./mend.ts";
import { parityKey } from "./parity-store.ts";

export class Expectations {
  /** Null: neither the store nor anything else says whose vault this is. */
  readonly description: VaultDescription | null;
  readonly manifests: readonly SnapshotManifest[];
  /** SHA-256 hex by object, where another, checked object names it. */
  private readonly digests = new Map<string, string>();
  /** Digests of manifests that a later manifest names as its parent, by snapshot id. */
  readonly parents = new Map<string, string>();
  private readonly vaultId: string | null;
  constructor(description: VaultDescription | null, manifests: readonly SnapshotManifest[], vaultId: string | null) {
    this.description = description;
    this.manifests = manifests;
    this.vaultId = vaultId ?? description?.vaultId ?? null;
    if (description !== null) {
      this.digests.set(description.indexKeyObject, description.indexKeyDigest);
      if (description.hostKeyDigest !== undefined) this.digests.set(wrappedKeyObject(hostKeyName(description.vaultId), 0), description.hostKeyDigest);
    }
    for (const { keys, parent, recipients } of manifests) {
      if (recipients !== undefined) this.digests.set(recipientsObject(recipients.sequence), recipients.digest);
      for (const key of keys) this.digests.set(contentKeyObject(key.id), key.digest);
      if (parent !== null) this.parents.set(parent.snapshotId, parent.digest);
    }
  }

  /** Reads what can be read; what is damaged says nothing. `vaultId`: known from elsewhere. */
  static async read(store: ObjectStore, vaultId: string | null): Promise<Expectations> {
    const description = await readable(store, DESCRIPTION, (bytes) => parseDescription(bytes));
    const trusted = description !== null && (vaultId === null || description.vaultId === vaultId) ? description : null;
    const manifests: SnapshotManifest[] = [];
    if (trusted !== null) {
      for await (const { key } of store.list("snapshots/")) {
        const manifest = MANIFEST_NAME.test(key) ? await readable(store, key, (bytes) => parseManifest(bytes, key, trusted)) : null;
        if (manifest !== null) manifests.push(manifest);
      }
    }
    const expectations = new Expectations(trusted, manifests, vaultId);
    await expectations.readPackLists(store);
    if (trusted !== null) {
      await expectations.readRecipientLists(store, trusted);
      await expectations.readRedactions(store, trusted);
      await expectations.readJournal(store, trusted);
    }
    return expectations;
  }

  /** What redactions wrote in the place of what they destroyed. */
  private async readRedactions(store: ObjectStore, description: VaultDescription): Promise<void> {
    for (const { record } of (await readRedactionRecords(store, description)).records) {
      for (const { to } of record.packs) this.digests.set(packSecretKey(to.id), to.keyDigest);
      for (const key of record.keys) this.digests.set(contentKeyObject(key.id), key.digest);
    }
  }

  /** Each segment names the one before, its packs and their keys. */
  private async readJournal(store: ObjectStore, description: VaultDescription): Promise<void> {
    for await (const { previous, pack, kept, keys } of journalSegments(store, description)) {
      if (previous !== null) this.digests.set(journalObject(previous.sequence), previous.digest);
      for (const { id, keyDigest } of [...(pack === null ? [] : [pack]), ...kept]) this.digests.set(packSecretKey(id), keyDigest);
      for (const key of keys) this.digests.set(contentKeyObject(key.id), key.digest);
    }
  }

  /** Each list names the one before and the keys that were wrapped for it. */
  private async readRecipientLists(store: ObjectStore, description: VaultDescription): Promise<void> {
    for (const sequence of await recipientSequences(store)) {
      const list = await readable(store, recipientsObject(sequence), (bytes) => parseRecipients(bytes, sequence, description));
      if (list === null) continue;
      if (list.previous !== null) this.digests.set(recipientsObject(sequence - 1), list.previous);
      if (list.keys !== null) this.digests.set(recipientsKeysObject(list.keys.digest), list.keys.digest);
      await this.readKeyDigests(store, list);
    }
  }

  private async readKeyDigests(store: ObjectStore, list: RecipientList): Promise<void> {
    try {
      for (const [name, digest] of await readKeyDigests(store, list)) this.digests.set(wrappedKeyObject(name, list.generation), digest);
    } catch (error) {
      if (!isVaultFault(error)) throw error;
    }
  }

  private async readPackLists(store: ObjectStore): Promise<void> {
    for (const manifest of this.manifests) {
      try {
        for (const pack of await readPackList(store, manifest)) this.digests.set(packSecretKey(pack.id), pack.keyDigest);
      } catch (error) {
        if (!isVaultFault(error)) throw error;
      }
    }
  }

  /** The digest the object must have; null when only its signature can tell, or nothing. */
  digestOf(key: string): string | null {
    return this.digests.get(key) ?? promisedDigest(key) ?? this.parents.get(MANIFEST_NAME.exec(key)?.[1] ?? "") ?? null;
  }

  /** Whether these bytes are the object. */
  async holds(key: string, bytes: Uint8Array): Promise<boolean> {
    try {
      if (key === DESCRIPTION) {
        const description = await parseDescription(bytes);
        return this.vaultId === null || description.vaultId === this.vaultId;
      }
      if (MANIFEST_NAME.test(key)) {
        if (this.description === null) return false;
        const { digest } = await parseManifest(bytes, key, this.description);
        return digest === (this.digestOf(key) ?? digest);
      }
      const signed = this.description === null ? null : await signedObject(key, bytes, this.description);
      if (signed !== null) return sha256(bytes) === (this.digestOf(key) ?? sha256(bytes));
    } catch (error) {
      if (isVaultFault(error)) return false;
      throw error;
    }
    const part = searchPartOf(key);
    if (part !== null) return sha256(bytes).startsWith(part.digest);
    const digest = this.digestOf(key) ?? /^prunes\/doomed-([0-9a-f]{64})$/.exec(key)?.[1] ?? null;
    return digest !== null && sha256(bytes) === digest;
  }

  /** The manifest that `id` was stored under, looked for in `names`. */
  static nameOf(id: string, names: Iterable<string>): string | null {
    for (const name of names) {
      const key = name.startsWith(parityKey("")) ? name.slice(parityKey("").length) : name;
      if (MANIFEST_NAME.exec(key)?.[1] === id) return key;
    }
    return null;
  }
}

/** Objects that nothing names by digest, and that the vault's key signed for their names. Null: not one of them. Throws vault.damaged_object. */
async function signedObject(key: string, bytes: Uint8Array, description: VaultDescription): Promise<true | null> {
  const recipients = recipientsSequenceOf(key);
  const [, folder, number, rest] = /^(redactions|prunes)\/(\d{10})(\.json|\.certificate-\d+\.json)$/.exec(key) ?? [];
  const hold = /^holds\/([0-9a-f]+)(?:\.released-[0-9a-f]{8})?\.json$/.exec(key)?.[1];
  const segment = journalSequenceOf(key);
  const roster = rosterSequenceOf(key);
  const cut = /^journal\/cuts\/(\d{10})\.json$/.exec(key)?.[1];
  if (recipients !== null) await parseRecipients(bytes, recipients, description);
  else if (segment !== null) await parseSegment(bytes, segment, description);
  else if (cut !== undefined) await parseCut(bytes, key, Number(cut), description);
  else if (roster !== null) await parseRoster(bytes, key, roster, description);
  else if (key.startsWith("requests/")) await checkRequestObject(bytes, key, description);
  else if (key.startsWith("restores/")) await checkRestoreObject(bytes, key, description);
  else if (key.startsWith("drills/")) await parseDrillObject(bytes, key, description);
  else if (folder === "redactions" && rest === ".json") await parseRedaction(bytes, key, Number(number), description);
  else if (folder === "redactions") await parseCertificate(bytes, key, description);
  else if (folder === "prunes" && rest === ".json") await parsePrune(bytes, key, Number(number), description);
  else if (hold !== undefined) {
    const payload = z.object({ vaultId: z.literal(description.vaultId), holdId: z.literal(hold) }).safeParse(await verifySigned(bytes, "holdfast-hold", description.signingPublicKey, key));
    if (!payload.success) return null;
  } else return null;
  return true;
}

async function readable<T>(store: ObjectStore, key: string, parse: (bytes: Uint8Array) => Promise<T>): Promise<T | null> {
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    return await parse(bytes);
  } catch (error) {
    if (!isVaultFault(error) || (error as VaultError).code === "vault.unsupported_format") throw error;
    return null;
  }
}
