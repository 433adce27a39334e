/**
 * The entry that says of a checkpoint's place that what lies there is none: a write that was cut off, or rot. The object itself stays, since nothing that was ever
 * a checkpoint's name is taken away; what the entry says of it, under the next signature, is what tells it from damage that nobody has looked at.
 */
import { createHash } from "node:crypto";
import { checkAction } from "./actions.ts";
import type { LedgerEntry } from "./entry.ts";
import type { LostCheckpoint } from "./log-state.ts";

const ACTION = "ledger.checkpoint_lost";

/** `size`: how many entries the ledger goes on from. */
export function checkpointLost({ sequence, digest }: LostCheckpoint, size: number): Omit<LedgerEntry, "at"> {
  const entry = { actor: "system", action: ACTION, subject: { sequence, digest, size }, outcome: "done" } as const;
  checkAction(entry);
  return entry;
}

/** The places that entries speak of, by number, each with the digest of what was found there. */
export class LostPlaces {
  readonly #digests = new Map<number, string>();

  read({ action, subject }: LedgerEntry): void {
    if (action === ACTION) this.#digests.set(Number(subject["sequence"]), String(subject["digest"]));
  }

  /** Whether these very bytes were found there, and said to have been. */
  account(sequence: number, bytes: Uint8Array): boolean {
    return this.#digests.get(sequence) === createHash("sha256").update(bytes).digest("hex");
  }
}
