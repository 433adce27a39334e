/**
 * The lists of recipients that the ledger entered, against those that are there. A list that was withheld before any snapshot named it leaves
 * no other trace: without it a writer would seal to somebody who was removed.
 */
import { createHash } from "node:crypto";
import type { Ledger } from "#app/ledger/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { KEYS_ROTATED } from "./rotate-keys.ts";

export interface RotationFinding {
  readonly code: "recipients.missing" | "recipients.replaced";
  readonly object: string;
  readonly detail: string;
}

/** `known`: objects that were found faulty already, and are not named twice. The ledger must have been verified. */
export async function checkRotations(store: ObjectStore, ledger: Pick<Ledger, "entries">, known: ReadonlySet<string>): Promise<RotationFinding[]> {
  const findings: RotationFinding[] = [];
  for await (const { action, outcome, at, subject } of ledger.entries()) {
    if (action !== KEYS_ROTATED || outcome !== "done") continue;
    const object = `recipients/${String(subject["sequence"])}.json`;
    if (known.has(object)) continue;
    const bytes = await store.get(object);
    if (bytes === null) findings.push({ code: "recipients.missing", object, detail: `made ${at}, in the ledger, not in the storage` });
    else if (createHash("sha256").update(bytes).digest("hex") !== subject["digest"]) findings.push({ code: "recipients.replaced", object, detail: "not the list that was entered into the ledger" });
  }
  return findings;
}
