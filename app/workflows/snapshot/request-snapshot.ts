/** Somebody asks for a snapshot: a person, the schedule, a webhook. A worker takes it. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, Run } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

export type RequestedSnapshot =
  | { readonly kind: "requested"; readonly run: Run }
  /** One is queued or running already: that one is answered. */
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-linked"; readonly code: "vault.not_linked" };

export async function requestSnapshot(
  ports: Pick<Ports, "runs" | "ids" | "log"> & RefusalPorts,
  /** `scope` "changes": only what has changed since the newest snapshot; a reading that is no whole copy, and says so. */
  { shop, actor, scope = "whole", dueAt }: { readonly shop: string; readonly actor: Actor; readonly scope?: "whole" | "changes"; /** When a schedule wanted it. */ readonly dueAt?: Date },
): Promise<RequestedSnapshot> {
  const decision = mayRequest("snapshot.take", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "snapshot.take", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if ((await ports.links.get(shop)) === null) return { kind: "not-linked", code: "vault.not_linked" };
  const ask = () =>
    ports.runs.create({
      id: ports.ids.next(),
      shop,
      kind: "snapshot",
      requestedBy: actorName(actor),
      requestedAt: ports.clock.now(),
      ...(dueAt === undefined ? {} : { wantedAt: dueAt }),
      input: scope === "whole" ? {} : { scope },
    });
  let { run, created } = await ask();
  // A reading of changes that nobody has begun is not needed beside a full one.
  if (!created && scope === "whole" && run.state === "queued" && run.input["scope"] === "changes" && (await ports.runs.requestCancel(run.id))) ({ run, created } = await ask());
  if (created) ports.log.info("snapshot.requested", { shop, run: run.id, by: run.requestedBy });
  return { kind: created ? "requested" : "already-running", run };
}

export type CancelledRun = { readonly kind: "asked" } | { readonly kind: "nothing-to-stop" } | { readonly kind: "refused"; readonly code: AccessRefusal };

/** Asks a run to stop. A snapshot that is stopped leaves no snapshot. */
export async function requestCancel(ports: Pick<Ports, "runs">, { shop, actor, runId }: { readonly shop: string; readonly actor: Actor; readonly runId: string }): Promise<CancelledRun> {
  const decision = mayRequest("snapshot.cancel", actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  const run = await ports.runs.get(runId);
  // Another shop's run is as unknown as one that never was.
  if (run?.shop !== shop || !(await ports.runs.requestCancel(runId))) return { kind: "nothing-to-stop" };
  return { kind: "asked" };
}
