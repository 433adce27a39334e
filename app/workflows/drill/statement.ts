/**
 * What a drill's signed record says: an in-toto predicate "holdfast:drill-result/v1" about the snapshot that was the newest, and "holdfast:drill-certification/v1" about such
 * a record. The catalog's row is made from them and from nothing else. Counts, codes, times, names of kinds and fields.
 */
import { z } from "zod";
import type { DrillObject } from "#app/vault/index.ts";
import type { CatalogDrill, DrillCertification, LaneResult } from "../ports.ts";
import { VERDICTS } from "../ports/drills.ts";

const Count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const Time = z.iso.datetime({ precision: 3 });
const Code = z.string().max(100).regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/);
/** Names of a schema, with a remark in brackets where the table of losses has one. */
const Name = z.string().max(200).regex(/^[A-Za-z_*(][\w.:$* (),-]*$/);
const Steps = z.array(z.object({ step: z.string().max(40).regex(/^[a-z-]+$/), ms: Count })).max(20);

export const LaneShape = z.object({
  lane: z.enum(["synthetic", "sanitized", "real", "full"]),
  passed: z.boolean(),
  code: Code,
  startedAt: Time,
  ms: Count,
  compared: Count,
  restored: Count,
  refused: Count,
  erased: Count,
  steps: Steps,
  differences: z.array(z.object({ kind: Name, field: Name, records: Count })).max(2000),
  losses: z.array(z.object({ kind: Name, field: Name, reason: Code })).max(2000),
  costPoints: z.number().nonnegative(),
  plusEstimateMs: z.number().nonnegative(),
  kinds: Count,
  types: z.array(z.string().max(64).regex(/^[a-z0-9_.]+$/)).max(200),
  scanned: Count,
  object: z.string().max(512).optional(),
});

export const DrillPredicateShape = z.object({
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  drillId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  shop: z.string().max(255),
  startedAt: Time,
  finishedAt: Time,
  requestedBy: z.string().max(150),
  /** The time of the schedule that it was asked for at; absent: a person asked. */
  dueAt: Time.optional(),
  snapshotId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Whether a lane opened that snapshot; false: it only says when the drill was held. Absent from earlier records, whose lanes tell the same. */
  snapshotOpened: z.boolean().optional(),
  passed: z.boolean(),
  code: Code,
  /** Recovery time actual: of the lane that restored most like an emergency. Recovery point actual: age of the newest snapshot's state when the drill began. Milliseconds. */
  rtoMs: Count,
  rpoMs: Count,
  lanes: z.array(LaneShape).min(1).max(4),
});
export type DrillPredicate = z.infer<typeof DrillPredicateShape>;

export const CertificationShape = z.object({
  vaultId: z.string(),
  drillId: z.string(),
  startedAt: Time,
  certifiedAt: Time,
  certifiedBy: z.string().max(150),
  verdict: z.enum(VERDICTS),
  remarks: z.string().max(2000),
  correctiveAction: z.string().max(2000),
});

/** Null: signed by the vault's key, but not of this form: a later program's. */
export function predicateOf({ statement }: DrillObject): DrillPredicate | null {
  return DrillPredicateShape.safeParse(statement.predicate).data ?? null;
}

export function certificationOf({ statement, object, digest }: DrillObject): DrillCertification | null {
  const found = CertificationShape.safeParse(statement.predicate).data;
  if (found === undefined) return null;
  const { certifiedAt, certifiedBy, verdict, remarks, correctiveAction } = found;
  return { object, digest, certifiedAt, certifiedBy, verdict, remarks, correctiveAction };
}

/** The record a certification is about: its name and digest. */
export function certifiedRecord({ statement }: DrillObject): { readonly object: string; readonly digest: string } {
  const [subject] = statement.subject;
  return { object: subject!.name, digest: subject!.digest.sha256 };
}

/** Which lane tells how long an emergency would take: the one that restored what is most like the real thing. */
const TELLING: readonly LaneResult["lane"][] = ["full", "sanitized", "synthetic", "real"];
export function tellingLane(lanes: readonly LaneResult[]): LaneResult {
  return TELLING.flatMap((name) => lanes.filter(({ lane }) => lane === name))[0]!;
}

/** The catalog's row. Of several certifications the newest counts. */
export function rowOf(predicate: DrillPredicate, record: { readonly object: string; readonly digest: string }, certification: DrillCertification | null): CatalogDrill {
  const { lanes, dueAt } = predicate;
  const sum = (of: (lane: LaneResult) => number): number => lanes.reduce((total, lane) => total + of(lane as LaneResult), 0);
  const telling = tellingLane(lanes as LaneResult[]);
  const object = lanes.find((lane) => lane.object !== undefined)?.object;
  const erased = sum((lane) => lane.erased);
  return {
    shop: predicate.shop,
    vaultId: predicate.vaultId,
    drillId: predicate.drillId,
    snapshotId: predicate.snapshotId,
    startedAt: new Date(predicate.startedAt),
    finishedAt: new Date(predicate.finishedAt),
    passed: predicate.passed,
    code: predicate.code,
    rtoMs: predicate.rtoMs,
    rpoMs: predicate.rpoMs,
    compared: sum((lane) => lane.compared),
    restored: sum((lane) => lane.restored),
    refused: sum((lane) => lane.refused),
    ...(erased === 0 ? {} : { erased }),
    steps: telling.steps,
    differences: merged(lanes as LaneResult[]),
    losses: telling.losses,
    costPoints: telling.costPoints,
    plusEstimateMs: telling.plusEstimateMs,
    requestedBy: predicate.requestedBy,
    ...(object === undefined ? {} : { object }),
    lanes: lanes as LaneResult[],
    record,
    ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt) }),
    ...(certification === null ? {} : { certification }),
  };
}

/** By kind and field over all lanes, sorted. */
function merged(lanes: readonly LaneResult[]): CatalogDrill["differences"] {
  const sums = new Map<string, { kind: string; field: string; records: number }>();
  for (const { differences } of lanes) {
    for (const { kind, field, records } of differences) {
      const key = `${kind} ${field}`;
      sums.set(key, { kind, field, records: (sums.get(key)?.records ?? 0) + records });
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, difference]) => difference);
}
