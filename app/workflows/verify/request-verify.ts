/** Somebody asks for the vault to be verified: a person or the schedule. A worker does it. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, Run } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "./codes.ts";

/** A pack is read once a week; in between, presence, signatures, index and ledger are enough to see what was taken away. */
export const VERIFY_EVERY_MS = 7 * 24 * 3_600_000;
/** A storage that could not be read is tried again after a day, not at every round. */
const AGAIN_AFTER_MS = 24 * 3_600_000;

export type RequestedVerify =
  | { readonly kind: "requested"; readonly run: Run }
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-linked"; readonly code: "vault.not_linked" };

export async function requestVerify(
  ports: Pick<Ports, "runs" | "ids" | "log"> & RefusalPorts,
  { shop, actor, readData = true }: { readonly shop: string; readonly actor: Actor; readonly readData?: boolean },
): Promise<RequestedVerify> {
  const decision = mayRequest("vault.verify", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "vault.verify", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if ((await ports.links.get(shop)) === null) return { kind: "not-linked", code: "vault.not_linked" };
  const { run, created } = await ports.runs.create({ id: ports.ids.next(), shop, kind: "verify", requestedBy: actorName(actor), requestedAt: ports.clock.now(), input: { readData } });
  if (created) ports.log.info("verify.requested", { shop, run: run.id, by: run.requestedBy });
  return { kind: created ? "requested" : "already-running", run };
}

/** Whether it is time: a week after the last check that came to an end, a day after one that did not, and not before there is a snapshot. */
export async function verifyIsDue(ports: Pick<Ports, "runs" | "catalog" | "clock">, shop: string): Promise<boolean> {
  const [last] = await ports.runs.list(shop, { kind: "verify", limit: 1 });
  const now = ports.clock.now().getTime();
  if (last === undefined) return (await ports.catalog.snapshots(shop, { limit: 1 })).length > 0;
  if (last.state === "queued" || last.state === "running") return false;
  const age = now - (last.finishedAt ?? last.requestedAt).getTime();
  return age >= (last.code === VAULT_SOUND || last.code === VAULT_FINDINGS ? VERIFY_EVERY_MS : AGAIN_AFTER_MS);
}
