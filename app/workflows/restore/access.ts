/** Whether somebody may do this with a restore, by the one function that decides; a refusal goes into the ledger. */
import { actorName, mayReceive, mayRequest, type AccessRefusal, type Action, type Actor, type Receiving } from "#app/access/index.ts";
import type { Ports, RestoreDestination } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

type AskingPorts = Pick<Ports, "responseTeam" | "invitations" | "clock">;
export type RestoreAccessPorts = RefusalPorts & AskingPorts & Pick<Ports, "restorePlans">;

export interface Refused {
  readonly kind: "refused";
  readonly code: AccessRefusal;
}

export interface AskedRestore {
  readonly shop: string;
  readonly actor: Actor;
  /** What it is about. Absent: none in particular. */
  readonly planId?: string;
  /** Everybody who asked for what is now to be approved; whoever approves must be none of them. */
  readonly others?: readonly string[];
  /** Where records are to go. Absent: what is asked for puts them nowhere. */
  readonly target?: RestoreDestination;
}

/** Null: they may. */
export async function refusedRestore(ports: RestoreAccessPorts, asked: Action, o: AskedRestore): Promise<Refused | null> {
  const code = await whyNot(ports, asked, o);
  if (code === null) return null;
  // Only a plan that there is: else anybody could have words of their own entered.
  const known = o.planId !== undefined && ((await ports.restorePlans?.get(o.shop, o.planId)) ?? null) !== null;
  await recordRefusal(ports, { shop: o.shop, actor: o.actor, asked, code, ...(known ? { planId: o.planId! } : {}) });
  return { kind: "refused", code };
}

/** Whether they might, to show or hide a button: says nothing to the ledger, and decides nothing. */
export async function mightRestore(ports: AskingPorts, asked: Action, o: AskedRestore): Promise<boolean> {
  return (await whyNot(ports, asked, o)) === null;
}

/** Null: they may. Says nothing to the ledger. */
export async function whyNot(ports: AskingPorts, asked: Action, { shop, actor, others = [], target }: AskedRestore): Promise<AccessRefusal | null> {
  const [roles, into] = await Promise.all([ports.responseTeam?.rolesOf(shop, actorName(actor)) ?? [], receivingOf(ports, shop, target)]);
  const circumstances = { roles, ...(into === undefined ? {} : { into }) };
  for (const one of others.length === 0 ? [circumstances] : others.map((requestedBy) => ({ ...circumstances, requestedBy }))) {
    const decision = mayRequest(asked, actor, shop, one);
    if (!decision.allowed) return decision.code;
  }
  return null;
}

/** Why records of `shop` may not go into another one now; null: they may, or they go into no other. */
export async function whyNotInto(ports: Pick<Ports, "invitations" | "clock">, shop: string, target: RestoreDestination): Promise<AccessRefusal | null> {
  const into = await receivingOf(ports, shop, target);
  const decision = into === undefined ? null : mayReceive(into);
  return decision === null || decision.allowed ? null : decision.code;
}

/** Throws RunFailed where they may not. */
export async function holdToInvitation(ports: Pick<Ports, "invitations" | "clock">, shop: string, target: RestoreDestination): Promise<void> {
  const code = await whyNotInto(ports, shop, target);
  if (code !== null) throw new RunFailed(code, "the shop that records are to go into does not take them");
}

async function receivingOf({ invitations, clock }: Pick<Ports, "invitations" | "clock">, shop: string, target: RestoreDestination | undefined): Promise<Receiving | undefined> {
  if (target?.kind !== "shop") return undefined;
  const standing = await invitations?.between(target.shop, shop);
  return { installed: standing?.installed ?? false, invitedUntil: standing?.invitation?.until ?? null, at: clock.now() };
}
