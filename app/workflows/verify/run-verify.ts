/** Verifies the vault that a run asks for. A worker that dies leaves nothing: the run is claimed again and begins anew. */
import type { Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { keepLease } from "../shared/lease-keeper.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "./codes.ts";
import { verifyShopVault, type VerifyOutcome, type VerifyPorts } from "./verify-vault.ts";

export type RunVerifyPorts = VerifyPorts & Pick<Ports, "runs">;

export type VerifyRunOutcome = VerifyOutcome | { readonly kind: "cancelled" } | { readonly kind: "interrupted" } | { readonly kind: "not-claimed" };

export async function runVerify(ports: RunVerifyPorts, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<VerifyRunOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const { shop, requestedBy, input } = lease.run;
  const keeper = keepLease(lease, ports.clock);
  const stop = signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]);
  try {
    const outcome = await verifyShopVault(ports, {
      shop,
      actor: requestedBy,
      readData: input["readData"] !== false,
      onProgress: ({ phase, done, total, bytesRead }) => {
        stop.throwIfAborted();
        keeper.report({ step: "verifying", stream: phase, records: done, expected: total, bytes: bytesRead });
      },
      beforeEntry: async () => {
        stop.throwIfAborted();
        await keeper.beat();
      },
    });
    if (outcome.kind === "failed") await lease.finish({ state: "failed", code: outcome.code });
    else if (outcome.checked.ok) await lease.finish({ state: "succeeded", code: VAULT_SOUND });
    else await lease.finish({ state: "failed", code: VAULT_FINDINGS, result: outcome.checked.findings[0]?.code ?? VAULT_FINDINGS });
    return outcome;
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await lease.finish({ state: "cancelled", code: "verify.cancelled" });
      return { kind: "cancelled" };
    }
    if (signal?.aborted === true) return { kind: "interrupted" };
    await lease.finish({ state: "failed", code: failureOf(error)?.code ?? "unexpected" });
    throw error;
  } finally {
    keeper.stop();
  }
}
