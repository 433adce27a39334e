/** What was erased on purpose, and which stored pack stands for which; and back, because a recovery may have nothing but the stored names. */
import type { ObjectStore } from "../object-store.ts";
import { NO_REDACTIONS, readRedactionRecords, REDACTIONS, redactionsOf } from "../retention/redactions.ts";
import type { VaultDescription } from "../types.ts";
import { faultOf, type Findings } from "./findings.ts";

export interface Erasures {
  packFor(packId: string): string;
  /** The pack that the index names when this one is stored. */
  originOf(stored: string): string;
  isErased(packId: string, frame: number, ordinal: number): boolean;
}

/** Without a description no signature can be checked, and nothing unsigned may hide a record. */
export async function readErasures(store: ObjectStore, findings: Findings, description: VaultDescription | null): Promise<Erasures> {
  if (description === null) return { ...NO_REDACTIONS, originOf: (id) => id };
  let numbered;
  try {
    numbered = await readRedactionRecords(store, description);
  } catch (error) {
    findings.add("object.unreadable", REDACTIONS, faultOf(error, REDACTIONS).message);
    return { ...NO_REDACTIONS, originOf: (id) => id };
  }
  for (const object of [...numbered.damaged, ...numbered.missing]) findings.add("redactions.damaged", object);
  const origins = new Map<string, string>();
  for (const { record } of numbered.records) for (const { from, to } of record.packs) origins.set(to.id, origins.get(from) ?? from);
  const redactions = redactionsOf(numbered);
  return { packFor: redactions.packFor, isErased: redactions.isErased, originOf: (stored) => origins.get(stored) ?? stored };
}
