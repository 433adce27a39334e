/** The visible mark of synthetic records: data that was made up and must never be mistaken for a real person's. */

/** Stands, in capitals, in every synthetic record and in each of its children. */
export const SYNTHETIC_MARK = "SYNTHETIC";

/**
 * Says whether a record carries the mark in one of its values, at any depth. A key alone is no mark.
 * Takes a parsed record or one line of JSON; a line that is not JSON is not synthetic.
 */
export function isSynthetic(record: unknown): boolean {
  if (typeof record === "string" && /^\s*[[{]/.test(record)) {
    try {
      return carriesMark(JSON.parse(record));
    } catch {
      return false;
    }
  }
  return carriesMark(record);
}

function carriesMark(value: unknown): boolean {
  if (typeof value === "string") return value.includes(SYNTHETIC_MARK);
  if (Array.isArray(value)) return value.some(carriesMark);
  if (typeof value === "object" && value !== null) return Object.values(value).some(carriesMark);
  return false;
}
