/** Privacy requests whose time runs out. */
import type { Watched, WatchContext, WatchPorts } from "../watch.ts";

const DAY = 24 * 3_600_000;
/** A week before the platform's 30 days are over it is a warning, two days before them nothing else may come first. */
const WARN_MS = 7 * DAY;
const CRITICAL_MS = 2 * DAY;

export async function watchErasures(ports: Pick<WatchPorts, "clock" | "compliance">, { shop }: Pick<WatchContext, "shop">): Promise<Watched> {
  const now = ports.clock.now();
  const findings = (await ports.compliance.open(shop)).flatMap(({ id, topic, dueAt }) => {
    const left = dueAt.getTime() - now.getTime();
    if (left > WARN_MS) return [];
    return [{ code: "alert.erasure_due", subject: `request:${id.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 100)}`, severity: left > CRITICAL_MS ? "warning" : "critical", facts: { topic, dueAt: dueAt.toISOString(), overdue: left <= 0 } } as const];
  });
  return { codes: ["alert.erasure_due"], findings, asOf: now };
}
