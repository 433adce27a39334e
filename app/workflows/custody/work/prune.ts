/** Prunes by a policy. Takes the host's keys only. */
import { parsePolicy } from "#app/vault/index.ts";
import { pruneVault } from "../../prune/prune-vault.ts";
import { enterMissing } from "../../snapshot/enter-snapshots.ts";
import type { CustodyContext, WorkDone } from "../run-custody.ts";

export async function pruneWork({ ports, run, keeper, store, vault, hostKeys, ledger, signal }: CustodyContext): Promise<WorkDone> {
  const policy = parsePolicy(String(run.input["keep"]));
  if (policy === null) return { passed: false, code: "retention.bad_policy" };
  await enterMissing(ledger, await vault.snapshots(), ports.clock);
  const outcome = await pruneVault({ store, vault, hostKeys, ledger, clock: ports.clock, policy, actor: run.requestedBy, signal, onProgress: ({ step, done, total }) => keeper.report({ step, records: done, expected: total }) });
  if (outcome.kind === "refused") return { passed: false, code: outcome.code };
  for (const snapshotId of outcome.report.expired) await ports.catalog.forgetSnapshot(run.shop, snapshotId);
  await ports.retention.pruned(run.shop, ports.clock.now());
  return { passed: true, code: "prune.done", ...(outcome.report.sequence === null ? {} : { result: String(outcome.report.sequence) }) };
}
