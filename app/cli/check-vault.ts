/** Verifies a vault and its ledger, and that the two tell the same story: what was entered is there, and is what was entered. */
import { createHash } from "node:crypto";
import type { Ledger, LedgerReport } from "#app/ledger/index.ts";
import { readVaultDescription, verifyVault, VaultError } from "#app/vault/index.ts";
import type { HostKeys, KeyOpener, ObjectStore, VaultDescription, VerifyProgress, VerifyReport } from "#app/vault/index.ts";
import { SNAPSHOT_COMMITTED } from "#app/workflows/snapshot/enter-snapshots.ts";

export interface CheckedFinding {
  /** Codes of the vault's verifier, of the ledger, and: snapshot.missing, snapshot.replaced. */
  readonly code: string;
  readonly object: string;
  readonly detail?: string;
}

export interface CheckVault {
  readonly store: ObjectStore;
  readonly readData: boolean;
  readonly opener: KeyOpener | null;
  readonly hostKeys: HostKeys | null;
  readonly scratchDirectory: string;
  readonly keptCheckpoint: string | undefined;
  readonly ledger: (vaultId: string) => Ledger;
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface CheckedVault {
  readonly ok: boolean;
  readonly findings: readonly CheckedFinding[];
  readonly report: VerifyReport;
  /** Null when the description is too damaged to say whose signature to expect. */
  readonly ledger: LedgerReport | null;
}

export async function checkVault(o: CheckVault): Promise<CheckedVault> {
  const report = await verifyVault({
    store: o.store,
    readData: o.readData,
    scratchDirectory: o.scratchDirectory,
    onProgress: o.onProgress,
    ...(o.hostKeys === null ? {} : { hostKeys: o.hostKeys }),
    ...(o.opener === null ? {} : { opener: o.opener }),
  });
  const findings: CheckedFinding[] = [...report.findings];
  const description = await describe(o.store);
  if (description === null) return { ok: false, findings, report, ledger: null };
  const ledger = o.ledger(description.vaultId);
  const ledgerReport = await ledger.verify({ publicKey: description.signingPublicKey, checkpoint: o.keptCheckpoint });
  findings.push(...ledgerReport.findings);
  // Entries of a ledger that does not hold together prove nothing.
  if (ledgerReport.ok) findings.push(...(await compareWithLedger(o.store, ledger)));
  return { ok: findings.length === 0, findings, report, ledger: ledgerReport };
}

/** Null: missing or damaged, which the vault's verifier has found by itself. */
async function describe(store: ObjectStore): Promise<VaultDescription | null> {
  try {
    return await readVaultDescription(store);
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

async function compareWithLedger(store: ObjectStore, ledger: Ledger): Promise<CheckedFinding[]> {
  const digests = new Map<string, { object: string; digest: string }>();
  for await (const { key } of store.list("snapshots/")) {
    const bytes = await store.get(key);
    const id = key.slice(key.lastIndexOf("-") + 1);
    if (bytes !== null) digests.set(id, { object: key, digest: createHash("sha256").update(bytes).digest("hex") });
  }
  const findings: CheckedFinding[] = [];
  for await (const entry of ledger.entries()) {
    if (entry.action !== SNAPSHOT_COMMITTED) continue;
    const id = String(entry.subject["snapshot"]);
    const there = digests.get(id);
    if (there === undefined) findings.push({ code: "snapshot.missing", object: `snapshots/*-${id}`, detail: `taken ${entry.at}, in the ledger, not in the storage` });
    else if (there.digest !== entry.subject["manifest"]) findings.push({ code: "snapshot.replaced", object: there.object, detail: "not the manifest that was entered into the ledger" });
  }
  return findings;
}
