/** The Exposure screen, from what is known of coverage. Pure. */
import type { Exposure } from "#app/workflows/coverage/exposure.ts";
import type { CoverageTask, InventoryRow, PlatformRecord } from "#app/workflows/ports.ts";
import type { ExposureModel, ExposureView, FieldRow, KindRow, PlatformModel, TaskRow } from "../models-exposure.ts";

export function presentExposure(e: Exposure, view: ExposureView): ExposureModel {
  const kinds = kindRows(e);
  return {
    now: e.now.toISOString(), view, state: e.state,
    reasons: e.reasons.map(({ code, amount, detail }) => ({ code, ...(amount === undefined ? {} : { amount }), ...(detail === undefined ? {} : { detail }) })),
    records: kinds.reduce((sum, row) => sum + row.records, 0), bytes: kinds.reduce((sum, row) => sum + row.bytes, 0),
    readAt: e.full?.takenAt.toISOString() ?? null,
    kinds, fields: fieldRows(e.inventory, e.platform), platform: e.platform === null ? null : platformModel(e.platform, e.revalidation),
    gaps: e.full?.gaps ?? [], gapCount: e.full?.gapCount ?? 0,
    tasks: e.tasks.map((task) => taskRow(task, e.now)),
  };
}

/** Metafields of all owners are one kind here. */
function kindRows({ inventory, full }: Exposure): KindRow[] {
  const rows = new Map<string, KindRow>();
  for (const { kind, records, bytes, readAt } of inventory) {
    const before = rows.get(kind);
    const at = readAt.toISOString();
    rows.set(kind, { kind, records: records + (before?.records ?? 0), bytes: bytes + (before?.bytes ?? 0), readAt: before !== undefined && before.readAt < at ? before.readAt : at });
  }
  return [...rows.values()].map((row): KindRow => {
    const shop = full?.kinds[row.kind]?.expected;
    return { ...row, ...(shop === undefined ? {} : { shop }) };
  });
}

function fieldRows(inventory: readonly InventoryRow[], platform: PlatformRecord | null): FieldRow[] {
  const rows = new Map<string, FieldRow>();
  const nameOf = (owner: string, namespace: string, key: string): string => [owner.replaceAll("_", "").toLowerCase(), namespace, key].join("/");
  for (const { kind, owner, namespace, key, records, bytes, readAt } of inventory) {
    if (kind === "Metafield") rows.set(nameOf(owner, namespace, key), { owner, namespace, key, readable: true, records, bytes, readAt: readAt.toISOString() });
  }
  for (const { owner, namespace, key, type, readable } of platform?.surroundings.definitions ?? []) {
    if (owner === "METAOBJECT_DEFINITION") continue;
    const name = nameOf(owner, namespace, key);
    rows.set(name, { ...(rows.get(name) ?? { owner, namespace, key, records: 0, bytes: 0 }), type, readable });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function platformModel(p: PlatformRecord, { required, since, why }: Exposure["revalidation"]): PlatformModel {
  const granted = new Set(p.surroundings.scopes.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return {
    version: p.apiVersion, checkedAt: p.checkedAt.toISOString(), apps: p.surroundings.apps?.length ?? null, definitions: p.surroundings.definitions.length,
    missingScopes: p.surroundings.needed.filter((scope) => !granted.has(scope)),
    findings: p.findings.map(({ code, member, use, version, streams }) => ({ code, member, use, version, streams })),
    extractor: p.extractor, fingerprint: p.fingerprint,
    revalidation: { required, ...(since === null ? {} : { since: since.toISOString() }), ...(why === null ? {} : { why }) },
  };
}

function taskRow({ id, kind, subject, state, raisedAt, dueAt, decidedAt, reason, facts }: CoverageTask, now: Date): TaskRow {
  return {
    id, kind, subject, state, raisedAt: raisedAt.toISOString(), dueAt: dueAt.toISOString(), overdue: state === "open" && dueAt < now, facts,
    ...(decidedAt === null ? {} : { decidedAt: decidedAt.toISOString() }), ...(reason === null ? {} : { reason }),
  };
}
