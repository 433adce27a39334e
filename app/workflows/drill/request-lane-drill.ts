/** Starts a drill that nobody brings keys for: made-up data, or with the key service that is set up for this host. For the schedule, for Shopify Flow, and for a person. */
import { actorName, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, Run } from "../ports.ts";
import { refusedDrill, type DrillAccessPorts } from "./access.ts";

export interface LaneDrill {
  readonly shop: string;
  readonly actor: Actor;
  /** both: the real lane too, which takes the host's key service. */
  readonly lane: "synthetic" | "both";
  /** The run's, where the caller must know it before; one is made otherwise. */
  readonly id?: string;
  /** The time of the schedule that this is for. */
  readonly dueAt?: Date;
}

export type RequestedLaneDrill =
  | { readonly kind: "requested"; readonly run: Run }
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "no-snapshot"; readonly code: "drill.no_snapshot" }
  | { readonly kind: "no-keys"; readonly code: "drill.no_unattended_key" };

export async function requestLaneDrill(
  ports: Pick<Ports, "runs" | "ids" | "clock" | "log" | "catalog" | "unattended"> & DrillAccessPorts,
  { shop, actor, lane, id = ports.ids.next(), dueAt }: LaneDrill,
): Promise<RequestedLaneDrill> {
  // A person who has the key service open the real snapshot needs what they would need with an identity of their own. The schedule has been set up to do it.
  const opens = lane === "both" && (actor.kind === "staff" || actor.kind === "responder");
  const refused = await refusedDrill(ports, opens ? "drill.run" : "drill.rehearse", { shop, actor });
  if (refused !== null) return refused;
  if ((await ports.catalog.countSnapshots(shop)).total === 0) return { kind: "no-snapshot", code: "drill.no_snapshot" };
  if (lane === "both" && !(await hasKeyService(ports, shop))) return { kind: "no-keys", code: "drill.no_unattended_key" };
  const input = { snapshot: "latest", lane, unattended: lane === "both", ...(dueAt === undefined ? {} : { dueAt: dueAt.toISOString() }) };
  const { run, created } = await ports.runs.create({ id, shop, kind: "drill", requestedBy: actorName(actor), requestedAt: ports.clock.now(), input, ...(dueAt === undefined ? {} : { wantedAt: dueAt }) });
  if (created) ports.log.info("drill.requested", { shop, run: id, lane, by: run.requestedBy });
  return { kind: created ? "requested" : "already-running", run };
}

/** A service that does not answer now is one all the same: its lane will say what was wrong. */
export async function hasKeyService({ unattended }: Pick<Ports, "unattended">, shop: string): Promise<boolean> {
  if (unattended === undefined) return false;
  try {
    return (await unattended.openerFor(shop)) !== null;
  } catch {
    return true;
  }
}
