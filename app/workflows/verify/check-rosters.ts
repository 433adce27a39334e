/** Rosters against the ledger: whoever can remove objects could bring back an older one, and with it somebody who was taken off. Damage is the vault's own verifier's to name. */
import type { Ledger } from "#app/ledger/index.ts";
import { readRosterObjects, rosterObject } from "#app/vault/index.ts";
import type { ObjectStore, VaultDescription } from "#app/vault/index.ts";

const ROSTER_PUBLISHED = "roster.published";

export interface RosterFinding {
  readonly code: "roster.missing" | "roster.replaced";
  readonly object: string;
  readonly detail: string;
}

/** `known`: objects that were found faulty already, and are not named twice. The ledger must have been verified. */
export async function checkEnteredRosters(store: ObjectStore, description: VaultDescription, ledger: Pick<Ledger, "entries">, known: ReadonlySet<string>): Promise<RosterFinding[]> {
  const entered = new Map<string, string>();
  for await (const { action, outcome, subject } of ledger.entries()) {
    if (action === ROSTER_PUBLISHED && outcome === "done" && subject["vault"] === description.vaultId) entered.set(rosterObject(Number(subject["sequence"])), String(subject["digest"]));
  }
  if (entered.size === 0) return [];
  // Read after the ledger: rosters are written before they are entered, and never removed.
  const { sound } = await readRosterObjects(store, description);
  return [...entered].flatMap(([object, digest]): RosterFinding[] => {
    if (known.has(object) || sound.get(object) === digest) return [];
    return sound.has(object)
      ? [{ code: "roster.replaced", object, detail: "not the roster that was entered into the ledger" }]
      : [{ code: "roster.missing", object, detail: "in the ledger, not in the storage" }];
  });
}
