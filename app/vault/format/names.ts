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
