/** Erases somebody by id, because a person of the merchant's asked for it: no request of the platform stands behind it. */
import { redactRecords } from "../../redact/redact-records.ts";
import { recordsOfIds } from "../../compliance/person-records.ts";
import type { CustodyContext, WorkDone } from "../run-custody.ts";

export async function eraseWork({ ports, run, keeper, store, vault, hostKeys, ledger, contentKeys, signal }: CustodyContext): Promise<WorkDone> {
  const outcome = await redactRecords({
    store,
    vault,
    hostKeys,
    contentKeys,
    ledger,
    clock: ports.clock,
    random: ports.random,
    ...recordsOfIds(String(run.input["ids"]).split(" ")),
    tree: true,
    actor: run.requestedBy,
    reason: String(run.input["reason"]),
    signal,
    onProgress: ({ step, done, total }) => keeper.report({ step, records: done, expected: total }),
  });
  if (outcome.kind === "refused") return { passed: false, code: outcome.code };
  const newest = outcome.report.certificates.at(-1);
  return { passed: true, code: outcome.report.sequence === null ? "redaction.nothing_left" : "redaction.done", ...(newest === undefined ? {} : { result: newest.object }) };
}
