/** Whether somebody may do this with a drill, by the one function that decides; a refusal goes into the ledger. */
import { actorName, mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

type AskingPorts = Pick<Ports, "responseTeam">;
export type DrillAccessPorts = RefusalPorts & AskingPorts;
export type DrillAction = Extract<Action, "drill.run" | "drill.rehearse" | "drill.certify">;

export interface AskedDrill {
  readonly shop: string;
  readonly actor: Actor;
  /** actorName of whoever had the drill run that is to be answered for. */
  readonly ranBy?: string;
}

/** Null: they may. */
export async function refusedDrill(ports: DrillAccessPorts, asked: DrillAction, o: AskedDrill): Promise<{ readonly kind: "refused"; readonly code: AccessRefusal } | null> {
  const code = await whyNotDrill(ports, asked, o);
  if (code === null) return null;
  await recordRefusal(ports, { shop: o.shop, actor: o.actor, asked, code });
  return { kind: "refused", code };
}

/** Null: they may. Says nothing to the ledger. */
export async function whyNotDrill({ responseTeam }: AskingPorts, asked: DrillAction, { shop, actor, ranBy }: AskedDrill): Promise<AccessRefusal | null> {
  const roles = (await responseTeam?.rolesOf(shop, actorName(actor))) ?? [];
  const decision = mayRequest(asked, actor, shop, { roles, ...(ranBy === undefined ? {} : { requestedBy: ranBy }) });
  return decision.allowed ? null : decision.code;
}
