/** Starts work on the vault with the keys that a browser has unwrapped. They wait in memory for their run, and nowhere else. */
import { actorName, mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ports, Run } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

/** A run that has not started by then must ask for the identity again. */
const KEYS_LIVE_MS = 10 * 60_000;
const KEY_BYTES = 32;

/** What a run's `input` says; ids are the platform's and say nothing about a person by themselves. */
export type CustodyWork =
  /** Carries out erasure requests, by their ids with spaces between. */
  | { readonly what: "requests"; readonly requests: string }
  /** Erases records by their ids, with spaces between, with everything that belongs to them. */
  | { readonly what: "erase"; readonly ids: string; readonly reason: string }
  /** Puts together what is held about a person, for a request. */
  | { readonly what: "disclose"; readonly request: string }
  /** Lets snapshots go by a policy. Takes no keys. */
  | { readonly what: "prune"; readonly keep: string }
  /** Adds and removes recipients: public keys as JSON, key ids with spaces between. */
  | { readonly what: "rotate"; readonly add: string; readonly remove: string; readonly reason: string };

const ACTION: Readonly<Record<CustodyWork["what"], Action>> = { requests: "records.erase", erase: "records.erase", disclose: "records.disclose", rotate: "keys.rotate", prune: "snapshots.prune" };

export type RequestedCustody =
  | { readonly kind: "requested"; readonly run: Run }
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  /** Not keys at all. */
  | { readonly kind: "bad-keys"; readonly code: "drill.bad_keys" };

/** Takes over `keys`: they are zeroed when the run does not start. Null: the run asks the key service that is set up for this host. */
export async function requestCustody(
  ports: Pick<Ports, "runs" | "custody" | "ids" | "clock" | "log" | "responseTeam"> & RefusalPorts,
  o: { readonly shop: string; readonly actor: Actor; readonly work: CustodyWork; readonly keys: ReadonlyMap<string, Uint8Array> | null },
): Promise<RequestedCustody> {
  const { shop, actor, work, keys } = o;
  const action = ACTION[work.what];
  const zero = (): void => keys?.forEach((key) => key.fill(0));
  const decision = mayRequest(action, actor, shop, { roles: (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [] });
  if (!decision.allowed) {
    zero();
    await recordRefusal(ports, { shop, actor, asked: action, code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if (keys !== null && [...keys.values()].some((key) => key.byteLength !== KEY_BYTES)) {
    zero();
    return { kind: "bad-keys", code: "drill.bad_keys" };
  }
  const id = ports.ids.next();
  const now = ports.clock.now();
  // The keys are there before the run is: a worker may pick it up at once.
  if (keys !== null) await ports.custody.deposit(id, keys, new Date(now.getTime() + KEYS_LIVE_MS));
  zero();
  const { run, created } = await ports.runs.create({ id, shop, kind: "custody", requestedBy: actorName(actor), requestedAt: now, input: { ...work, keys: keys !== null } });
  if (!created && keys !== null) (await ports.custody.take(id))?.forEach((key) => key.fill(0));
  if (created) ports.log.info("custody.requested", { shop, run: id, what: work.what, by: run.requestedBy });
  return { kind: created ? "requested" : "already-running", run };
}
