/** Retention policies, in the database. */
import type { PrismaClient } from "@prisma/client";
import type { RetentionPolicies } from "#app/workflows/ports.ts";

export function retentionPolicies(prisma: PrismaClient): RetentionPolicies {
  return {
    get: (shop) => prisma.retentionPolicy.findUnique({ where: { shop } }),
    save: async ({ shop, keep, enabled, savedAt }) => {
      const data = { keep, enabled, savedAt };
      await prisma.retentionPolicy.upsert({ where: { shop }, create: { shop, ...data }, update: data });
    },
    pruned: async (shop, at) => {
      await prisma.retentionPolicy.updateMany({ where: { shop }, data: { prunedAt: at } });
    },
    due: (before, limit) =>
      prisma.retentionPolicy.findMany({ where: { enabled: true, OR: [{ prunedAt: null }, { prunedAt: { lt: before } }] }, orderBy: [{ prunedAt: { sort: "asc", nulls: "first" } }, { shop: "asc" }], take: limit }),
  };
}
