/** Where the journal's objects lie (docs/design.md 9.1). A segment's name is its number alone, so of two writers only one can take it. */

const GROUP = 1000;
const MOST = 9_999_999_999;

/** journal/0000001/0000001234 */
export function journalObject(sequence: number): string {
  return `journal/${String(Math.floor(sequence / GROUP)).padStart(7, "0")}/${String(sequence).padStart(10, "0")}`;
}

const SEGMENT = /^journal\/(\d{7})\/(\d{10})$/;

/** The segment an object's name stands for; null: none. */
export function journalSequenceOf(key: string): number | null {
  const sequence = Number(SEGMENT.exec(key)?.[2] ?? 0);
  return sequence > 0 && sequence <= MOST && journalObject(sequence) === key ? sequence : null;
}

/** Signed records of what was removed from the journal's beginning: journal/cuts/0000000001.json. */
export const JOURNAL_CUTS = "journal/cuts";
