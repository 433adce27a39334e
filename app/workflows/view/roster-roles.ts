/** Who is a responder by the roster in the vault: whom it names, and members of the groups it names. */
import type { Role } from "#app/access/index.ts";
import type { Roster } from "#app/vault/index.ts";

export function rolesByRoster(roster: Pick<Roster, "responders" | "signIn"> | null, person: { readonly id: string; readonly groups: readonly string[] }): readonly Role[] {
  if (roster === null) return [];
  const grouped = roster.signIn?.groups.some((group) => person.groups.includes(group)) ?? false;
  return grouped || roster.responders.includes(person.id) ? ["responder"] : [];
}
