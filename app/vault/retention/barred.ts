/** Whether a legal hold stands against an erasure. */
import type { ObjectStore } from "../object-store.ts";
import type { Clock } from "../ports.ts";
import type { VaultDescription } from "../types.ts";
import { holdSubjects } from "./hold-subjects.ts";
import { holdsAgainst, readHolds } from "./holds.ts";

export interface Barred {
  readonly code:
    /** A legal hold in force bars it. */
    | "redaction.held"
    /** A hold cannot be read: it may be a legal one. */
    | "redaction.damaged_hold";
  /** Ids of the holds; of damaged ones, their objects. */
  readonly details: readonly string[];
}

/** Null: nothing stands against erasing the records with these ids; "all": everything there is. */
export async function barredBy(o: { readonly store: ObjectStore; readonly description: VaultDescription; readonly indexKey: Uint8Array; readonly clock: Clock }, ids: readonly string[] | "all"): Promise<Barred | null> {
  const holds = await readHolds(o.store, o.description);
  if (holds.blocking.length > 0) return { code: "redaction.damaged_hold", details: holds.blocking };
  const now = o.clock.now();
  // Who erases everything erases what any hold keeps, a legal one or not.
  const against = ids === "all" ? holds.inForce.filter(({ legal }) => legal?.until == null || new Date(legal.until) > now) : holdsAgainst(holds.inForce, holdSubjects(o.indexKey, ids), now);
  return against.length === 0 ? null : { code: "redaction.held", details: against.map(({ holdId }) => holdId) };
}
