/** Where objects lie on the store (docs/design.md 2). */

export const DESCRIPTION = "vault.json";

const HEX64 = /^[0-9a-f]{64}$/;

export function packKey(id: string): string {
  return `packs/${id.slice(0, 2)}/${id}`;
}
export function packSecretKey(id: string): string {
  return `${packKey(id)}.key`;
}
export function treeKey(id: string): string {
  return `tree/${id.slice(0, 2)}/${id}`;
}
export function contentKeyObject(keyId: string): string {
  return `keys/${keyId}.jwe`;
}
export function indexKeyObject(keyId: string): string {
  return `keys/index-${keyId}.jwe`;
}

/** The name under which the vault's signing key is wrapped. It has the vault's id, so that a making that was broken off is in nobody's way. */
export function hostKeyName(vaultId: string): string {
  return `host-${vaultId}`;
}

/** A wrapped key's object: `keys/<name>.jwe` as first written (generation 0), `keys/<name>.g<n>.jwe` as wrapped anew by a rotation. */
export function wrappedKeyObject(name: string, generation: number): string {
  return generation === 0 ? `keys/${name}.jwe` : `keys/${name}.g${generation}.jwe`;
}
const WRAPPED_KEY = /^keys\/((?:index-|host-)?[0-9a-f]{32})(?:\.g([1-9]\d{0,8}))?\.jwe$/;

/** Which wrapped key an object is, and of which generation; null: none. */
export function wrappedKeyOf(object: string): { readonly name: string; readonly generation: number } | null {
  const match = WRAPPED_KEY.exec(object);
  return match === null ? null : { name: match[1] as string, generation: Number(match[2] ?? 0) };
}

/** The n-th signed list of recipients. n counts from 1 without gaps. */
export function recipientsObject(sequence: number): string {
  return `recipients/${sequence}.json`;
}
/** Named by its digest: what a rotation that was broken off left is in nobody's way. */
export function recipientsKeysObject(digest: string): string {
  return `recipients/keys-${digest}`;
}
const RECIPIENTS = /^recipients\/([1-9]\d{0,8})\.json$/;
export function recipientsSequenceOf(object: string): number | null {
  const match = RECIPIENTS.exec(object);
  return match === null ? null : Number(match[1]);
}

/** 2026-11-22T09:50:19.123Z -> 20261122T095019.123Z: byte order is time order. */
export function manifestKey(takenAt: string, snapshotId: string): string {
  return `snapshots/${takenAt.replaceAll("-", "").replaceAll(":", "")}-${snapshotId}`;
}
export const MANIFEST_NAME = /^snapshots\/\d{8}T\d{6}\.\d{3}Z-([0-9a-f]{16})$/;

/** The digest an object's name promises, or null when the name promises none. */
export function promisedDigest(key: string): string | null {
  const match = /^(?:packs|tree)\/([0-9a-f]{2})\/([0-9a-f]+)$/.exec(key);
  const digest = match?.[2];
  return digest !== undefined && HEX64.test(digest) && digest.startsWith(match?.[1] ?? "-") ? digest : null;
}

/** Part `generation` of a pack's search tokens, named by the start of its own digest (docs/design.md 11). */
export function searchObject(packId: string, name: string): string {
  return `search/${packId.slice(0, 2)}/${packId}.${name}`;
}
const SEARCH = /^search\/([0-9a-f]{2})\/([0-9a-f]{64})\.((0|[1-9]\d{0,5})\.([0-9a-f]{32}))$/;

/** Which pack a search object belongs to, and which digest its name promises; null: it is none. */
export function searchPartOf(object: string): { readonly pack: string; readonly name: string; readonly generation: number; readonly digest: string } | null {
  const [, folder, pack, name, generation, digest] = SEARCH.exec(object) ?? [];
  return pack === undefined || name === undefined || digest === undefined || !pack.startsWith(folder ?? "-") ? null : { pack, name, generation: Number(generation), digest };
}

/** What has to be there for a snapshot to be read, and for what was done to be known; nothing that an erasure must be able to remove. */
const LOCKED = new RegExp(
  [
    "vault\\.json",
    "(?:packs|tree)/[0-9a-f]{2}/[0-9a-f]{64}",
    "snapshots/[^/]+",
    "journal/(?:\\d{7}|cuts)/[^/]+",
    "(?:prunes|redactions)/\\d{10}\\.[^/]+",
    "recipients/[^/]+",
    "(?:holds|requests|drills)/[^/]+",
    "access/roster/[^/]+",
    // Full ones: a partial tile is removed when a fuller one is there. Checkpoints are locked by the ledger itself, for longer.
    "ledger/tile/(?:entries|\\d+)/(?:x\\d{3}/)*\\d{3}",
  ]
    .map((name) => `^${name}$`)
    .join("|"),
);

/**
 * How an object is to be locked where the storage can (docs/design.md 8.8). "full": for the storage's whole period. "keys": a wrapped key, for at most KEY_LOCK_DAYS.
 * Null: never, above all the secrets of packs and what is told to one person: destroying them is how somebody is erased.
 */
export function lockClassOf(key: string): "full" | "keys" | null {
  return LOCKED.test(key) ? "full" : WRAPPED_KEY.test(key) ? "keys" : null;
}

/** A removed recipient's keys must be destroyed soon after a rotation, so nothing of `keys/` is locked for longer. */
export const KEY_LOCK_DAYS = 30;

/** Days for which an object is to be locked; null: not at all. `days`: the storage's period. */
export function lockDaysOf(key: string, days: number): number | null {
  const kind = lockClassOf(key);
  return kind === null ? null : kind === "full" ? days : Math.min(days, KEY_LOCK_DAYS);
}
