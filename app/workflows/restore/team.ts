/** Who may act in an emergency: set by an approver, asked for by anybody of the shop. Every change is in the ledger. */
import { actorName, ROLES, type Actor, type Role } from "#app/access/index.ts";
import type { Ports, ResponseTeamMember } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";
import { refusedRestore, type Refused, type RestoreAccessPorts } from "./access.ts";

/** A label, not an address. */
const LABEL = /^[^\p{Cc}@]{1,64}$/u;
const ACTOR = /^(?:staff|responder):[A-Za-z0-9_-]{1,128}$/;
const MOST_MEMBERS = 200;

export type TeamPorts = RestoreAccessPorts & Pick<Ports, "responseTeam">;
export type SavedTeam = { readonly kind: "saved" } | Refused | { readonly kind: "failed"; readonly code: "restore.no_approver" | "restore.bad_member" | "restore.not_here" };

export interface WantedMember {
  readonly actor: string;
  readonly label: string;
  readonly roles: readonly Role[];
}

/** Members without a role are let go, as if they had never asked. Nobody named: everybody of the staff may again. */
export async function saveTeam(ports: TeamPorts, { shop, actor, members }: { readonly shop: string; readonly actor: Actor; readonly members: readonly WantedMember[] }): Promise<SavedTeam> {
  const refused = await refusedRestore(ports, "team.configure", { shop, actor });
  if (refused !== null) return refused;
  const { responseTeam } = ports;
  if (responseTeam === undefined) return { kind: "failed", code: "restore.not_here" };
  const named = members.filter(({ roles }) => roles.length > 0).map((member) => ({ ...member, label: member.label.trim() }));
  if (named.length > MOST_MEMBERS || new Set(named.map((member) => member.actor)).size < named.length || named.some((member) => !ACTOR.test(member.actor) || !LABEL.test(member.label))) return { kind: "failed", code: "restore.bad_member" };
  // Whoever shuts everybody out could let nobody in again.
  if (named.length > 0 && !named.some(({ roles, actor: own }) => roles.includes("approver") && own.startsWith("staff:"))) return { kind: "failed", code: "restore.no_approver" };
  const before = new Map((await responseTeam.list(shop)).map((member) => [member.actor, member]));
  const by = actorName(actor);
  const now = ports.clock.now();
  const after = named.map(({ actor: own, label, roles }): ResponseTeamMember => {
    const was = before.get(own);
    const same = was !== undefined && was.label === label && sameRoles(was.roles, roles);
    return same ? was : { actor: own, label, roles: ROLES.filter((role) => roles.includes(role)), changedAt: now, changedBy: by };
  });
  await responseTeam.save(shop, after);
  const gone = [...before.values()].filter((member) => !after.some((one) => one.actor === member.actor)).map((member) => ({ ...member, was: member.roles, roles: [] as readonly Role[] }));
  for (const { actor: member, roles, was } of [...after.map((one) => ({ ...one, was: before.get(one.actor)?.roles ?? [] })), ...gone]) {
    if (sameRoles(was, roles)) continue;
    await recordEvent(ports, shop, { actor: by, action: "team.changed", subject: { shop, member, responder: roles.includes("responder"), approver: roles.includes("approver") }, outcome: "done" });
  }
  return { kind: "saved" };
}

/** Somebody of the shop asks to be named. Changes nothing about what they may do. */
export async function askToJoin(ports: TeamPorts, { shop, actor, label }: { readonly shop: string; readonly actor: Actor; readonly label: string }): Promise<{ readonly kind: "asked" } | { readonly kind: "failed"; readonly code: "restore.bad_member" | "restore.not_here" }> {
  if (ports.responseTeam === undefined) return { kind: "failed", code: "restore.not_here" };
  if (!LABEL.test(label.trim()) || !ACTOR.test(actorName(actor))) return { kind: "failed", code: "restore.bad_member" };
  await ports.responseTeam.ask(shop, { actor: actorName(actor), label: label.trim(), at: ports.clock.now() });
  return { kind: "asked" };
}

function sameRoles(one: readonly Role[], other: readonly Role[]): boolean {
  return one.length === other.length && one.every((role) => other.includes(role));
}
