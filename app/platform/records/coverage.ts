/** What is known of each shop's platform, what somebody has to decide, and what there is. Names of configuration, numbers and codes only. */
import type { CoverageTask as TaskRow, InventoryItem, Prisma, PrismaClient } from "@prisma/client";
import type { CoverageTask, CoverageTaskKind, CoverageTaskState, CoverageTasks, InventoryEntry, InventoryRecords, InventoryRow, PlatformRecord, PlatformRecords } from "#app/workflows/ports.ts";

const MOST_TASKS = 1000;

export function platformRecords(prisma: PrismaClient): PlatformRecords {
  return {
    get: async (shop) => {
      const row = await prisma.shopPlatform.findUnique({ where: { shop } });
      if (row === null) return null;
      // Written by `save` from typed values.
      const { signatures, findings, surroundings } = row as unknown as Pick<PlatformRecord, "signatures" | "findings" | "surroundings">;
      return { ...row, signatures, findings, surroundings };
    },
    save: async (record) => {
      const data = { ...record, signatures: json(record.signatures), findings: json(record.findings), surroundings: json(record.surroundings) };
      await prisma.shopPlatform.upsert({ where: { shop: record.shop }, create: data, update: data });
    },
  };
}

export function coverageTasks(prisma: PrismaClient): CoverageTasks {
  return {
    raise: async ({ id, shop, kind, subject, facts, raisedAt, dueAt }) => {
      const { count } = await prisma.coverageTask.createMany({ data: [{ id, shop, kind, subject, facts: json(facts), raisedAt, dueAt }], skipDuplicates: true });
      // What had gone and is back is a new question. What a person decided stays decided.
      const again = count > 0 ? 0 : (await prisma.coverageTask.updateMany({ where: { shop, subject, state: "done", decidedBy: "system" }, data: { state: "open", facts: json(facts), raisedAt, dueAt, decidedAt: null, decidedBy: null, reason: null } })).count;
      if (count + again === 0) return null;
      return taskFrom(await prisma.coverageTask.findUniqueOrThrow({ where: { shop_subject: { shop, subject } } }));
    },
    get: async (shop, id) => {
      const row = await prisma.coverageTask.findFirst({ where: { shop, id } });
      return row && taskFrom(row);
    },
    list: async (shop) => {
      const open = await prisma.coverageTask.findMany({ where: { shop, state: "open" }, orderBy: [{ dueAt: "asc" }, { id: "asc" }], take: MOST_TASKS });
      const others = await prisma.coverageTask.findMany({ where: { shop, state: { not: "open" } }, orderBy: [{ decidedAt: "desc" }, { id: "asc" }], take: MOST_TASKS - open.length });
      return [...open, ...others].map(taskFrom);
    },
    decide: async ({ shop, id, state, at, by, reason }) =>
      (await prisma.coverageTask.updateMany({ where: { shop, id, state: "open" }, data: { state, decidedAt: at, decidedBy: by, reason } })).count > 0,
  };
}

export function inventoryRecords(prisma: PrismaClient): InventoryRecords {
  return {
    put: (shop, { snapshotId, at, whole, entries }) =>
      prisma.$transaction(async (db) => {
        const before = new Set((await db.inventoryItem.findMany({ where: { shop }, select: { kind: true, owner: true, namespace: true, key: true } })).map(nameOf));
        const fresh = entries.filter((entry) => !before.has(nameOf(entry)));
        await db.inventoryItem.createMany({ data: fresh.map((entry) => ({ ...row(entry), shop, firstSeenAt: at, readAt: at, snapshotId })) });
        for (const entry of entries) {
          if (!before.has(nameOf(entry))) continue;
          const { kind, owner, namespace, key, records, bytes } = row(entry);
          await db.inventoryItem.update({ where: { shop_kind_owner_namespace_key: { shop, kind, owner, namespace, key } }, data: { records, bytes, readAt: at, snapshotId } });
        }
        if (whole) await db.inventoryItem.deleteMany({ where: { shop, snapshotId: { not: snapshotId } } });
        return before.size === 0 ? null : fresh;
      }, { timeout: 60_000 }),
    list: async (shop) => (await prisma.inventoryItem.findMany({ where: { shop }, orderBy: [{ kind: "asc" }, { owner: "asc" }, { namespace: "asc" }, { key: "asc" }] })).map(inventoryFrom),
  };
}

const json = (value: object): Prisma.InputJsonValue => value as Prisma.InputJsonValue;

function nameOf({ kind, owner, namespace, key }: Pick<InventoryEntry, "kind" | "owner" | "namespace" | "key">): string {
  return [kind, owner, namespace, key].join("\n");
}

function row({ kind, owner, namespace, key, records, bytes }: InventoryEntry): Omit<InventoryEntry, "records" | "bytes"> & { records: bigint; bytes: bigint } {
  return { kind, owner, namespace, key, records: BigInt(records), bytes: BigInt(bytes) };
}

function taskFrom({ facts, kind, state, ...task }: TaskRow): CoverageTask {
  return { ...task, kind: kind as CoverageTaskKind, state: state as CoverageTaskState, facts: facts as CoverageTask["facts"] };
}

function inventoryFrom({ shop: _shop, records, bytes, ...item }: InventoryItem): InventoryRow {
  return { ...item, records: Number(records), bytes: Number(bytes) };
}
