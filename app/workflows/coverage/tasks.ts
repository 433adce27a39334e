/** Coverage tasks: raised by what is new, decided by a person with a reason, closed when what they are about has gone. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { CoverageTask, NewCoverageTask, Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { DECIDE_MS } from "./changes.ts";

export type TaskPorts = Pick<Ports, "ids" | "clock" | "log" | "alerts" | "links" | "stores" | "signer" | "outbox"> & Required<Pick<Ports, "coverageTasks">>;

/** Raises those that are not there yet; answers these. */
export async function raiseTasks(ports: TaskPorts, shop: string, found: readonly Omit<NewCoverageTask, "shop">[]): Promise<readonly CoverageTask[]> {
  const raised: CoverageTask[] = [];
  for (const task of found) {
    const raisedAt = ports.clock.now();
    const kept = await ports.coverageTasks.raise({ ...task, shop, id: ports.ids.next(), raisedAt, dueAt: new Date(raisedAt.getTime() + DECIDE_MS) });
    if (kept === null) continue;
    raised.push(kept);
    await ports.alerts.raise({ shop, code: "alert.coverage_task", severity: "warning", subject: kept.subject, facts: { kind: kept.kind, task: kept.id } });
    await keepEvent(ports, shop, { actor: "system", action: "coverage.raised", subject: { shop, task: kept.id, about: kept.subject }, outcome: "done" });
  }
  return raised;
}

export interface CloseTask {
  readonly state: "accepted" | "done";
  readonly by: string;
  readonly reason: string | null;
}

/** False: it was closed before. */
export async function closeTask(ports: TaskPorts, { shop, id, subject }: Pick<CoverageTask, "shop" | "id" | "subject">, { state, by, reason }: CloseTask): Promise<boolean> {
  if (!(await ports.coverageTasks.decide({ shop, id, state, at: ports.clock.now(), by, reason }))) return false;
  await ports.alerts.resolve({ shop, code: "alert.coverage_task", subject });
  await keepEvent(ports, shop, { actor: by, action: "coverage.decided", subject: { shop, task: id, about: subject, code: `coverage.${state}` }, ...(reason === null ? {} : { reason }), outcome: "done" });
  return true;
}

export type DecidedTask =
  | { readonly kind: "decided" }
  /** A gap is taken with a reason of at least a few words, or not at all. One line, no e-mail address. */
  | { readonly kind: "no-reason"; readonly code: "coverage.no_reason" }
  | { readonly kind: "not-open"; readonly code: "coverage.not_open" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

const REASON = /^[^\p{Cc}@]{5,500}$/u;

export async function decideTask(
  ports: TaskPorts & RefusalPorts,
  { shop, actor, id, state, reason }: { readonly shop: string; readonly actor: Actor; readonly id: string; readonly state: "accepted" | "done"; readonly reason: string },
): Promise<DecidedTask> {
  const decision = mayRequest("coverage.decide", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "coverage.decide", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  const said = reason.trim();
  if (!REASON.test(said)) return { kind: "no-reason", code: "coverage.no_reason" };
  const task = await ports.coverageTasks.get(shop, id);
  if (task === null || !(await closeTask(ports, task, { state, by: actorName(actor), reason: said }))) return { kind: "not-open", code: "coverage.not_open" };
  ports.log.info("coverage.decided", { shop, task: id, state });
  return { kind: "decided" };
}
