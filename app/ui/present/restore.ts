/** From plans as the workflow shows them to what the screens show. Pure. */
import type { ShownInvitation } from "#app/workflows/restore/invitations.ts";
import type { PreparedRestore } from "#app/workflows/restore/plan-keys.ts";
import type { ShownPlan } from "#app/workflows/restore/show.ts";
import type { RestorePlanRow, Run } from "#app/workflows/ports.ts";
import type { ReceivingModel, RestoreModel, RestoreOutcomeModel, RestoreRow } from "../models/restore.ts";
import { personWords } from "../wording/restores.ts";
import { presentVaultKeys } from "./drill-keys.ts";
import { presentRun } from "./run.ts";

export function presentRestoreRow({ planId, state, at, createdAt, selection, target, createdBy, totals, outcome }: RestorePlanRow, labels: ReadonlyMap<string, string>): RestoreRow {
  return {
    id: planId,
    state,
    at: at.toISOString(),
    createdAt: createdAt.toISOString(),
    selection,
    target: targetWords(target),
    createdBy: personWords(createdBy, labels),
    records: totals === null ? 0 : totals.create + totals.update + totals.remove,
    outcome: presentOutcome(outcome),
  };
}

export function targetWords(target: RestorePlanRow["target"]): string {
  return target.kind === "same-shop" ? "This store" : target.kind === "sandbox" ? "A sandbox shop" : target.kind === "export" ? `An export for ${target.name}` : target.shop;
}

export function presentOutcome(outcome: Readonly<Record<string, number>> | null): RestoreOutcomeModel | null {
  if (outcome === null) return null;
  const of = (name: string): number => outcome[name] ?? 0;
  return { restored: of("restored"), restoredWithLosses: of("restoredWithLosses"), refused: of("refused"), skipped: of("skipped"), differing: of("differing") };
}

export function presentRestore(shown: ShownPlan, o: { readonly now: Date; readonly page: number; readonly conflicts: boolean; readonly prepared: PreparedRestore | null; readonly run: Run | null; readonly labels: ReadonlyMap<string, string> }): RestoreModel {
  const { row, may, teamNamed } = shown;
  const { totals } = row;
  const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
  const who = (actor: string | null): string | null => (actor === null ? null : personWords(actor, o.labels));
  const ready = o.prepared?.kind === "ready" ? o.prepared : null;
  const keys = ready === null ? null : presentVaultKeys(ready);
  const code = (o.prepared?.kind === "failed" || o.prepared?.kind === "refused") && shown.notInto === null ? o.prepared.code : ready !== null && keys === null ? "vault.damaged_object" : (shown.notInto ?? row.code);
  return {
    now: o.now.toISOString(),
    id: row.planId,
    state: row.state,
    at: row.at.toISOString(),
    selection: row.selection,
    target: targetWords(row.target),
    disclosedTo: row.target.kind === "shop" ? row.target.shop : null,
    rule: row.rule,
    extras: row.extras,
    digest: row.digest,
    counts: totals,
    kinds: totals === null ? [] : Object.entries(totals.kinds).map(([kind, counts]) => ({ kind, ...counts })),
    editedSince: totals?.editedSince ?? 0,
    reCreated: totals?.reCreated ?? 0,
    undecided: totals?.undecided ?? 0,
    losses: totals?.losses.slice(0, 200) ?? [],
    export: row.target.kind === "export" ? { keyId: row.target.recipient.keyId, parts: row.state === "done" ? shown.parts : 0 } : null,
    moments: totals?.moments ?? [],
    estimateMs: row.estimateMs,
    families: shown.families.map(({ kind, id, nowId, action, changes, losses, conflict, decision }) => ({ kind, id, ...(nowId === undefined ? {} : { nowId }), action, changes, losses, conflict, decision })),
    page: o.page,
    more: shown.more,
    onlyConflicts: o.conflicts,
    people: { createdBy: who(row.createdBy)!, createdAt: row.createdAt.toISOString(), submittedBy: who(row.submittedBy), decidedBy: who(row.decidedBy), decidedAt: iso(row.decidedAt), remark: row.remark, appliedBy: who(row.appliedBy), startedAt: iso(row.startedAt), finishedAt: iso(row.finishedAt) },
    may,
    teamNamed,
    rights: shown.rights,
    pauseAsked: row.pauseAsked,
    keys,
    keyService: ready?.keyService ?? "none",
    waiting: o.prepared?.kind === "waiting",
    run: o.run === null ? null : presentRun(o.run, o.now),
    outcome: presentOutcome(row.outcome),
    report: shown.report === null ? null : { lines: shown.report.lines, more: shown.report.more },
    ...(code === null || ["restore.done", "restore.done_with_losses"].includes(code) ? {} : { problem: { code, ...(row.finishedAt === null ? {} : { at: row.finishedAt.toISOString() }) } }),
  };
}

/** What the settings of the response team say of other stores. */
export function presentReceiving({ shop, ready, mayInvite, mayWithdraw, invitations, rights, labels }: Pick<ReceivingModel, "shop" | "ready" | "mayInvite" | "mayWithdraw" | "rights"> & { readonly invitations: readonly ShownInvitation[]; readonly labels: ReadonlyMap<string, string> }): ReceivingModel {
  return { shop, ready, mayInvite, mayWithdraw, rights, invitations: invitations.map(({ from, until, over, madeBy, plans }) => ({ from, until: until.toISOString(), over, by: personWords(madeBy, labels), plans: plans.length })) };
}
