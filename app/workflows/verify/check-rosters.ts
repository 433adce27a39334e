/** Rosters against the ledger: whoever can remove objects could bring back an older one, and with it somebody who was taken off. Damage is the vault's own verifier's to name. */
import type { Ledger, NewLedgerEntry } from "#app/ledger/index.ts";
import { readRosterObjects, rosterObject } from "#app/vault/index.ts";
import type { ObjectStore, VaultDescription } from "#app/vault/index.ts";

const ROSTER_PUBLISHED = "roster.published";

export interface RosterFinding {
  readonly code: "roster.missing" | "roster.replaced";
  readonly object: string;
  readonly detail: string;
}

export interface CheckedRosters {
  readonly findings: readonly RosterFinding[];
  /** What to enter: rosters that the vault's key signed and whose writer died before it entered them. Until they are in the ledger, nobody could tell that they were taken away. */
  readonly unentered: readonly Omit<NewLedgerEntry, "actor">[];
}

/** `known`: objects that were found faulty already, and are not named twice. The ledger must have been verified. */
export async function checkEnteredRosters(store: ObjectStore, description: VaultDescription, ledger: Pick<Ledger, "entries">, known: ReadonlySet<string>): Promise<CheckedRosters> {
  const entered = new Map<string, string>();
  for await (const { action, outcome, subject } of ledger.entries()) {
    if (action === ROSTER_PUBLISHED && outcome === "done" && subject["vault"] === description.vaultId) entered.set(rosterObject(Number(subject["sequence"])), String(subject["digest"]));
  }
  // Read after the ledger: rosters are written before they are entered, and never removed.
  const { sound } = await readRosterObjects(store, description);
  const findings = [...entered].flatMap(([object, digest]): RosterFinding[] => {
    const there = sound.get(object);
    if (known.has(object) || there?.digest === digest) return [];
    return there === undefined
      ? [{ code: "roster.missing", object, detail: "in the ledger, not in the storage" }]
      : [{ code: "roster.replaced", object, detail: "not the roster that was entered into the ledger" }];
  });
  const unentered = [...sound].flatMap(([object, { roster: { sequence, shop, responders, signIn }, digest }]) =>
    entered.has(object) ? [] : [{ action: ROSTER_PUBLISHED, subject: { vault: description.vaultId, shop, sequence, digest, responders: responders.length, groups: signIn?.groups.length ?? 0 }, outcome: "done" } as const],
  );
  return { findings, unentered };
}
