/** Who may ask for what. Pure: the same question always has the same answer. Later policy (training, approvals) takes this function's place. */
import type { Actor } from "./actor.ts";

export type Action =
  | "storage.link"
  | "snapshot.take"
  | "snapshot.cancel"
  | "vault.verify"
  | "drill.run"
  | "catalog.rebuild"
  | "compliance.record"
  | "records.erase"
  | "records.disclose"
  | "snapshots.hold"
  | "snapshots.prune"
  | "keys.rotate"
  | "storage.credentials"
  | "alert.acknowledge"
  | "alert.configure"
  | "platform.check"
  | "coverage.decide";

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly code: AccessRefusal };

export type AccessRefusal =
  /** The actor belongs to another shop than the one the request is about. */
  | "access.other_shop"
  /** Nobody of this kind may ask for this. */
  | "access.not_for_you";

/** What each kind of actor may ask for. A drill opens records, so it takes a person: no schedule can start one. */
const PEOPLE = ["records.erase", "records.disclose", "snapshots.hold", "snapshots.prune", "keys.rotate", "storage.credentials"] as const satisfies readonly Action[];
const MAY: Readonly<Record<Actor["kind"], ReadonlySet<Action>>> = {
  staff: new Set<Action>(["storage.link", "snapshot.take", "snapshot.cancel", "vault.verify", "drill.run", "catalog.rebuild", ...PEOPLE, "alert.acknowledge", "alert.configure", "platform.check", "coverage.decide"]),
  schedule: new Set<Action>(["platform.check", "snapshot.take", "vault.verify", "snapshots.prune", "records.erase"]),
  platform: new Set<Action>(["snapshot.take", "compliance.record"]),
  cli: new Set<Action>(["storage.link", "snapshot.take", "snapshot.cancel", "vault.verify", "drill.run", "catalog.rebuild", ...PEOPLE, "alert.acknowledge", "alert.configure", "platform.check", "coverage.decide"]),
};

export function mayRequest(action: Action, actor: Actor, shop: string): Decision {
  if (actor.kind !== "cli" && actor.shop !== shop) return { allowed: false, code: "access.other_shop" };
  return MAY[actor.kind].has(action) ? { allowed: true } : { allowed: false, code: "access.not_for_you" };
}
