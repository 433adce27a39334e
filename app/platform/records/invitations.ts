/** Which other shop may put records into a shop, in the database. */
import type { PrismaClient } from "@prisma/client";
import type { Invitations } from "#app/workflows/ports.ts";

export function invitations(prisma: PrismaClient): Invitations {
  const installed = async (domains: readonly string[]): Promise<ReadonlySet<string>> =>
    new Set((await prisma.shop.findMany({ where: { domain: { in: [...domains] }, uninstalledAt: null }, select: { domain: true } })).map(({ domain }) => domain));
  return {
    between: async (shop, from) => {
      const [there, invitation] = await Promise.all([installed([shop, from]), prisma.restoreInvitation.findUnique({ where: { shop_from: { shop, from } } })]);
      return { installed: there.has(shop) && there.has(from), invitation };
    },
    madeBy: (shop) => prisma.restoreInvitation.findMany({ where: { shop }, orderBy: [{ madeAt: "desc" }, { from: "asc" }] }),
    madeTo: async (from) => {
      const rows = await prisma.restoreInvitation.findMany({ where: { from }, orderBy: [{ madeAt: "desc" }, { shop: "asc" }] });
      const there = await installed(rows.map(({ shop }) => shop));
      return rows.filter(({ shop }) => there.has(shop));
    },
    save: async ({ shop, from, ...said }) => {
      await prisma.restoreInvitation.upsert({ where: { shop_from: { shop, from } }, create: { shop, from, ...said }, update: said });
    },
    remove: async (shop, from) => (await prisma.restoreInvitation.deleteMany({ where: { shop, from } })).count > 0,
    forget: async (shop) => {
      await prisma.restoreInvitation.deleteMany({ where: { OR: [{ shop }, { from: shop }] } });
    },
  };
}
