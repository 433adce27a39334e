/** Signed records of drills against the ledger: one that was taken away is missed, one that nobody entered is named. Damage is the vault's own verifier's to name. */
import type { Ledger } from "#app/ledger/index.ts";
import { readDrillObjects, type ObjectStore, type VaultDescription } from "#app/vault/index.ts";
import { compareWithLedger, enteredDrills, type DrillFinding } from "../drill/report.ts";

/** `known`: objects that were found faulty already. The ledger must have been verified. The newest record may be without an entry: its writer died right after it. */
export async function checkEnteredDrills(store: ObjectStore, description: VaultDescription, ledger: Pick<Ledger, "entries">, known: ReadonlySet<string>): Promise<DrillFinding[]> {
  const objects = await readDrillObjects(store, description);
  const entered = await enteredDrills(ledger, description.vaultId);
  const newest = objects.results.at(-1)?.object;
  return compareWithLedger(objects, entered).filter(({ code, object }) => code !== "drill.damaged" && !known.has(object) && !(code === "drill.not_entered" && object === newest));
}
