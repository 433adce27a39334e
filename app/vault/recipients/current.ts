/** Who may open the vault now: the newest signed list of recipients, or, before the first rotation, the description's own (docs/design.md 2.8). */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { recipientsKeysObject, recipientsObject, recipientsSequenceOf } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk, Recipient } from "../ports.ts";
import { Jwk_ } from "../snapshot/description.ts";
import type { VaultDescription } from "../types.ts";

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Payload = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  sequence: z.number().int().min(1),
  /** Wrapped keys of this list lie at keys/<name>.g<generation>.jwe. */
  generation: z.number().int().min(1),
  at: z.iso.datetime(),
  previous: Digest.nullable(),
  recipients: z.array(z.object({ keyId: z.string(), jwk: Jwk_ })).min(1).max(256),
  keys: z.object({ count: z.number().int().min(1), digest: Digest }),
});
export type RecipientsPayload = z.infer<typeof Payload>;

export interface RecipientList {
  /** 0: the description's own; n: recipients/<n>.json. */
  readonly sequence: number;
  readonly generation: number;
  /** ISO 8601. */
  readonly at: string;
  readonly recipients: readonly Recipient[];
  /** SHA-256 hex of the stored object; null for the description's own. */
  readonly digest: string | null;
  /** SHA-256 hex of the object that has the wrapped keys' digests, and how many there are. */
  readonly keys: { readonly count: number; readonly digest: string } | null;
  /** Digest of the list before; null when that is the description's own. */
  readonly previous: string | null;
}

export async function signRecipients(payload: RecipientsPayload, signingKey: Jwk): Promise<Buffer> {
  return signJson(payload, "holdfast-recipients", signingKey);
}

/** Throws vault.damaged_object unless the vault's key signed these bytes as its `sequence`-th list. */
export async function parseRecipients(bytes: Uint8Array, sequence: number, description: VaultDescription): Promise<RecipientList> {
  const object = recipientsObject(sequence);
  const parsed = Payload.safeParse(await verifySigned(bytes, "holdfast-recipients", description.signingPublicKey, object));
  if (!parsed.success) throw damaged(object, "it lacks what a list of recipients has", parsed.error);
  const { vaultId, generation, at, recipients, keys, previous } = parsed.data;
  if (vaultId !== description.vaultId || parsed.data.sequence !== sequence) throw damaged(object, "it belongs to another place");
  return { sequence, generation, at, recipients: recipients as Recipient[], keys, previous, digest: sha256(bytes) };
}

/** Numbers of the lists on the store, oldest first. */
export async function recipientSequences(store: ObjectStore): Promise<number[]> {
  const found: number[] = [];
  for await (const { key } of store.list("recipients/")) {
    const sequence = recipientsSequenceOf(key);
    if (sequence !== null) found.push(sequence);
  }
  return found.sort((a, b) => a - b);
}

export function firstRecipients(description: VaultDescription): RecipientList {
  return { sequence: 0, generation: 0, at: description.createdAt, recipients: description.recipients, digest: null, keys: null, previous: null };
}

/**
 * `description` is the one in vault.json. Throws vault.damaged_object when the newest list does not hold: sealing to the list before
 * would seal to somebody who may have been removed.
 */
export async function readRecipients(store: ObjectStore, description: VaultDescription): Promise<RecipientList> {
  const newest = (await recipientSequences(store)).at(-1);
  return newest === undefined ? firstRecipients(description) : readRecipientList(store, description, newest);
}

export async function readRecipientList(store: ObjectStore, description: VaultDescription, sequence: number): Promise<RecipientList> {
  if (sequence === 0) return firstRecipients(description);
  const bytes = await store.get(recipientsObject(sequence));
  if (bytes === null) throw missing(recipientsObject(sequence));
  return parseRecipients(bytes, sequence, description);
}

/** All lists there ever were, oldest first. Throws as above. */
export async function recipientHistory(store: ObjectStore, description: VaultDescription): Promise<RecipientList[]> {
  const lists = [firstRecipients(description)];
  for (const sequence of await recipientSequences(store)) lists.push(await readRecipientList(store, description, sequence));
  return lists;
}

/** Digests of the key objects that were wrapped for a list, by key name. */
export async function readKeyDigests(store: ObjectStore, list: RecipientList): Promise<ReadonlyMap<string, string>> {
  if (list.keys === null) return new Map();
  const object = recipientsKeysObject(list.keys.digest);
  const bytes = await store.get(object);
  if (bytes === null) throw missing(object);
  return parseKeyDigests(bytes, list);
}

const Line = z.object({ name: z.string().regex(/^(?:index-|host-)?[0-9a-f]{32}$/), digest: Digest }).strict();

export function parseKeyDigests(bytes: Uint8Array, list: RecipientList): ReadonlyMap<string, string> {
  if (list.keys === null) return new Map();
  const object = recipientsKeysObject(list.keys.digest);
  if (sha256(bytes) !== list.keys.digest) throw damaged(object, "its digest is not the one the list of recipients names");
  const digests = new Map<string, string>();
  try {
    for (const line of Buffer.from(bytes).toString("utf8").trimEnd().split("\n")) {
      const { name, digest } = Line.parse(JSON.parse(line));
      digests.set(name, digest);
    }
  } catch (cause) {
    throw damaged(object, "it is no list of keys", cause);
  }
  if (digests.size !== list.keys.count) throw damaged(object, "it names another number of keys than it should");
  return digests;
}

export function encodeKeyDigests(digests: ReadonlyMap<string, string>): Buffer {
  return Buffer.from([...digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => `${JSON.stringify({ name, digest })}\n`).join(""), "utf8");
}

/** The description as a writer needs it: with those who are recipients now. */
export async function withCurrentRecipients(store: ObjectStore, description: VaultDescription): Promise<VaultDescription> {
  const { recipients, sequence, digest } = await readRecipients(store, description);
  return digest === null ? description : { ...description, recipients, recipientsAt: { sequence, digest } };
}

/** Whom to seal to now. `description` is the one in vault.json. Throws as readRecipients. */
export async function currentRecipients(store: ObjectStore, description: VaultDescription): Promise<readonly Recipient[]> {
  return (await readRecipients(store, description)).recipients;
}

/** Throws vault.recipients_rolled_back unless the store still has the list that an earlier snapshot was sealed to: else a removed recipient may be back. */
export async function requireList(store: ObjectStore, description: VaultDescription, { sequence, digest }: { readonly sequence: number; readonly digest: string }): Promise<void> {
  const object = recipientsObject(sequence);
  const bytes = await store.get(object);
  if (bytes === null) throw new VaultError("vault.recipients_rolled_back", `${object}, to which the newest snapshot was sealed, is gone`, { object });
  if ((await parseRecipients(bytes, sequence, description)).digest !== digest) throw new VaultError("vault.recipients_rolled_back", `${object} is not the list to which the newest snapshot was sealed`, { object });
}
