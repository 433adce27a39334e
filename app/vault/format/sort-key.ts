/**
 * Sort keys (docs/design.md 2.5), held as byte strings: JavaScript strings with one char per UTF-8 byte, so that `<` compares bytes.
 * For ASCII, which ids nearly always are, a byte string is the text itself and costs nothing to make.
 */
import { VaultError } from "../errors.ts";
import type { RecordKey } from "../record.ts";

export const MAX_NAME_BYTES = 4096;

const PLAIN = /^[\x01-\x7f]+$/;

export function toByteString(text: string): string {
  return PLAIN.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

export function fromByteString(bytes: string): string {
  return PLAIN.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** The bytes of a kind or an id as the format holds them; throws vault.bad_record for what it cannot hold. */
export function nameBytes(text: string, what: string): string {
  const bytes = PLAIN.test(text) ? text : checkedUtf8(text, what);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) throw new VaultError("vault.bad_record", `a record's ${what} has ${bytes.length} bytes; 1 to ${MAX_NAME_BYTES} can be held`);
  return bytes;
}

function checkedUtf8(text: string, what: string): string {
  if (text.includes("\0")) throw new VaultError("vault.bad_record", `a record's ${what} has a NUL inside`);
  if (!text.isWellFormed()) throw new VaultError("vault.bad_record", `a record's ${what} is not valid Unicode`);
  return Buffer.from(text, "utf8").toString("latin1");
}

export function topKey(id: string, kind: string): string {
  return id + "\0\0" + kind;
}
export function childKey(parentId: string, kind: string, id: string): string {
  return parentId + "\0\x01" + kind + "\0" + id;
}

export function sortKeyOf(kind: string, id: string, parentId: string | null): string {
  const k = nameBytes(kind, "kind");
  const i = nameBytes(id, "id");
  return parentId === null ? topKey(i, k) : childKey(nameBytes(parentId, "parent id"), k, i);
}

/** Byte strings of the parts; null when the bytes are no sort key. */
export function partsOf(sortKey: string): { kind: string; id: string; parentId: string | null } | null {
  const zero = sortKey.indexOf("\0");
  if (zero < 1 || zero > MAX_NAME_BYTES) return null;
  const anchor = sortKey.slice(0, zero);
  const mark = sortKey.charCodeAt(zero + 1);
  if (mark === 0) {
    const kind = sortKey.slice(zero + 2);
    return kind.length === 0 || kind.includes("\0") ? null : { kind, id: anchor, parentId: null };
  }
  if (mark !== 1) return null;
  const second = sortKey.indexOf("\0", zero + 2);
  if (second <= zero + 2) return null;
  const id = sortKey.slice(second + 1);
  return id.length === 0 || id.includes("\0") ? null : { kind: sortKey.slice(zero + 2, second), id, parentId: anchor };
}

/** The text of a record key. The sort key must have passed `partsOf`. */
export function recordKeyOf(sortKey: string): RecordKey {
  const parts = partsOf(sortKey);
  if (parts === null) throw new VaultError("vault.bad_record", "not a sort key");
  return { kind: fromByteString(parts.kind), id: fromByteString(parts.id), parentId: parts.parentId === null ? null : fromByteString(parts.parentId) };
}

/** What siblings share: the sort key up to and including the NUL before the id. Empty for a record without a parent. */
export function siblingPrefix(sortKey: string): string {
  const zero = sortKey.indexOf("\0");
  if (sortKey.charCodeAt(zero + 1) !== 1) return "";
  return sortKey.slice(0, sortKey.indexOf("\0", zero + 2) + 1);
}
