/** What can be said of a vault's keys without any key: who was a recipient when, and to whom each key is wrapped now. */
import { recipientsOfWrappedKey } from "../crypto/wrapped-key.ts";
import { missing } from "../errors.ts";
import { MANIFEST_NAME, wrappedKeyObject } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { neededKeyIds } from "../retention/key-ids.ts";
import { readRedactions } from "../retention/redactions.ts";
import { readVaultDescription } from "../snapshot/description.ts";
import { parseManifest } from "../snapshot/manifest.ts";
import { readKeyDigests, recipientHistory } from "./current.ts";

export interface KeyFacts {
  readonly vaultId: string;
  /** ISO 8601: since when there are signing key and index key. */
  readonly createdAt: string;
  /** Oldest first; the last one is in force. */
  readonly lists: readonly { readonly sequence: number; readonly at: string; readonly recipients: readonly string[] }[];
  /** Oldest first. */
  readonly snapshots: readonly { readonly snapshotId: string; readonly takenAt: string; readonly keyIds: readonly string[] }[];
  /** Key ids of those each content key that a snapshot needs is wrapped to now, by content key id. */
  readonly wrappedTo: ReadonlyMap<string, readonly string[]>;
}

/** Throws vault.not_found, vault.damaged_object, vault.missing_object. */
export async function readKeyFacts(store: ObjectStore): Promise<KeyFacts> {
  const description = await readVaultDescription(store);
  const history = await recipientHistory(store, description);
  const newest = history[history.length - 1] as (typeof history)[number];
  const digests = await readKeyDigests(store, newest);
  const redacted = (await readRedactions(store, description)).size > 0;
  const snapshots: { snapshotId: string; takenAt: string; keyIds: readonly string[] }[] = [];
  for await (const { key } of store.list("snapshots/")) {
    const bytes = MANIFEST_NAME.test(key) ? await store.get(key) : null;
    if (bytes === null) continue;
    const manifest = await parseManifest(bytes, key, description);
    // Redactions take keys out of use and bring others into it.
    const keyIds = redacted ? await neededKeyIds(store, description, manifest) : manifest.keyIds;
    snapshots.push({ snapshotId: manifest.snapshotId, takenAt: manifest.takenAt, keyIds });
  }
  const wrappedTo = new Map<string, readonly string[]>();
  const current = newest.recipients.map((recipient) => recipient.keyId);
  for (const keyId of new Set(snapshots.flatMap((snapshot) => snapshot.keyIds))) {
    if (digests.has(keyId)) {
      wrappedTo.set(keyId, current);
      continue;
    }
    // Younger than the newest list: it says itself to whom it is wrapped.
    const object = wrappedKeyObject(keyId, 0);
    const bytes = await store.get(object);
    if (bytes === null) throw missing(object);
    wrappedTo.set(keyId, recipientsOfWrappedKey(bytes, object));
  }
  return {
    vaultId: description.vaultId,
    createdAt: description.createdAt,
    lists: history.map(({ sequence, at, recipients }) => ({ sequence, at, recipients: recipients.map((recipient) => recipient.keyId) })),
    snapshots: snapshots.sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1)),
    wrappedTo,
  };
}
