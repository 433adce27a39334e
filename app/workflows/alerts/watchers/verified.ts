/** Whether the last check of the vault found something. */
import { VAULT_FINDINGS, VAULT_SOUND } from "../../verify/codes.ts";
import type { Watched, WatchContext, WatchPorts } from "../watch.ts";

export async function watchVerified(ports: Pick<WatchPorts, "runs">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const last = (await ports.runs.list(shop, { kind: "verify", limit: 10 })).find(({ code }) => code === VAULT_SOUND || code === VAULT_FINDINGS);
  if (last === undefined) return null;
  const found = last.code === VAULT_FINDINGS;
  return {
    codes: ["alert.verify_finding"],
    subject: "vault",
    findings: found ? [{ code: "alert.verify_finding", subject: "vault", severity: "critical", facts: { finding: last.result ?? VAULT_FINDINGS, run: last.id } }] : [],
    asOf: last.finishedAt ?? last.requestedAt,
  };
}
