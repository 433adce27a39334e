/** Whether somebody may do this with a restore, by the one function that decides; a refusal goes into the ledger. */
import { actorName, mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

export type RestoreAccessPorts = RefusalPorts & Pick<Ports, "responseTeam">;

export interface Refused {
  readonly kind: "refused";
  readonly code: AccessRefusal;
}

/** Null: they may. `others`: everybody who asked for what is now to be approved; whoever approves must be none of them. */
export async function refusedRestore(ports: RestoreAccessPorts, asked: Action, { shop, actor, others = [] }: { readonly shop: string; readonly actor: Actor; readonly others?: readonly string[] }): Promise<Refused | null> {
  const roles = (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [];
  const circumstances = others.length === 0 ? [{ roles }] : others.map((requestedBy) => ({ roles, requestedBy }));
  for (const one of circumstances) {
    const decision = mayRequest(asked, actor, shop, one);
    if (decision.allowed) continue;
    await recordRefusal(ports, { shop, actor, asked, code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  return null;
}

/** Whether they might, to show or hide a button: says nothing to the ledger, and decides nothing. */
export async function mightRestore(ports: Pick<Ports, "responseTeam">, asked: Action, { shop, actor, others = [] }: { readonly shop: string; readonly actor: Actor; readonly others?: readonly string[] }): Promise<boolean> {
  const roles = (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [];
  return (others.length === 0 ? [undefined] : others).every((requestedBy) => mayRequest(asked, actor, shop, { roles, ...(requestedBy === undefined ? {} : { requestedBy }) }).allowed);
}
