/**
 * What the screens of restores are made of: plans, a page of what one says, who may do what next. Opens nothing but the plan itself. All of it is the response team's:
 * which records are to change, and under which ids, is not everybody's business. What is taken away is in the ledger first.
 */
import { createHash } from "node:crypto";
import { actorName, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { readRestoreObject, type RestoreReader } from "#app/vault/index.ts";
import type { Ports, RestorePlanRow } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";
import { withShopVault, type FailedWork } from "../shared/with-shop-vault.ts";
import { mightRestore, refusedRestore, whyNotInto, type Refused, type RestoreAccessPorts } from "./access.ts";
import { readReport, reportLines, type ReportLine, type RestoreReport } from "./apply-report.ts";
import { handsOn } from "./approve.ts";
import { exportParts } from "./export-target.ts";
import { plannedFamilies, readPlan } from "./plan-store.ts";
import { isAhead, rightsOf, type PlanRights } from "./rights.ts";
import { decisionOf, decisionsOf, type PlanDecision, type PlannedFamily } from "./plan-types.ts";

export const PAGE = 50;
/** Lines of a file that is handed to a browser. */
const MOST_LINES = 200_000;

type ShowPorts = RestoreAccessPorts & Pick<Ports, "keyring" | "scratch" | "random" | "restoreTargets">;
type Asked = { readonly shop: string; readonly actor: Actor; readonly planId: string };

/** Newest first. */
export async function listPlans(ports: RestoreAccessPorts, { shop, actor, limit = 100 }: { readonly shop: string; readonly actor: Actor; readonly limit?: number }): Promise<{ readonly kind: "listed"; readonly rows: readonly RestorePlanRow[] } | Refused> {
  return (await refusedRestore(ports, "restore.list", { shop, actor })) ?? { kind: "listed", rows: (await ports.restorePlans?.list(shop, { limit })) ?? [] };
}

export interface Permitted {
  readonly plan: boolean;
  readonly approve: boolean;
  readonly apply: boolean;
  readonly cancel: boolean;
}

export interface ShownFamily extends PlannedFamily {
  /** Null: somebody has to decide. */
  readonly decision: PlanDecision | null;
}

export interface ShownPlan {
  readonly kind: "shown";
  readonly row: RestorePlanRow;
  readonly may: Permitted;
  /** Nobody is named for an emergency yet: everybody may do everything, but still two people. */
  readonly teamNamed: boolean;
  /** Null: it takes none, or is not worked out yet. */
  readonly rights: PlanRights | null;
  /** Why the other shop does not take these records now. Null: it does, or they go into no other, or the plan is over. */
  readonly notInto: AccessRefusal | null;
  readonly families: readonly ShownFamily[];
  readonly more: boolean;
  /** Parts of a finished export. */
  readonly parts: number;
  readonly report: { readonly head: RestoreReport; readonly lines: readonly ReportLine[]; readonly more: boolean } | null;
}

export async function showPlan(ports: ShowPorts, o: Asked & { readonly page: number; readonly conflicts: boolean }): Promise<ShownPlan | { readonly kind: "not-found" } | Refused | FailedWork> {
  const { shop, actor, planId } = o;
  const refused = await refusedRestore(ports, "restore.view", { shop, actor, planId });
  if (refused !== null) return refused;
  const row = (await ports.restorePlans?.get(shop, planId)) ?? null;
  if (row === null) return { kind: "not-found" };
  const who = { shop, actor, target: row.target };
  const [plan, approve, apply, cancel, team, rights, notInto] = await Promise.all([
    mightRestore(ports, "restore.plan", who),
    mightRestore(ports, "restore.approve", { ...who, others: handsOn(row) }),
    mightRestore(ports, "restore.apply", who),
    mightRestore(ports, "restore.cancel", { shop, actor }),
    ports.responseTeam?.list(shop) ?? [],
    rightsOf(ports, row),
    isAhead(row) ? whyNotInto(ports, shop, row.target) : null,
  ]);
  const base = { kind: "shown", row, may: { plan, approve, apply, cancel }, teamNamed: team.some(({ roles }) => roles.length > 0), rights, notInto } as const;
  if (row.version === 0) return { ...base, families: [], more: false, parts: 0, report: null };
  return withShopVault<ShownPlan | FailedWork>(ports, shop, async ({ vault, store }) => {
    const reader: RestoreReader = { store, description: vault.description, indexKey: vault.indexKey };
    const sealed = await readPlan(reader, planId, row.version);
    if (sealed === null) return { kind: "failed", code: "restore.plan_missing" };
    const decisions = decisionsOf(sealed);
    const families: ShownFamily[] = [];
    let skip = o.conflicts ? o.page * PAGE : 0;
    for await (const family of plannedFamilies(reader, sealed, o.conflicts ? 0 : o.page * PAGE)) {
      if (o.conflicts && (family.conflict === null || skip-- > 0)) continue;
      families.push({ ...family, decision: decisionOf(sealed.rule, decisions, family) });
      if (families.length > PAGE) break;
    }
    const more = families.length > PAGE;
    return { ...base, families: families.slice(0, PAGE), more, parts: row.target.kind === "export" ? (await exportParts(store, planId)).length : 0, report: row.report === null ? null : await shownReport(reader, row, o.page) };
  });
}

async function shownReport(reader: RestoreReader, { planId, report }: RestorePlanRow, page: number): Promise<ShownPlan["report"]> {
  const head = await readReport(reader, planId, nameOf(report!));
  if (head === null) return null;
  const lines: ReportLine[] = [];
  for await (const line of reportLines(reader, head, page * PAGE)) {
    lines.push(line);
    if (lines.length > PAGE) break;
  }
  return { head, lines: lines.slice(0, PAGE), more: lines.length > PAGE };
}

type WholeReport = { readonly kind: "report"; readonly head: RestoreReport; readonly lines: readonly ReportLine[] };

/** The whole report, to be taken away. Who took it is in the ledger before they have it. */
export async function wholeReport(ports: ShowPorts, { shop, actor, planId, format }: Asked & { readonly format: "csv" | "json" }): Promise<WholeReport | { readonly kind: "not-found" } | Refused | FailedWork> {
  const refused = await refusedRestore(ports, "restore.report", { shop, actor, planId });
  if (refused !== null) return refused;
  const row = (await ports.restorePlans?.get(shop, planId)) ?? null;
  if (row?.report == null) return { kind: "not-found" };
  const name = nameOf(row.report);
  return withShopVault<WholeReport | { readonly kind: "not-found" } | FailedWork>(ports, shop, async ({ vault, store }) => {
    const reader: RestoreReader = { store, description: vault.description, indexKey: vault.indexKey };
    const head = await readReport(reader, planId, name);
    if (head === null) return { kind: "not-found" };
    const lines: ReportLine[] = [];
    for await (const line of reportLines(reader, head)) if (lines.push(line) >= MOST_LINES) break;
    await recordEvent(ports, shop, { actor: actorName(actor), action: "restore.report_fetched", subject: { vault: vault.description.vaultId, shop, plan: planId, records: lines.length, format }, outcome: "done" });
    return { kind: "report", head, lines };
  });
}

/** One part of an export, sealed to its recipient, as it is handed to a browser. `part` from 1. Who took it is in the ledger before they have it. */
export async function partOfExport(ports: ShowPorts, { shop, actor, planId, part }: Asked & { readonly part: number }): Promise<{ readonly kind: "part"; readonly text: string } | { readonly kind: "not-found" } | Refused | FailedWork> {
  const refused = await refusedRestore(ports, "restore.fetch", { shop, actor, planId });
  if (refused !== null) return refused;
  const row = (await ports.restorePlans?.get(shop, planId)) ?? null;
  if (row?.target.kind !== "export" || row.state !== "done") return { kind: "not-found" };
  const { keyId: recipient } = row.target.recipient;
  return withShopVault<{ readonly kind: "part"; readonly text: string } | { readonly kind: "not-found" } | FailedWork>(ports, shop, async ({ vault, store }) => {
    const names = await exportParts(store, planId);
    const name = names[part - 1];
    const bytes = name === undefined ? null : await readRestoreObject({ store, description: vault.description, indexKey: vault.indexKey }, planId, name);
    if (bytes === null) return { kind: "not-found" };
    const subject = { vault: vault.description.vaultId, shop, plan: planId, part, parts: names.length, object: createHash("sha256").update(bytes).digest("hex"), recipient };
    await recordEvent(ports, shop, { actor: actorName(actor), action: "restore.export_fetched", subject, outcome: "done" });
    return { kind: "part", text: bytes.toString("utf8") };
  });
}

/** The row names the object with or without its folder. */
function nameOf(report: string): string {
  return report.slice(report.lastIndexOf("/") + 1);
}
