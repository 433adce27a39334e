/** `vault check-store`: tries out what a vault needs of a storage, in a throwaway folder, and says in plain words what it can and cannot promise. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHECKS, judge, removeLeftovers, runChecks, type CheckOutcome, type StorageReport } from "#app/stores/index.ts";
import { readVaultDescription, VaultError, type ObjectStore } from "#app/vault/index.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";

export async function vaultCheckStore(cli: Cli, address: string): Promise<CommandResult> {
  const began = cli.clock.now().getTime();
  const store = await openStore(address);
  const run = Buffer.from(cli.random(8)).toString("hex");
  const outcomes: CheckOutcome[] = [];
  let leftBehind: string[] = [];
  try {
    for await (const outcome of runChecks({ store, reopen: () => openStore(address), run })) {
      cli.signal.throwIfAborted();
      outcomes.push(outcome);
      cli.progress(`${outcomes.length} of ${CHECKS.length} · ${outcome.name}`);
    }
  } finally {
    // Nothing was written before the first check was over: a storage that does not answer at all is not asked for more.
    if (outcomes.length > 0) leftBehind = await removeLeftovers({ store, run }, async (ms) => { await sleep(ms); });
  }
  const report = judge(outcomes, store.traits);
  const failed = outcomes.filter(({ passed }) => !passed);
  const entered = await enter(cli, store, report.usable, { passed: outcomes.length - failed.length, failed: failed.length });
  return {
    json: { ok: report.usable, store: store.traits.name, ...report, checks: outcomes, leftBehind, entered, ms: cli.clock.now().getTime() - began },
    text: inWords(report, failed, leftBehind),
    finding: !report.usable,
  };
}

function inWords({ usable, can, cannot }: StorageReport, failed: readonly CheckOutcome[], leftBehind: readonly string[]): string {
  return [
    usable ? "This storage can hold a vault." : "This storage cannot hold a vault.",
    ...(can.length === 0 ? [] : ["", "It promises:", ...can.map(({ text }) => `  + ${text}`)]),
    ...(cannot.length === 0 ? [] : ["", "It does not promise:", ...cannot.flatMap(({ text, todo, essential }) => [`  - ${text}${essential ? " (a vault needs this)" : ""}`, `      ${todo}`])]),
    ...(failed.length === 0 ? [] : ["", "What failed:", ...failed.map(({ name, detail }) => `  ${name}: ${detail ?? "no detail"}`)]),
    ...(leftBehind.length === 0 ? [] : ["", `${plural(leftBehind.length, "small test object")} could not be removed and will stay beneath storage-test/ until the storage's own lock ends.`]),
  ].join("\n");
}

/** A vault's ledger remembers that its storage was tested. False: there is no vault, or this host cannot sign for it. */
async function enter(cli: Cli, store: ObjectStore, usable: boolean, { passed, failed }: { readonly passed: number; readonly failed: number }): Promise<boolean> {
  let vaultId: string;
  try {
    ({ vaultId } = await readVaultDescription(store));
  } catch (error) {
    // The test is of the storage, not of what lies there; `verify` is for that.
    if (error instanceof VaultError) return false;
    throw error;
  }
  const hostKeys = await new HostKeyring(cli.home).get(vaultId);
  if (hostKeys === null) return false;
  const subject = { vault: vaultId, store: store.traits.name, passed, failed };
  await ledgerOf(cli, store, vaultId, hostKeys).append([{ actor: "cli", action: "storage.tested", subject, outcome: usable ? "done" : "failed" }]);
  return true;
}
