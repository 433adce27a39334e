/**
 * Keeps the recovery program in the vault, of the version that writes to it. It is written when a vault is made and once after each update; a vault that
 * cannot get it still gets its snapshots, and the ledger says that it did not.
 */
import type { Ledger } from "#app/ledger/index.ts";
import { putRecoveryKit, type Clock, type HostKeys, type ObjectStore, type PutRecoveryKit } from "#app/vault/index.ts";
import { failureOf } from "./failure.ts";

export interface KeepRecovery {
  readonly store: ObjectStore;
  readonly hostKeys: HostKeys;
  readonly ledger: Ledger;
  readonly kit: PutRecoveryKit["kit"];
  readonly clock: Clock;
  /** For the ledger: a staff member's opaque id, "schedule", "cli". */
  readonly actor: string;
}

/** Null: it was there already. Otherwise how it went, which is in the ledger too. */
export async function keepRecovery({ store, hostKeys, ledger, kit, clock, actor }: KeepRecovery): Promise<{ readonly outcome: "done"; readonly folder: string } | { readonly outcome: "failed"; readonly code: string } | null> {
  const vault = hostKeys.vaultId;
  let written;
  try {
    written = await putRecoveryKit({ store, hostKeys, clock, kit });
  } catch (error) {
    const code = failureOf(error)?.code ?? "unexpected";
    await ledger.append([{ actor, action: "recovery.written", subject: { vault, version: kit.version, code }, outcome: "failed" }]);
    return { outcome: "failed", code };
  }
  if (written === null) return null;
  await ledger.append([{ actor, action: "recovery.written", subject: { vault, version: kit.version, folder: written.folder, program: written.digest }, outcome: "done" }]);
  return { outcome: "done", folder: written.folder };
}
