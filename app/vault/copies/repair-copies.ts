/** Repairs a vault that lies in several copies: each from the others. Where there is one copy, that. */
import { DESCRIPTION } from "../format/names.ts";
import { cutThrough, readCuts } from "../journal/cut.ts";
import { journalSequenceOf } from "../journal/names.ts";
import type { Copies, ObjectStore } from "../object-store.ts";
import { Expectations } from "../repair/expectations.ts";
import { isVaultFault } from "../repair/mend.ts";
import { repairVault } from "../repair/repair.ts";
import type { RepairReport, RepairVault } from "../repair/repair.ts";
import { readPrunes } from "../retention/prunes.ts";
import { readRedactionRecords } from "../retention/redactions.ts";
import { compareCopies, isLasting } from "./compare.ts";
import { mergedFindings, mergedReport } from "./verify-copies.ts";

/** Throws StoreError when one of the copies cannot be read or written; vault.unsupported_format for a vault of a later format. */
export async function repairCopies(options: RepairVault): Promise<RepairReport> {
  const { copies } = options.store;
  if (copies === undefined) return repairVault(options);
  const mended: RepairReport["mended"][number][] = [];
  const reports = new Map<string, RepairReport>();
  // What made one copy whole may be what the one before still lacks.
  for (let round = 0, before = 0; round <= copies.each.length; round++) {
    mended.push(...(await copyLasting(copies, options.vaultId ?? null)));
    if (round > 0 && mended.length === before) break;
    before = mended.length;
    for (const { name, store } of copies.each) {
      const others = [...copies.each.filter((other) => other.name !== name).map((other) => other.store), ...(options.from === undefined ? [] : [options.from])];
      for (const from of others) {
        const report = await repairVault({ ...options, store, from });
        mended.push(...report.mended);
        reports.set(name, report);
      }
    }
  }
  const names = copies.each.map(({ name }) => name);
  const last = names.map((name) => reports.get(name) as RepairReport);
  const report = await mergedReport(names, last.map((one) => one.report), (said) => compareCopies(copies, said));
  const beside = report.findings.filter(({ code }) => code.startsWith("copy."));
  return {
    mended,
    unmended: [...mergedFindings(names, last.map(({ unmended }) => unmended)), ...beside],
    refused: last.flatMap(({ refused }) => refused),
    parityWritten: last.reduce((sum, { parityWritten }) => sum + parityWritten, 0),
    report,
  };
}

/** Copies what one has and another lacks, where its absence is nobody's doing. The ledger is left to who can check it. */
async function copyLasting({ each }: Copies, vaultId: string | null): Promise<RepairReport["mended"]> {
  const mended: RepairReport["mended"][number][] = [];
  for (const { store: from } of each) {
    const expectations = await Expectations.read(from, vaultId);
    const gone = await removedOnPurpose(each.map(({ store }) => store), expectations);
    if (gone === null) continue;
    for await (const { key } of from.list("")) {
      if (!isLasting(key) || key === DESCRIPTION || key.startsWith("ledger/") || gone(key)) continue;
      for (const { store: to } of each) {
        if (to === from || (await to.get(key, { offset: 0, length: 1 })) !== null) continue;
        const bytes = await from.get(key);
        if (bytes === null || !(await expectations.holds(key, bytes))) continue;
        if ((await to.putIfAbsent(key, bytes)) === "stored") mended.push({ object: key, by: "second-store" });
      }
    }
  }
  return mended;
}

/** Null: what was removed on purpose cannot be told. */
async function removedOnPurpose(stores: readonly ObjectStore[], { description, manifests }: Expectations): Promise<((key: string) => boolean) | null> {
  if (description === null) return null;
  const expired = new Set<string>();
  let through = 0;
  let whole = false;
  try {
    // One copy may have the record, and the other still what it says is gone.
    for (const store of stores) {
      const prunes = await readPrunes(store, description);
      for (const { objectKey, snapshotId, digest } of manifests) if (prunes.expired.get(snapshotId) === digest) expired.add(objectKey);
      through = Math.max(through, cutThrough(await readCuts(store, description)));
      whole ||= (await readRedactionRecords(store, description)).records.some(({ record }) => record.whole === true);
    }
  } catch (error) {
    if (isVaultFault(error)) return null;
    throw error;
  }
  return (key) => expired.has(key) || (journalSequenceOf(key) ?? through + 1) <= through || (whole && /^(?:restores|journal|snapshots)\//.test(key));
}
