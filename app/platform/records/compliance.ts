/** Privacy requests of the platform, with their 30-day clock. Ids only. */
import type { PrismaClient } from "@prisma/client";
import type { ComplianceRequest, ComplianceRequests, ComplianceTopic } from "#app/workflows/ports.ts";

export function complianceRequests(prisma: PrismaClient): ComplianceRequests {
  return {
    add: async ({ id, shop, topic, customerId, orderIds, receivedAt, dueAt }: ComplianceRequest) => {
      const { count } = await prisma.complianceRequest.createMany({
        data: [{ id, shop, topic, customerId, orderIds: [...orderIds], receivedAt, dueAt }],
        skipDuplicates: true,
      });
      return count > 0;
    },
    open: async (shop) => {
      const rows = await prisma.complianceRequest.findMany({ where: { shop, state: "open" }, orderBy: [{ receivedAt: "asc" }, { id: "asc" }] });
      return rows.map(({ id, topic, customerId, orderIds, receivedAt, dueAt }) => ({
        id,
        shop,
        topic: topic as ComplianceTopic,
        customerId,
        orderIds,
        receivedAt,
        dueAt,
      }));
    },
  };
}
