/**
 * Mends a vault and its ledger, then says whether they are whole. The vault's objects are mended from parity, a second store or by search; the ledger's only from
 * a second store whose own ledger holds together under the same key and continues, or is continued by, what is known of this one.
 */
import type { Ledger } from "#app/ledger/index.ts";
import { isLasting, OBJECT_KEY, repairVault, replaceObject, type Finding, type ObjectStore, type RepairReport, type VaultDescription, type VerifyProgress } from "#app/vault/index.ts";
import { readableDescription } from "../shared/readable-description.ts";

export interface RepairInput {
  readonly store: ObjectStore;
  /** A copy of the same vault; only read. */
  readonly from: ObjectStore | null;
  readonly addParity: boolean;
  /** Known from elsewhere. */
  readonly vaultId: string | undefined;
  /** A signed checkpoint that was kept elsewhere. */
  readonly checkpoint: string | undefined;
  readonly ledger: (store: ObjectStore, vaultId: string) => Ledger;
  /** Faults that only the ledger knows of: snapshots it has and the store lacks, as `snapshots/*-<id>`. */
  readonly missingSnapshots: () => Promise<readonly Pick<Finding, "object">[]>;
  /** Makes anew what packs are searched by where it is damaged, gone, or does not say what the records say; null without an identity. Answers what was written. */
  readonly remakeSearch: ((description: VaultDescription) => Promise<readonly string[]>) | null;
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface Repaired {
  readonly mended: readonly { readonly object: string; readonly by: string }[];
  readonly unmended: readonly { readonly code: string; readonly object: string; readonly detail?: string }[];
  readonly refused: RepairReport["refused"];
  readonly parityWritten: number;
  /** Null when nothing says whose vault this is. */
  readonly vaultId: string | null;
}

/** Throws StoreError when a store cannot be read, vault.unsupported_format for a later format. */
export async function repairVaultAndLedger(o: RepairInput): Promise<Repaired> {
  const options = { store: o.store, onProgress: o.onProgress, ...(o.from === null ? {} : { from: o.from }), ...(o.vaultId === undefined ? {} : { vaultId: o.vaultId }) };
  const reports = [await repairVault(options)];
  const description = await readableDescription(o.store);
  if (description === null) return summary(reports, [], [], [], null);
  const ledger = o.ledger(o.store, description.vaultId);
  const mendedInLedger: string[] = [];
  for (const pair of pairsOf(o)) mendedInLedger.push(...(await mendLedger({ ...o, ...pair }, description)));
  const also = await o.missingSnapshots();
  if (also.length > 0) reports.push(await repairVault({ ...options, also }));
  if (o.addParity) reports.push(await repairVault({ ...options, addParity: true }));
  // Last: it takes whole packs, which may only now be there.
  const remade = (await o.remakeSearch?.(description)) ?? [];
  if (remade.length > 0) reports.push(await repairVault(options));
  const { findings } = await ledger.verify({ publicKey: description.signingPublicKey, checkpoint: o.checkpoint });
  const stillMissing = also.length === 0 ? [] : await o.missingSnapshots();
  return summary(reports, mendedInLedger, remade, [...findings, ...stillMissing.map(({ object }) => ({ code: "snapshot.missing", object }))], description.vaultId);
}

function summary(reports: readonly RepairReport[], inLedger: readonly string[], remade: readonly string[], more: Repaired["unmended"], vaultId: string | null): Repaired {
  return {
    mended: [...reports.flatMap((report) => report.mended), ...inLedger.map((object) => ({ object, by: "second-store" })), ...remade.map((object) => ({ object, by: "records" }))],
    // The vault's repair leaves the ledger to this one, and came before it.
    unmended: [...(reports.at(-1)?.unmended ?? []).filter(({ code, object }) => !(code.startsWith("copy.") && inLedger.includes(object))), ...more],
    refused: reports.at(-1)?.refused ?? [],
    parityWritten: reports.reduce((sum, report) => sum + report.parityWritten, 0),
    vaultId,
  };
}

/** Which store's ledger may be mended from which: each copy's from the others', and any from the one that was given. */
function pairsOf({ store, from }: RepairInput): Twins[] {
  const each = store.copies?.each.map((copy) => copy.store) ?? [store];
  return each.flatMap((one) => [
    ...each.filter((other) => other !== one).map((other) => ({ store: one, from: other, twins: true })),
    ...(from === null ? [] : [{ store: one, from, twins: false }]),
  ]);
}

interface Twins {
  readonly store: ObjectStore;
  readonly from: ObjectStore;
  /** Both are written together, so that neither is an older copy. */
  readonly twins: boolean;
}

/** Answers what was put back. */
async function mendLedger(o: RepairInput & Twins, { signingPublicKey, vaultId }: VaultDescription): Promise<string[]> {
  const { from } = o;
  const { findings } = await o.ledger(o.store, vaultId).verify({ publicKey: signingPublicKey, checkpoint: o.checkpoint });
  if (findings.length === 0 && !(o.twins && (await lacksNewer(o.store, from)))) return [];
  const other = await o.ledger(from, vaultId).verify({ publicKey: signingPublicKey, checkpoint: o.checkpoint });
  if (!other.ok) return [];
  const names = new Set(findings.map((finding) => finding.object).filter((object) => object.startsWith("ledger/") && OBJECT_KEY.test(object)));
  // A ledger whose tiles are gone cannot name them all. What the copy has is of the same log, if an older piece of it; the check that follows says whether that is true.
  for await (const { key } of from.list("ledger/")) if ((await o.store.get(key)) === null) names.add(key);
  const mended: string[] = [];
  for (const name of names) {
    const [bytes, there] = [await from.get(name), await o.store.get(name)];
    if (bytes === null || (there !== null && Buffer.compare(there, bytes) === 0)) continue;
    await replaceObject(o.store, name, bytes);
    mended.push(name);
  }
  return mended;
}

/** By itself a copy that lacks the ledger's newest checkpoints is whole: it is an older ledger. False for another ledger, which nothing may be taken from. */
async function lacksNewer(store: ObjectStore, from: ObjectStore): Promise<boolean> {
  let lacking = false;
  for await (const { key } of from.list("ledger/")) {
    if (!isLasting(key)) continue;
    const [there, other] = [await store.get(key), await from.get(key)];
    if (there === null) lacking = true;
    else if (other !== null && Buffer.compare(there, other) !== 0) return false;
  }
  return lacking;
}
