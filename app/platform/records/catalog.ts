/** The catalog: a view in the database that may be dropped and rebuilt from vault and ledger. */
import type { Drill, Prisma, PrismaClient, Snapshot } from "@prisma/client";
import type { Catalog, CatalogDrill, CatalogSnapshot } from "#app/workflows/ports.ts";

const LIMIT = 50;
/** As isOfChanges (coverage/exposure.ts) has it. */
const OF_CHANGES = { gaps: { array_contains: [{ code: "stream.partial", reason: "incremental" }] } } satisfies Prisma.SnapshotWhereInput;

export function catalog(prisma: PrismaClient): Catalog {
  return {
    putSnapshot: async (row) => {
      const data = { ...row, kinds: json(row.kinds), gaps: json(row.gaps) };
      await prisma.snapshot.upsert({ where: { snapshotId: row.snapshotId }, create: data, update: data });
    },
    putDrill: async (row) => {
      const { lanes, record, certification, ...rest } = row;
      const data = { ...rest, steps: json(row.steps), differences: json(row.differences), losses: json(row.losses), ...(lanes === undefined ? {} : { lanes: json(lanes) }), ...(record === undefined ? {} : { record: json(record) }), ...(certification === undefined ? {} : { certification: json(certification) }) };
      await prisma.drill.upsert({ where: { drillId: row.drillId }, create: data, update: data });
    },
    snapshots: async (shop, { limit = LIMIT, offset = 0, only } = {}) =>
      (await prisma.snapshot.findMany({ where: { shop, ...(only === "complete" ? { complete: true } : only === "full" ? { NOT: OF_CHANGES } : {}) }, orderBy: [{ takenAt: "desc" }, { snapshotId: "desc" }], take: limit, skip: offset })).map(snapshotFrom),
    snapshot: async (shop, snapshotId) => {
      const row = await prisma.snapshot.findFirst({ where: { shop, snapshotId } });
      return row && snapshotFrom(row);
    },
    countSnapshots: async (shop) => {
      const [total, [gapped], first] = await Promise.all([
        prisma.snapshot.count({ where: { shop } }),
        // What a reading of changes lacks by plan is no gap.
        prisma.$queryRaw<{ count: bigint }[]>`SELECT count(*) FROM "Snapshot" WHERE "shop" = ${shop} AND NOT "complete" AND "gapCount" > (SELECT count(*) FROM jsonb_array_elements("gaps") AS gap WHERE gap->>'code' = 'stream.partial' AND gap->>'reason' = 'incremental')`,
        prisma.snapshot.aggregate({ where: { shop }, _min: { takenAt: true } }),
      ]);
      return { total, withGaps: Number(gapped?.count ?? 0), first: first._min.takenAt };
    },
    forgetSnapshot: async (shop, snapshotId) => {
      await prisma.snapshot.deleteMany({ where: { shop, snapshotId } });
    },
    drills: async (shop, { limit = LIMIT } = {}) =>
      (await prisma.drill.findMany({ where: { shop }, orderBy: [{ finishedAt: "desc" }, { drillId: "desc" }], take: limit })).map(drillFrom),
    drill: async (shop, drillId) => {
      const row = await prisma.drill.findFirst({ where: { shop, drillId } });
      return row && drillFrom(row);
    },
    clear: async (shop) => {
      await prisma.$transaction([prisma.snapshot.deleteMany({ where: { shop } }), prisma.drill.deleteMany({ where: { shop } })]);
    },
  };
}

/** The lists below were made by putSnapshot and putDrill from typed values; they are plain JSON either way. */
const json = (value: object): Prisma.InputJsonValue => value as Prisma.InputJsonValue;

function snapshotFrom({ kinds, gaps, ...row }: Snapshot): CatalogSnapshot {
  return { ...numbers(row), kinds: kinds as unknown as CatalogSnapshot["kinds"], gaps: gaps as unknown as CatalogSnapshot["gaps"] };
}

function drillFrom({ steps, differences, losses, object, erased, lanes, record, dueAt, certification, ...row }: Drill): CatalogDrill {
  return {
    ...numbers(row),
    steps: steps as unknown as CatalogDrill["steps"],
    differences: differences as unknown as CatalogDrill["differences"],
    losses: losses as unknown as CatalogDrill["losses"],
    ...(object === null ? {} : { object }),
    ...(erased === null ? {} : { erased: Number(erased) }),
    ...(lanes === null ? {} : { lanes: lanes as unknown as NonNullable<CatalogDrill["lanes"]> }),
    ...(record === null ? {} : { record: record as unknown as NonNullable<CatalogDrill["record"]> }),
    ...(dueAt === null ? {} : { dueAt }),
    ...(certification === null ? {} : { certification: certification as unknown as NonNullable<CatalogDrill["certification"]> }),
  };
}

type Numbers<T> = { [K in keyof T]: T[K] extends bigint ? number : T[K] };

/** Counts and sizes are 64-bit in the database and stay below 2^53 here. */
function numbers<T extends object>(row: T): Numbers<T> {
  return Object.fromEntries(Object.entries(row).map(([name, value]: [string, unknown]) => [name, typeof value === "bigint" ? Number(value) : value])) as Numbers<T>;
}
