/** `drill`: restores a snapshot into a fresh sandbox shop, compares, times, scores, and enters the result into the ledger. */
import { randomBytes } from "node:crypto";
import { contentKeys, putDrillResult, readVaultDescription, type SnapshotManifest } from "#app/vault/index.ts";
import { drillEntry, type Step } from "#app/workflows/drill/drill-entry.ts";
import { rehearse, type Rehearsal } from "#app/workflows/drill/rehearse.ts";
import { rowOf } from "#app/workflows/drill/statement.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { drillScratch, rehearsalShops } from "../rehearsal.ts";
import { withScratch } from "../scratch.ts";

export interface DrillOptions extends IdentityOptions {
  readonly identity?: string;
}

export async function drill(cli: Cli, address: string, snapshot: string, { identity, ...rest }: DrillOptions): Promise<CommandResult> {
  // Not a required option for the program: its reports take none.
  if (identity === undefined) throw new CliError("cli.usage", "a drill opens the snapshot: give --identity");
  return withScratch(cli.home, async (scratchDirectory) => {
    const startedAt = cli.clock.now();
    const { vault, store, opener } = await openToDecrypt(cli, address, { ...rest, identity }, scratchDirectory);
    const manifest = await vault.resolve(snapshot);
    const steps: { step: Step; ms: number }[] = [];
    const seen = { compared: 0 };
    const result = await rehearse(
      { clock: cli.clock, random: cli.random, scratch: drillScratch(scratchDirectory), sandboxShops: rehearsalShops(cli) },
      {
        vault,
        manifest,
        keys: contentKeys(store, opener),
        signal: cli.signal,
        steps,
        seen,
        onProgress: ({ step, records, expected }) => cli.progress([step, records === undefined ? "" : `${count(records)} of ${count(expected ?? records)} records`].filter(Boolean).join(" · ")),
      },
    );
    const finishedAt = cli.clock.now();
    const { passed, code, compared, restored, refused, differences, losses, costPoints, plusEstimateMs } = result;
    const rtoMs = finishedAt.getTime() - startedAt.getTime();
    const rpoMs = Math.max(0, startedAt.getTime() - new Date(manifest.startedAt).getTime());
    const recorded = await record(cli, address, manifest, { startedAt, finishedAt, rtoMs, rpoMs, steps, result });
    return {
      json: { passed, code, snapshotId: manifest.snapshotId, rtoMs, rpoMs, compared, restored, refused, differences, losses, costPoints, plusEstimateMs, steps, recorded },
      text: text(result, rtoMs, recorded),
      finding: !passed,
    };
  });
}

/** False on a host without the vault's keys: it can rehearse, not sign. */
async function record(
  cli: Cli,
  address: string,
  manifest: SnapshotManifest,
  run: { startedAt: Date; finishedAt: Date; rtoMs: number; rpoMs: number; steps: { step: Step; ms: number }[]; result: Rehearsal },
): Promise<boolean> {
  const store = await openStore(address);
  const description = await readVaultDescription(store);
  const { vaultId } = description;
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null) return false;
  const { result, startedAt, finishedAt, steps, rtoMs, rpoMs } = run;
  const { passed, code, compared, restored, refused, erased, differences, losses, costPoints, plusEstimateMs } = result;
  const drillId = randomBytes(8).toString("hex");
  const lane = { lane: "full" as const, passed, code, startedAt: startedAt.toISOString(), ms: rtoMs, compared, restored, refused, erased, steps: [...steps], differences: [...differences], losses: [...losses], costPoints, plusEstimateMs, kinds: Object.values(manifest.kinds).filter(({ records }) => records > 0).length, types: [], scanned: 0 };
  const predicate = { vaultId, drillId, shop: manifest.source.name, startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString(), requestedBy: "cli", snapshotId: manifest.snapshotId, snapshotOpened: true, passed, code, rtoMs, rpoMs, lanes: [lane] };
  const kept = await putDrillResult({ store, description, signingKey: hostKeys.signingKey }, [{ name: manifest.objectKey, digest: { sha256: manifest.digest } }], predicate);
  await ledgerOf(cli, store, vaultId, hostKeys).append([drillEntry(rowOf(predicate, { object: kept.object, digest: kept.digest }, null))]);
  return true;
}

function text({ passed, compared, restored, refused, differences, losses, plusEstimateMs }: Rehearsal, rtoMs: number, recorded: boolean): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    `${passed ? "Passed" : "Failed"} in ${seconds(rtoMs)}: ${plural(compared, "record")} opened and matched, ${count(restored)} restored, ${count(refused)} refused, ${plural(differences.length, "difference")}.`,
    ...differences.map(({ kind, field, records }) => `  ${kind}.${field} differs in ${plural(records, "record")}`),
    ...(losses.length === 0 ? [] : [`Left out, because a shop never gives it back (ids, its own times and totals …): ${plural(losses.length, "field")}; --json lists them.`]),
    `On a Shopify Plus shop the same restore would take about ${seconds(plusEstimateMs)}.`,
    recorded ? "The result is in the ledger." : "This host has no keys of the vault, so the result is not in the ledger.",
  ].join("\n");
}
