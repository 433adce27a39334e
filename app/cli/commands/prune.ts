/** `prune`: lets snapshots go that the policy does not keep, and frees what only they needed once the grace is over. */
import { parsePolicy, type KeepReason, type Kept, type PruneReport } from "#app/vault/index.ts";
import { pruneVault } from "#app/workflows/prune/prune-vault.ts";
import { enterMissing } from "#app/workflows/snapshot/enter-snapshots.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { releaseEmergencies } from "../emergency.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openToWrite } from "../open-vault.ts";
import { Refused } from "../refused.ts";
import { withScratch } from "../scratch.ts";

export interface PruneOptions {
  readonly keep: string;
  readonly dryRun?: boolean;
  /** Hours. */
  readonly grace: number;
}

const HOUR_MS = 60 * 60 * 1000;

export async function prune(cli: Cli, address: string, options: PruneOptions): Promise<CommandResult> {
  const policy = parsePolicy(options.keep);
  if (policy === null) throw new CliError("cli.usage", `--keep "${options.keep}" is no policy: it is written like last=3,daily=7,weekly=5,monthly=12,yearly=6,within=30d and must keep something`);
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const ledger = ledgerOf(cli, store, hostKeys.vaultId, hostKeys);
    const dryRun = options.dryRun === true;
    if (!dryRun) {
      await enterMissing(ledger, await vault.snapshots(), cli.clock);
      await releaseEmergencies({ store, vault, hostKeys, ledger, clock: cli.clock, random: cli.random, actor: "cli" });
    }
    const outcome = await pruneVault({
      store,
      vault,
      hostKeys,
      ledger,
      clock: cli.clock,
      policy,
      actor: "cli",
      graceMs: options.grace * HOUR_MS,
      dryRun,
      signal: cli.signal,
      onProgress: ({ step, done, total }) => cli.progress(`${step} · ${count(done)} of ${count(total)}`),
    });
    if (outcome.kind === "refused") throw new Refused(outcome.code, "The vault cannot be pruned now", outcome.objects[0]);
    const { report, youngerThanSixYears } = outcome;
    const { plan, sequence, expired, removed, waiting, kept, partlyDead } = report;
    if (youngerThanSixYears > 0) {
      cli.warn(`${plural(youngerThanSixYears, "snapshot")} younger than six years ${dryRun ? "would go" : "went"}: HIPAA keeps documentation that long (45 CFR 164.316(b)(2)(i)), so see that none of it rests in snapshots alone.`);
    }
    return {
      json: { dryRun, sequence, keep: plan.keep, expire: plan.expire, expired, removed, waiting, kept, partlyDead, youngerThanSixYears },
      text: [...planLines(report), ...summaryLines(report, dryRun), ...kept.map(keptLine)].join("\n"),
      finding: kept.length > 0,
    };
  });
}

function planLines({ plan }: PruneReport): string[] {
  return [
    ...plan.keep.map(({ snapshotId, takenAt, reasons }) => `keep    ${snapshotId}  ${takenAt}  ${reasons.map(reasonText).join(", ")}`),
    ...plan.expire.map(({ snapshotId, takenAt, why }) => `expire  ${snapshotId}  ${takenAt}  ${why === "superseded" ? "another of its period is kept" : "older than what is to be kept"}`),
  ];
}

function reasonText({ code, detail }: KeepReason): string {
  const words: Readonly<Record<string, string>> = { newest: "newest", "newest-complete": "newest whole one", verified: "verified last", held: "held", future: "its time lies ahead", within: "young enough" };
  const word = words[code] ?? code;
  return detail === undefined ? word : `${word} (${detail})`;
}

function summaryLines({ plan, expired, removed, waiting, partlyDead }: PruneReport, dryRun: boolean): string[] {
  const would = (did: string, does: string): string => (dryRun ? `Would have ${does}` : did);
  return [
    plan.expire.length === 0 ? "No snapshot expires." : `${would("Expired", "expired")} ${plural(dryRun ? plan.expire.length : expired.length, "snapshot")}.`,
    ...(removed.objects === 0 ? [] : [`${would("Freed", "freed")} ${size(removed.bytes)} (${plural(removed.objects, "object")}).`]),
    ...(waiting.dueAt === null ? [] : [`${size(waiting.bytes)} (${plural(waiting.objects, "object")}) can be freed by a prune after ${waiting.dueAt}, when no snapshot that began before can still need it.`]),
    ...(partlyDead.bytes === 0 ? [] : [`At most ${size(partlyDead.bytes)} more lie in ${plural(partlyDead.packs, "pack")} that are still needed in part.`]),
    ...(dryRun ? ["Nothing was changed."] : []),
  ];
}

export function keptLine({ object, code }: Pick<Kept, "object"> & { readonly code: string }): string {
  return `The storage does not let go of ${object} (${code}${code === "store.locked" ? ": its lock has not ended" : ""}).`;
}
