/** `snapshot`: the whole source into the vault, or nothing; then into the ledger. In an emergency also held, in the same command. */
import { recoveryOfThisVersion } from "#app/recover/index.ts";
import { keepRecovery } from "#app/workflows/shared/keep-recovery.ts";
import { copySource } from "#app/workflows/snapshot/copy-source.ts";
import { enterMissing, snapshotEntry } from "#app/workflows/snapshot/enter-snapshots.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { gapLines } from "../gaps.ts";
import { emergencyFrom, heldText, holdNow, type EmergencyOptions } from "../emergency.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openSource } from "../open-source.ts";
import { openToWrite } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface SnapshotOptions extends EmergencyOptions {
  readonly source: string;
}

export async function snapshot(cli: Cli, address: string, options: SnapshotOptions): Promise<CommandResult> {
  const emergency = emergencyFrom(options);
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const source = await openSource(cli, options.source);
    const ledger = ledgerOf(cli, store, hostKeys.vaultId, hostKeys);
    // A writer that was killed between its commit and its ledger entry is made good here.
    await enterMissing(ledger, await vault.snapshots(), cli.clock);
    const head = await ledger.head();
    const summary = await copySource({
      vault,
      source,
      checkpoint: head === null ? null : { size: head.size, root: head.root },
      signal: cli.signal,
      onProgress: ({ step, stream, share, records, bytes, expected }) => {
        const of = expected === undefined ? "" : ` of ${count(expected)}`;
        cli.progress([step, stream, share === undefined ? undefined : `${String(Math.floor(share * 100))} %`, records === undefined ? undefined : `${count(records)}${of} records`, bytes === undefined ? undefined : size(bytes)].filter(Boolean).join(" · "));
      },
    });
    const checkpoint = await ledger.append([snapshotEntry(summary.manifest, "cli", cli.clock)]);
    const recovery = await keepRecovery({ store, hostKeys, ledger, kit: recoveryOfThisVersion(), clock: cli.clock, actor: "cli" });
    if (recovery?.outcome === "failed") cli.warn(`The recovery program could not be written into the vault (${recovery.code}); the snapshot is safe, and the next one tries again.`);

    const held = emergency === null ? null : await holdNow({ store, vault, hostKeys, ledger, clock: cli.clock, random: cli.random, actor: "cli" }, summary.manifest.snapshotId, emergency);
    const { snapshotId, root, complete, records, added, changed, removed, unchanged, moved, carried, bytesRead, bytesWritten, gaps, gapCount, kinds } = summary;
    return {
      json: { snapshotId, root, complete, records, added, changed, removed, unchanged, moved, carried, bytesRead, bytesWritten, gaps, gapCount, kinds, checkpoint: { size: checkpoint.size, root: checkpoint.root }, ...(held === null ? {} : { hold: held }) },
      text: [
        `Snapshot ${snapshotId}: ${plural(records, "record")} (${count(added)} added, ${count(changed)} changed, ${count(removed)} removed, ${count(unchanged)} unchanged${moved === 0 ? "" : `, ${count(moved)} of them in another order`}).`,
        `Read ${size(bytesRead)}, stored ${size(bytesWritten)}. Root ${root}.`,
        ...(held === null ? [] : [heldText(held)]),
        ...(complete ? ["Whole."] : [`Not whole: ${plural(gapCount, "gap")}. The snapshot is kept and says so.`, ...gapLines(gaps, gapCount)]),
      ].join("\n"),
      finding: !complete,
    };
  });
}
