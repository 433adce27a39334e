/** Who may act in an emergency, in the database. */
import type { PrismaClient, ResponseTeamMember as Row } from "@prisma/client";
import { ROLES, type Role } from "#app/access/index.ts";
import type { ResponseTeam, ResponseTeamMember } from "#app/workflows/ports.ts";

/** People who asked and were not named. More is somebody who asks by machine. */
const MOST_WAITING = 100;

export function responseTeam(prisma: PrismaClient): ResponseTeam {
  return {
    list: async (shop) => (await prisma.responseTeamMember.findMany({ where: { shop }, orderBy: [{ changedAt: "asc" }, { actor: "asc" }] })).map(memberFrom),
    rolesOf: async (shop, actor) => {
      const own = await prisma.responseTeamMember.findUnique({ where: { shop_actor: { shop, actor } } });
      if (own !== null && own.roles.length > 0) return rolesFrom(own.roles);
      const named = await prisma.responseTeamMember.findFirst({ where: { shop, NOT: { roles: { isEmpty: true } } } });
      return named === null && actor.startsWith("staff:") ? ROLES : [];
    },
    ask: async (shop, { actor, label, at }) => {
      const waiting = await prisma.responseTeamMember.count({ where: { shop, roles: { isEmpty: true } } });
      if (waiting >= MOST_WAITING) return false;
      await prisma.responseTeamMember.createMany({ data: [{ shop, actor, label, roles: [], changedAt: at, changedBy: actor }], skipDuplicates: true });
      return true;
    },
    save: async (shop, members) => {
      await prisma.$transaction([
        prisma.responseTeamMember.deleteMany({ where: { shop } }),
        prisma.responseTeamMember.createMany({ data: members.map(({ roles, ...member }) => ({ shop, ...member, roles: [...roles] })) }),
      ]);
    },
  };
}

function memberFrom({ actor, label, roles, changedAt, changedBy }: Row): ResponseTeamMember {
  return { actor, label, roles: rolesFrom(roles), changedAt, changedBy };
}

function rolesFrom(roles: readonly string[]): readonly Role[] {
  return ROLES.filter((role) => roles.includes(role));
}
