/** Privacy requests of the platform, with their 30-day clock and what became of them. Ids and codes only. */
import type { ComplianceRequest as Row, PrismaClient } from "@prisma/client";
import type { ComplianceRequest, ComplianceRequests, ComplianceTopic, KeptRequest, RequestState } from "#app/workflows/ports.ts";

const LIMIT = 200;

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
      return rows.map(({ id, topic, customerId, orderIds, receivedAt, dueAt }) => ({ id, shop, topic: topic as ComplianceTopic, customerId, orderIds, receivedAt, dueAt }));
    },
    get: async (shop, id) => {
      const row = await prisma.complianceRequest.findFirst({ where: { shop, id } });
      return row && requestFrom(row);
    },
    list: async (shop, { states, limit = LIMIT } = {}) => {
      const wanted = (unanswered: boolean) => (states ?? ["open", "held", "answered"]).filter((state) => (state === "answered") !== unanswered);
      const waiting = await prisma.complianceRequest.findMany({ where: { shop, state: { in: wanted(true) } }, orderBy: [{ dueAt: "asc" }, { id: "asc" }], take: limit });
      if (waiting.length >= limit || wanted(false).length === 0) return waiting.map(requestFrom);
      const answered = await prisma.complianceRequest.findMany({ where: { shop, state: "answered" }, orderBy: [{ answeredAt: "desc" }, { id: "asc" }], take: limit - waiting.length });
      return [...waiting, ...answered].map(requestFrom);
    },
    settle: async (shop, id, { state, code, answeredAt = null, object = null, digest = null, hold = null, heldUntil = null }) => {
      await prisma.complianceRequest.updateMany({ where: { shop, id }, data: { state, code, answeredAt, object, digest, hold, heldUntil } });
    },
    shopsWaiting: async (packagesBefore) =>
      (await prisma.complianceRequest.findMany({ where: { OR: [{ state: { in: ["open", "held"] } }, { topic: "customers/data_request", object: { not: null }, answeredAt: { lt: packagesBefore } }] }, distinct: ["shop"], select: { shop: true } })).map(({ shop }) => shop),
  };
}

function requestFrom(row: Row): KeptRequest {
  return { ...row, topic: row.topic as ComplianceTopic, state: row.state as RequestState };
}
