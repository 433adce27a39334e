/** Puts together what is held about a person, seals it to the merchant's recipients, and leaves it in the merchant's own storage to be fetched. */
import { disclose } from "../../compliance/disclose.ts";
import { keepPackage } from "../../compliance/packages.ts";
import type { CustodyContext, WorkDone } from "../run-custody.ts";

export async function discloseWork({ ports, run, keeper, store, vault, hostKeys, ledger, contentKeys, signal }: CustodyContext): Promise<WorkDone> {
  const request = await ports.compliance.get(run.shop, String(run.input["request"]));
  if (request?.topic !== "customers/data_request") return { passed: false, code: "compliance.no_such_request" };
  keeper.report({ step: "gather" });
  const disclosure = await disclose({
    store,
    description: vault.description,
    indexKey: hostKeys.indexKey,
    contentKeys,
    current: ports.current ?? null,
    request,
    clock: ports.clock,
    signal,
    onProgress: ({ done, total }) => keeper.report({ step: "gather", records: done, expected: total }),
  });
  try {
    keeper.report({ step: "seal" });
    await keeper.beat();
    const kept = await keepPackage({ ports, store, vault, hostKeys, ledger, actor: run.requestedBy, request, disclosure });
    return { passed: true, code: "compliance.disclosed", result: kept.object };
  } finally {
    disclosure.lines.fill(0);
  }
}
