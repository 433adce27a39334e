/** Which shops have the app, in the database. */
import type { PrismaClient } from "@prisma/client";
import type { Clock } from "#app/workflows/ports.ts";
import type { Shops } from "../shops.ts";

export function shops(prisma: PrismaClient, clock: Clock): Shops {
  return {
    get: (domain) => prisma.shop.findUnique({ where: { domain } }),
    installed: async (domain, scopes) => {
      const known = await prisma.shop.findUnique({ where: { domain } });
      const again = known !== null && known.uninstalledAt === null;
      const data = { scopes: [...scopes], uninstalledAt: null, ...(again ? {} : { installedAt: clock.now() }) };
      await prisma.shop.upsert({ where: { domain }, create: { domain, installedAt: clock.now(), ...data }, update: data });
    },
    uninstalled: async (domain) =>
      (await prisma.shop.updateMany({ where: { domain, uninstalledAt: null }, data: { uninstalledAt: clock.now() } })).count > 0,
    scopesChanged: async (domain, scopes) => {
      await prisma.shop.updateMany({ where: { domain }, data: { scopes: [...scopes] } });
    },
  };
}
