/** Plans of restores, in the database. */
import { Prisma } from "@prisma/client";
import type { PrismaClient, RestorePlan } from "@prisma/client";
import type { RestorePlanRow, RestorePlans } from "#app/workflows/ports.ts";

export function restorePlans(prisma: PrismaClient): RestorePlans {
  const get = async (shop: string, planId: string): Promise<RestorePlanRow | null> => {
    const row = await prisma.restorePlan.findFirst({ where: { shop, planId } });
    return row && rowFrom(row);
  };
  return {
    create: async ({ target, selection, ...row }) => {
      await prisma.restorePlan.create({ data: { ...row, target: asJson(target), selection: asJson(selection) } });
    },
    get,
    list: async (shop, { states, assistantRun, limit = 50 } = {}) =>
      (
        await prisma.restorePlan.findMany({ where: { shop, ...(states === undefined ? {} : { state: { in: [...states] } }), ...(assistantRun === undefined ? {} : { assistantRun }) }, orderBy: [{ createdAt: "desc" }, { planId: "desc" }], take: limit })
      ).map(rowFrom),
    into: async (shop, { states, limit = 50 } = {}) =>
      (
        await prisma.restorePlan.findMany({ where: { AND: [{ target: { path: ["kind"], equals: "shop" } }, { target: { path: ["shop"], equals: shop } }], ...(states === undefined ? {} : { state: { in: [...states] } }) }, orderBy: [{ createdAt: "desc" }, { planId: "desc" }], take: limit })
      ).map(rowFrom),
    change: async (shop, planId, from, { target, selection, totals, outcome, estimateMs, ...to }) => {
      const { count } = await prisma.restorePlan.updateMany({
        where: { shop, planId, state: { in: [...from] } },
        data: {
          ...to,
          ...(target === undefined ? {} : { target: asJson(target) }),
          ...(selection === undefined ? {} : { selection: asJson(selection) }),
          ...(totals === undefined ? {} : { totals: totals === null ? Prisma.DbNull : asJson(totals) }),
          ...(outcome === undefined ? {} : { outcome: outcome === null ? Prisma.DbNull : asJson(outcome) }),
          ...(estimateMs === undefined ? {} : { estimateMs: estimateMs === null ? null : BigInt(Math.round(estimateMs)) }),
        },
      });
      return count === 0 ? null : get(shop, planId);
    },
    forget: async (shop) => {
      await prisma.restorePlan.deleteMany({ where: { shop } });
    },
  };
}

function asJson(value: object): Prisma.InputJsonObject {
  return value as unknown as Prisma.InputJsonObject;
}

/** Json columns hold what this file put there, and nothing else writes them. */
function rowFrom({ state, target, selection, rule, extras, totals, outcome, estimateMs, ...row }: RestorePlan): RestorePlanRow {
  return {
    ...row,
    state: state as RestorePlanRow["state"],
    target: target as unknown as RestorePlanRow["target"],
    selection: selection as unknown as RestorePlanRow["selection"],
    rule: rule as RestorePlanRow["rule"],
    extras: extras as RestorePlanRow["extras"],
    totals: totals as unknown as RestorePlanRow["totals"],
    outcome: outcome as unknown as RestorePlanRow["outcome"],
    estimateMs: estimateMs === null ? null : Number(estimateMs),
  };
}
