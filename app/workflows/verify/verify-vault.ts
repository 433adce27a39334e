/** Verifies a shop's vault as the host does: names, signatures, index and ledger; no record is opened. Enters the result into the ledger. */
import type { Ledger, NewLedgerEntry } from "#app/ledger/index.ts";
import type { VerifyProgress } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { failureOf, RunFailed } from "../shared/failure.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { checkVault, type CheckedVault } from "./check-vault.ts";

export const VAULT_VERIFIED = "vault.verified";

export type VerifyPorts = Pick<Ports, "links" | "keyring" | "stores" | "signer" | "scratch" | "clock" | "log">;

export type VerifyOutcome =
  /** `entered`: the result is in the ledger. A ledger that does not hold together takes no entry. */
  | { readonly kind: "verified"; readonly checked: CheckedVault; readonly entered: boolean }
  | { readonly kind: "failed"; readonly code: string; readonly retry: "never" | "later" };

export interface VerifyShopVault {
  readonly shop: string;
  readonly actor: string;
  readonly readData: boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Asked before anything is written. Throws when the work is somebody else's by now. */
  readonly beforeEntry?: () => Promise<void>;
}

export async function verifyShopVault(ports: VerifyPorts, o: VerifyShopVault): Promise<VerifyOutcome> {
  const scratch = await ports.scratch.open();
  try {
    const link = await ports.links.get(o.shop);
    if (link === null) throw new RunFailed("vault.not_linked", "no storage is linked to this shop");
    const hostKeys = await ports.keyring.get(link.vaultId);
    if (hostKeys === null) throw new RunFailed("vault.no_host_keys", "this host has no keys of the shop's vault");
    const store = await ports.stores.open(link.storageUrl, { shop: link.shop });
    const ledger = await vaultLedger(ports, link.vaultId, store);
    const checked = await checkVault({
      store,
      hostKeys,
      opener: null,
      readData: o.readData,
      scratchDirectory: scratch.directory,
      keptCheckpoint: undefined,
      ledger: () => ledger,
      onProgress: o.onProgress ?? (() => undefined),
    });
    await o.beforeEntry?.();
    const entered = await enterVerified(ledger, checked, { actor: o.actor, shop: o.shop, readData: o.readData });
    const { ok, findings, report } = checked;
    ports.log[ok ? "info" : "error"](VAULT_VERIFIED, { shop: o.shop, ok, findings: findings.length, first: findings[0]?.code ?? null, snapshots: report.snapshots, objects: report.objects, bytesRead: report.bytesRead, entered });
    return { kind: "verified", checked, entered };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "failed", code: failure.code, retry: failure.retry };
  } finally {
    await scratch.remove();
  }
}

/** False when the ledger itself is in doubt: signing on top of it would vouch for it. */
export async function enterVerified(ledger: Pick<Ledger, "append">, checked: CheckedVault, o: { readonly actor: string; readonly shop?: string; readonly readData: boolean }): Promise<boolean> {
  if (checked.ledger?.ok !== true || checked.vaultId === null) return false;
  await ledger.append([...checked.unentered.map((entry) => ({ ...entry, actor: o.actor })), verifiedEntry(checked, checked.vaultId, o)]);
  return true;
}

function verifiedEntry({ ok, findings, report, soundSnapshot }: CheckedVault, vault: string, o: { readonly actor: string; readonly shop?: string; readonly readData: boolean }): NewLedgerEntry {
  const first = findings[0];
  return {
    actor: o.actor,
    action: VAULT_VERIFIED,
    subject: {
      vault,
      readData: o.readData,
      records: report.recordsChecked,
      snapshots: report.snapshots,
      objects: report.objects,
      bytesRead: report.bytesRead,
      findings: findings.length,
      ...(o.shop === undefined ? {} : { shop: o.shop }),
      ...(soundSnapshot === null ? {} : { snapshot: soundSnapshot }),
      // An object of a hostile storage may have any name; only those of the catalogue's shape are written down.
      ...(first === undefined ? {} : { code: first.code, ...(/^[A-Za-z][A-Za-z0-9._/*-]{1,511}$/.test(first.object) ? { object: first.object } : {}) }),
    },
    outcome: ok ? "done" : "failed",
  };
}
