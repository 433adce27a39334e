/** Which key is due, from what the storage shows to everybody. */
import { readKeyFacts } from "#app/vault/index.ts";
import { months } from "../../keys/period.ts";
import { planRotation, type DueWhat, type KeyPolicy } from "../../keys/plan-rotation.ts";
import { vaultIsThere } from "../../shared/vault-is-there.ts";
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";

/** As `keys plan` has it where nothing else is said. */
export const PROPOSED_POLICY: KeyPolicy = { retention: months(72), rotateEvery: months(12), keyLife: months(60) };
const AHEAD_MS = 14 * 24 * 3_600_000;

/** Advice that is due from the first day on, and no key that has come of age: the set-up and the key screens give it. */
const ADVICE: ReadonlySet<DueWhat> = new Set(["add a second recipient"]);

export async function watchKeys(ports: Pick<WatchPorts, "clock" | "links" | "stores">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const link = await ports.links.get(shop);
  if (link === null) return null;
  const store = await ports.stores.open(link.storageUrl, { shop: link.shop });
  if (!(await vaultIsThere(store, link.vaultId))) return null;
  const now = ports.clock.now();
  const due = planRotation(await readKeyFacts(store), PROPOSED_POLICY, now).due.filter(({ what, at }) => !ADVICE.has(what) && Date.parse(at) - now.getTime() <= AHEAD_MS);
  const findings = new Map<string, Finding>();
  for (const { at, overdue, what, key } of due) {
    const subject = `key:${(key ?? "vault").replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 80)}:${what.replaceAll(" ", "-")}`;
    // Soonest first: the first word on a subject counts.
    if (!findings.has(subject)) findings.set(subject, { code: "alert.key_due", subject, severity: "warning", facts: { dueAt: at, overdue, todo: what } });
  }
  return { codes: ["alert.key_due"], findings: [...findings.values()], asOf: now };
}
