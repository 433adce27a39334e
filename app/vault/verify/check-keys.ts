/** Checks the lists of recipients, and that each key a snapshot needs is there as its newest rotation, or its birth, left it (docs/design.md 2.8). */
import { sha256 } from "../crypto/digest.ts";
import { hostKeyName, recipientsKeysObject, recipientsObject, recipientsSequenceOf, wrappedKeyObject, wrappedKeyOf } from "../format/names.ts";
import { firstRecipients, parseKeyDigests, parseRecipients, type RecipientList } from "../recipients/current.ts";
import { indexKeyId } from "../snapshot/content-keys.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";
import { faultOf, type Audit } from "./audit.ts";

export interface KeyCheck {
  /** Objects that are what should be there, or are faulted. */
  readonly named: readonly string[];
  /** The object that holds each key now, by key name; of needed keys only. */
  readonly objects: ReadonlyMap<string, string>;
}

/** `contentKeys`: those that are needed, with the digest of their first generation. */
export async function checkKeys(audit: Audit, sizes: ReadonlyMap<string, number>, description: VaultDescription, manifests: readonly SnapshotManifest[], contentKeys: ReadonlyMap<string, string>): Promise<KeyCheck> {
  const named: string[] = [];
  const newest = await checkRecipients(audit, sizes, description, manifests, named);
  const rotated = newest === null ? null : await readDigests(audit, newest);
  const any = rotated === null ? new Set([...sizes.keys()].map((key) => wrappedKeyOf(key)?.name)) : null;
  const objects = new Map<string, string>();
  for (const [name, born] of neededKeys(description, contentKeys, rotated)) {
    const digest = rotated?.get(name);
    const object = wrappedKeyObject(name, digest === undefined ? 0 : (newest?.generation ?? 0));
    objects.set(name, object);
    // Which generation counts cannot be told: any will have to do.
    if (any?.has(name) === true) continue;
    named.push(object);
    const bytes = sizes.has(object) ? await audit.read(object) : null;
    if (bytes === null) audit.find("key.missing", object);
    else if (sha256(bytes) !== (digest ?? born)) audit.find("key.damaged", object, "its digest is not the one that was signed");
  }
  return { named, objects };
}

/** Names of the keys, with the digest each had when it was first written. */
function neededKeys(description: VaultDescription, contentKeys: ReadonlyMap<string, string>, rotated: ReadonlyMap<string, string> | null): Map<string, string> {
  const needed = new Map<string, string>();
  if (description.indexKeyObject !== "") needed.set(`index-${indexKeyId(description)}`, description.indexKeyDigest);
  // Vaults of early days get the host's key with their first rotation.
  const host = hostKeyName(description.vaultId);
  const hostKey = description.hostKeyDigest ?? rotated?.get(host);
  if (hostKey !== undefined) needed.set(host, hostKey);
  for (const [id, digest] of contentKeys) needed.set(id, digest);
  return needed;
}

/** Every list, each naming the one before; and those that snapshots were sealed to. Answers the newest; null when that one does not hold. */
async function checkRecipients(audit: Audit, sizes: ReadonlyMap<string, number>, description: VaultDescription, manifests: readonly SnapshotManifest[], named: string[]): Promise<RecipientList | null> {
  const demanded = new Map<number, Set<string>>();
  for (const { recipients } of manifests) if (recipients !== undefined) demanded.set(recipients.sequence, (demanded.get(recipients.sequence) ?? new Set()).add(recipients.digest));
  let last = 0;
  for (const sequence of demanded.keys()) last = Math.max(last, sequence);
  for (const key of sizes.keys()) last = Math.max(last, recipientsSequenceOf(key) ?? 0);
  let before: RecipientList | null = firstRecipients(description);
  let absent = 0;
  for (let sequence = 1; sequence <= last; sequence++) {
    const object = recipientsObject(sequence);
    named.push(object);
    const bytes = sizes.has(object) ? await audit.read(object) : null;
    if (bytes === null) {
      audit.find("recipients.missing", object, "later lists, or snapshots, were written after it");
      before = null;
      // Numbers have no gaps, but one who writes the store may make one as wide as he likes.
      if (++absent > 100) return null;
      continue;
    }
    try {
      const list: RecipientList = await parseRecipients(bytes, sequence, description);
      if (list.keys !== null) named.push(recipientsKeysObject(list.keys.digest));
      if (before !== null && list.previous !== before.digest) audit.find("recipients.damaged", object, "it was not written after the list before it");
      if ([...(demanded.get(sequence) ?? [])].some((digest) => digest !== list.digest)) audit.find("recipients.damaged", object, "a snapshot was sealed to another list of this number");
      before = list;
    } catch (error) {
      audit.find("recipients.damaged", object, faultOf(error).message);
      before = null;
    }
  }
  return before;
}

async function readDigests(audit: Audit, list: RecipientList): Promise<ReadonlyMap<string, string> | null> {
  if (list.keys === null) return new Map();
  const object = recipientsKeysObject(list.keys.digest);
  const bytes = await audit.read(object);
  if (bytes === null) {
    audit.find("recipients.missing", object, "the digests of the wrapped keys are in it");
    return null;
  }
  try {
    return parseKeyDigests(bytes, list);
  } catch (error) {
    audit.find("recipients.damaged", object, faultOf(error).message);
    return null;
  }
}
