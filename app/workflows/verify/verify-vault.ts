/**
 * Is the vault what it says it is? Checks its objects and signatures, checks the ledger, and lays the two side by side: a snapshot that the ledger
 * entered and the vault no longer has was taken away, however clean the vault looks by itself.
 */
import type { Ledger } from "#app/ledger/index.ts";
import { verifyVault, type HostKeys, type KeyOpener, type ObjectStore, type SnapshotManifest, type Vault, type VerifyProgress } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { enteredSnapshots } from "../snapshot/enter-snapshots.ts";

export interface VaultFinding {
  /** Of the vault, of the ledger, or "snapshot.missing" / "snapshot.replaced" / "snapshot.not_entered". */
  readonly code: string;
  /** An object's key or a snapshot's id. */
  readonly object: string;
  readonly detail?: string;
}

export interface VerifiedVault {
  readonly ok: boolean;
  readonly findings: readonly VaultFinding[];
  readonly snapshots: number;
  readonly objects: number;
  readonly bytesRead: number;
  readonly recordsChecked: number;
  readonly ledgerEntries: number;
}

export interface VerifyInput {
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "snapshots" | "description">;
  readonly ledger: Ledger;
  readonly hostKeys?: HostKeys;
  readonly opener?: KeyOpener;
  readonly readData: boolean;
  /** A signed checkpoint that was kept elsewhere. */
  readonly checkpoint?: string;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** The check itself, for whoever has vault and ledger in hand. */
export async function verifyVaultAndLedger(o: VerifyInput): Promise<VerifiedVault> {
  const vault = await verifyVault({
    store: o.store,
    readData: o.readData,
    ...(o.hostKeys === undefined ? {} : { hostKeys: o.hostKeys }),
    ...(o.opener === undefined ? {} : { opener: o.opener }),
    ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }),
  });
  const ledger = await o.ledger.verify({
    publicKey: o.vault.description.signingPublicKey,
    ...(o.checkpoint === undefined ? {} : { checkpoint: o.checkpoint }),
  });
  // Damage to the ledger is named by its own check; what can be read of it is not worth comparing then.
  const crossed = ledger.ok ? crossCheck(await o.vault.snapshots(), await enteredSnapshots(o.ledger)) : [];
  const findings = [...vault.findings, ...ledger.findings, ...crossed];
  return {
    ok: findings.length === 0,
    findings,
    snapshots: vault.snapshots,
    objects: vault.objects,
    bytesRead: vault.bytesRead,
    recordsChecked: vault.recordsChecked,
    ledgerEntries: ledger.size,
  };
}

function crossCheck(snapshots: readonly SnapshotManifest[], entered: ReadonlyMap<string, string>): VaultFinding[] {
  const findings: VaultFinding[] = [];
  const there = new Map(snapshots.map((manifest) => [manifest.snapshotId, manifest]));
  for (const [snapshotId, digest] of entered) {
    const manifest = there.get(snapshotId);
    if (manifest === undefined) findings.push({ code: "snapshot.missing", object: snapshotId, detail: "the ledger entered it, the vault does not have it" });
    else if (manifest.digest !== digest) findings.push({ code: "snapshot.replaced", object: manifest.objectKey, detail: "not the manifest that the ledger entered" });
  }
  // The newest may be without an entry: its writer died right after the commit, and the next one enters it.
  for (const manifest of snapshots.slice(1)) {
    if (!entered.has(manifest.snapshotId)) findings.push({ code: "snapshot.not_entered", object: manifest.objectKey, detail: "the ledger has no entry for it" });
  }
  return findings;
}

export type VerifyOutcome = { readonly kind: "verified"; readonly report: VerifiedVault } | { readonly kind: "failed"; readonly code: string };

/** The same for a shop, as the host: names, signatures, index and ledger; no record is opened. */
export async function verifyShopVault(
  ports: Pick<Ports, "links" | "keyring" | "stores" | "signer" | "scratch" | "clock" | "random" | "log">,
  o: { readonly shop: string; readonly actor: string; readonly readData: boolean; readonly onProgress?: (progress: VerifyProgress) => void },
): Promise<VerifyOutcome> {
  const scratch = await ports.scratch.open();
  try {
    const { vault, store, hostKeys } = await openShopVault(ports, o.shop, scratch.directory);
    const ledger = await vaultLedger(ports, vault.description.vaultId, store);
    const report = await verifyVaultAndLedger({ store, vault, ledger, hostKeys, readData: o.readData, ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }) });
    const { ok, findings, snapshots, objects, bytesRead } = report;
    ports.log[ok ? "info" : "error"]("vault.verified", { shop: o.shop, ok, findings: findings.length, first: findings[0]?.code ?? null, snapshots, objects, bytesRead });
    return { kind: "verified", report };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "failed", code: failure.code };
  } finally {
    await scratch.remove();
  }
}
