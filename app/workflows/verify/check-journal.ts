/**
 * The newest segment of the journal that the ledger entered, against what is there. That the newest segments were taken away cannot be told from the vault
 * alone, nor by a verifier who never saw them (docs/design.md 9.6).
 */
import type { Ledger } from "#app/ledger/index.ts";
import { cutThrough, JournalLog, journalObject, readCuts } from "#app/vault/index.ts";
import type { JournalHead, ObjectStore, VaultDescription } from "#app/vault/index.ts";

const JOURNAL_SEALED = "journal.sealed";

export interface JournalFinding {
  readonly code: "journal.rolled_back" | "journal.mismatch";
  readonly object: string;
  readonly detail: string;
}

/** `known`: objects that were found faulty already, and are not named twice. The ledger must have been verified. */
export async function checkEnteredJournal(store: ObjectStore, description: VaultDescription, ledger: Pick<Ledger, "entries">, known: ReadonlySet<string>): Promise<JournalFinding[]> {
  let newest: JournalHead | null = null;
  for await (const { action, outcome, subject } of ledger.entries()) {
    if (action === JOURNAL_SEALED && outcome === "done") newest = { sequence: Number(subject["sequence"]), digest: String(subject["digest"]) };
  }
  if (newest === null) return [];
  const object = journalObject(newest.sequence);
  if (known.has(object)) return [];
  const there = await new JournalLog(store, description).segment(newest.sequence);
  if (there?.digest === newest.digest) return [];
  // Read after the segment: one that is cut away meanwhile is no finding.
  if (cutThrough(await readCuts(store, description)) >= newest.sequence) return [];
  return there === null
    ? [{ code: "journal.rolled_back", object, detail: "in the ledger, not in the storage" }]
    : [{ code: "journal.mismatch", object, detail: "not the segment that was entered into the ledger" }];
}
