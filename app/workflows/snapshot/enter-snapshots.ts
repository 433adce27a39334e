/** Ledger entries for snapshots. A manifest without an entry (its writer died in between) is entered by the next writer. */
import type { Checkpoint, LedgerEntry, Ledger } from "#app/ledger/index.ts";
import type { Clock, SnapshotManifest } from "#app/vault/index.ts";

export const SNAPSHOT_COMMITTED = "snapshot.committed";

export function snapshotEntry(manifest: SnapshotManifest, actor: string, clock: Clock, reason?: string): LedgerEntry {
  return {
    at: clock.now().toISOString(),
    actor,
    action: SNAPSHOT_COMMITTED,
    subject: {
      vault: manifest.vaultId,
      snapshot: manifest.snapshotId,
      takenAt: manifest.takenAt,
      root: manifest.root,
      manifest: manifest.digest,
      records: manifest.records,
      complete: manifest.complete,
      gaps: manifest.gapCount,
    },
    ...(reason === undefined ? {} : { reason }),
    outcome: "done",
  };
}

/** Ids of the snapshots that the ledger knows, with the manifest's digest as entered. */
export async function enteredSnapshots(ledger: Pick<Ledger, "entries">): Promise<ReadonlyMap<string, string>> {
  const entered = new Map<string, string>();
  for await (const entry of ledger.entries()) {
    if (entry.action === SNAPSHOT_COMMITTED) entered.set(String(entry.subject["snapshot"]), String(entry.subject["manifest"]));
  }
  return entered;
}

/** Enters what is missing, oldest first. Answers the new head, or null when nothing was missing. */
export async function enterMissing(ledger: Pick<Ledger, "entries" | "append">, snapshots: readonly SnapshotManifest[], clock: Clock): Promise<Checkpoint | null> {
  const entered = await enteredSnapshots(ledger);
  const late = snapshots.filter(({ snapshotId }) => !entered.has(snapshotId)).reverse();
  if (late.length === 0) return null;
  return ledger.append(late.map((manifest) => snapshotEntry(manifest, "system", clock, "entered late: its writer was interrupted after the commit")));
}
