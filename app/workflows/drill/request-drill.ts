/** Starts a drill with the keys a browser has unwrapped. They wait in memory for their run, and nowhere else. */
import { actorName, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { DrillLane, Ports, Run } from "../ports.ts";
import { refusedDrill, type DrillAccessPorts } from "./access.ts";

/** A run that has not started by then must ask for the identity again. */
const KEYS_LIVE_MS = 10 * 60_000;
const KEY_BYTES = 32;

export type RequestedDrill =
  | { readonly kind: "requested"; readonly run: Run }
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  /** No keys, or not keys at all. */
  | { readonly kind: "bad-keys"; readonly code: "drill.bad_keys" };

/** Takes over `keys`: they are zeroed when the run does not start. */
export async function requestDrill(
  ports: Pick<Ports, "runs" | "custody" | "ids" | "clock" | "log"> & DrillAccessPorts,
  o: { readonly shop: string; readonly actor: Actor; readonly snapshotId: string; readonly lane?: DrillLane; readonly keys: ReadonlyMap<string, Uint8Array> },
): Promise<RequestedDrill> {
  const { shop, actor, snapshotId, lane = "full", keys } = o;
  const zero = (): void => keys.forEach((key) => key.fill(0));
  const refused = await refusedDrill(ports, "drill.run", { shop, actor });
  if (refused !== null) {
    zero();
    return refused;
  }
  if (keys.size === 0 || [...keys.values()].some((key) => key.byteLength !== KEY_BYTES)) {
    zero();
    return { kind: "bad-keys", code: "drill.bad_keys" };
  }
  const id = ports.ids.next();
  const now = ports.clock.now();
  // The keys are there before the run is: a worker may pick it up at once.
  await ports.custody.deposit(id, keys, new Date(now.getTime() + KEYS_LIVE_MS));
  zero();
  const { run, created } = await ports.runs.create({ id, shop, kind: "drill", requestedBy: actorName(actor), requestedAt: now, input: { snapshot: snapshotId, lane } });
  if (!created) (await ports.custody.take(id))?.forEach((key) => key.fill(0));
  else ports.log.info("drill.requested", { shop, run: id, snapshot: snapshotId, by: run.requestedBy });
  return { kind: created ? "requested" : "already-running", run };
}
