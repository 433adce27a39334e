/** Whether a restore stopped before its end, or ended otherwise than it should. Of a plan that somebody gave up, or after a later one that ended well, nothing is said. */
import type { RestorePlanRow } from "../../ports.ts";
import type { Watched, WatchContext, WatchPorts } from "../watch.ts";

const CODES = ["alert.restore_failed"] as const;
/** Restores are rare: of more at once, the newest. */
const LOOK_BACK = 20;

export async function watchRestores(ports: Pick<WatchPorts, "clock" | "runs" | "restorePlans">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const now = ports.clock.now();
  const rows = (await ports.restorePlans?.list(shop, { states: ["running", "paused", "done", "failed"], limit: LOOK_BACK })) ?? [];
  for (const row of rows) {
    if (row.state === "done") break;
    if (row.state !== "failed" && (await isUnderWay(ports, row))) continue;
    const cause = row.code ?? "unexpected";
    return { codes: CODES, asOf: now, findings: [{ code: "alert.restore_failed", subject: "restore:shop", severity: "critical", facts: { plan: row.planId, cause } }] };
  }
  return { codes: CODES, findings: [], asOf: now };
}

async function isUnderWay({ runs }: Pick<WatchPorts, "runs">, { runId }: RestorePlanRow): Promise<boolean> {
  const run = runId === null ? null : await runs.get(runId);
  return run?.state === "running" || run?.state === "queued";
}
