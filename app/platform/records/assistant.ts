/** Runs of the assistant in the database. A step's number is part of its key, so of two people who answer at once one is told. */
import type { AssistantRun as Row, Prisma, PrismaClient } from "@prisma/client";
import { StepOf } from "#app/response/index.ts";
import type { AssistantRunRow, AssistantRuns, AssistantState } from "#app/workflows/ports.ts";

export function assistantRuns(prisma: PrismaClient): AssistantRuns {
  return {
    create: async ({ tree, ...run }) => {
      await prisma.assistantRun.create({ data: { ...run, tree: tree as Prisma.InputJsonValue, state: "open", steps: 0, lastAt: run.startedAt, lastBy: run.startedBy } });
    },
    get: async (shop, id) => {
      const row = await prisma.assistantRun.findFirst({ where: { shop, id } });
      return row && { ...rowFrom(row), tree: row.tree };
    },
    list: async (shop, limit) => (await prisma.assistantRun.findMany({ where: { shop }, orderBy: [{ startedAt: "desc" }, { id: "asc" }], take: limit, omit: { tree: true } })).map(rowFrom),
    steps: async (shop, id) => (await prisma.assistantStep.findMany({ where: { runId: id, run: { shop } }, orderBy: { n: "asc" } })).map(({ step, salt }) => ({ step: StepOf.parse(step), salt })),
    append: (shop, id, { step, salt }, state) =>
      prisma.$transaction(async (db) => {
        const { count } = await db.assistantStep.createMany({ data: [{ runId: id, n: step.n, step: step as unknown as Prisma.InputJsonValue, salt }], skipDuplicates: true });
        if (count === 0) return false;
        const at = new Date(step.at);
        const over = state === "finished" || state === "abandoned";
        await db.assistantRun.update({ where: { id, shop }, data: { state, steps: step.n, lastAt: at, lastBy: step.by, endedAt: over ? at : null } });
        return true;
      }),
    forget: async (shop) => {
      await prisma.assistantRun.deleteMany({ where: { shop } });
    },
  };
}

function rowFrom({ id, shop, scenario, treeVersion, treeDigest, startedBy, startedAt, state, lastAt, lastBy, steps, endedAt }: Omit<Row, "tree">): AssistantRunRow {
  return { id, shop, scenario, treeVersion, treeDigest, startedBy, startedAt, state: state as AssistantState, lastAt, lastBy, steps, endedAt };
}
