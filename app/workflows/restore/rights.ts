/**
 * What a restore may write: the rights that its plan takes, what the shop has granted of them, and giving them back when it is over. The app has none of them
 * until somebody of the shop grants them, in the shop's own admin; nothing here can.
 */
import { actorName, type Actor } from "#app/access/index.ts";
import { SourceError, type RestoreTarget, type TargetRights } from "#app/sources/port.ts";
import type { Ports, RestorePlanRow, RestoreState, RestoreTotals } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { recordEvent } from "../shared/outbox.ts";
import { refusedRestore, whyNotInto, type Refused, type RestoreAccessPorts } from "./access.ts";

export type RightsPorts = RestoreAccessPorts & Pick<Ports, "restorePlans" | "restoreTargets">;

/** A plan in one of these is still to be carried out. */
export const AHEAD = ["planning", "draft", "awaiting-approval", "approved", "running", "paused"] as const satisfies readonly RestoreState[];
/** A screen waits no longer for the shop's answer. */
const PATIENCE_MS = 5_000;

export interface PlanRights {
  readonly needed: readonly string[];
  /** Not granted. Null: the shop could not be asked, or it is too late to matter. */
  readonly missing: readonly string[] | null;
  /** Granted, and of no more use to any plan of this shop. */
  readonly spare: readonly string[];
  /** They are those of the shop in whose admin this is asked. */
  readonly here: boolean;
}

/** Notes what each change takes while a plan is worked out. */
export class NeededRights {
  readonly #needed = new Set<string>();
  readonly #known: boolean;
  readonly target: Pick<RestoreTarget, "assess">;
  constructor(target: Pick<RestoreTarget, "assess" | "rights">) {
    const { rights } = target;
    this.#known = rights !== undefined;
    this.target = {
      assess: (change, options) => {
        const assessment = target.assess(change, options);
        for (const right of rights?.needed(change, assessment) ?? []) this.#needed.add(right);
        return assessment;
      },
    };
  }

  /** So far; sorted. */
  get all(): readonly string[] {
    return [...this.#needed].sort();
  }

  of<T extends RestoreTotals>(totals: T): T {
    return this.#known ? { ...totals, rights: this.all } : totals;
  }
}

/** Of what a plan takes, what the target has not granted. Throws SourceError. */
export async function missingRights({ rights }: Pick<RestoreTarget, "rights">, needed: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  return rights === undefined || needed.length === 0 ? [] : missingOf(needed, await rights.granted(signal));
}

/** Throws RunFailed restore.rights_missing before anything is written. */
export async function holdToRights(target: Pick<RestoreTarget, "rights">, totals: Pick<RestoreTotals, "rights">, signal: AbortSignal): Promise<void> {
  if ((await missingRights(target, totals.rights ?? [], signal)).length > 0) throw new RunFailed("restore.rights_missing", "the shop has not granted what writing takes");
}

/** What a screen says of it. Null: the plan takes none, or is not worked out yet. */
export async function rightsOf(ports: RightsPorts, row: RestorePlanRow): Promise<PlanRights | null> {
  const needed = row.totals?.rights ?? [];
  if (needed.length === 0 || row.target.kind === "sandbox") return null;
  const here = row.target.kind === "same-shop";
  const ahead = isAhead(row);
  if (!ahead && !here) return { needed, missing: null, spare: [], here };
  const granted = await askShop(ports, row, (rights, signal) => rights.granted(signal));
  if (granted === null || "code" in granted) return { needed, missing: null, spare: [], here };
  return { needed, missing: ahead ? missingOf(needed, granted) : null, spare: ahead ? [] : await spareOf(ports, row, granted), here };
}

/** Null: all of them are granted. Else why the restore must not begin. */
export async function rightsFault(ports: RightsPorts, row: RestorePlanRow): Promise<{ readonly kind: "failed"; readonly code: string } | null> {
  const needed = row.totals?.rights ?? [];
  if (needed.length === 0 || row.target.kind === "sandbox") return null;
  const granted = await askShop(ports, row, (rights, signal) => rights.granted(signal));
  if (granted === null) return null;
  if ("code" in granted) return { kind: "failed", code: granted.code };
  return missingOf(needed, granted).length > 0 ? { kind: "failed", code: "restore.rights_missing" } : null;
}

type Asked = { readonly shop: string; readonly actor: Actor; readonly planId: string };
export type ChangedRights = { readonly kind: "changed"; readonly rights: readonly string[] } | Refused | { readonly kind: "failed"; readonly code: string };

/** Somebody has granted these in the shop's admin. Enters into the ledger those that the shop confirms. */
export async function noteGranted(ports: RightsPorts, o: Asked & { readonly rights: readonly string[] }): Promise<ChangedRights> {
  const refused = await refusedRestore(ports, "scopes.change", o);
  if (refused !== null) return refused;
  const row = await ports.restorePlans?.get(o.shop, o.planId);
  if (!row || !isAhead(row) || row.target.kind !== "same-shop") return { kind: "failed", code: "restore.not_in_this_state" };
  const granted = await askShop(ports, row, (rights, signal) => rights.granted(signal));
  if (granted === null) return { kind: "failed", code: "restore.not_here" };
  if ("code" in granted) return { kind: "failed", code: granted.code };
  const needed = row.totals?.rights ?? [];
  const rights = needed.filter((right) => o.rights.includes(right) && granted.includes(right));
  if (rights.length === 0) return { kind: "failed", code: "restore.rights_missing" };
  await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "scopes.granted", subject: { shop: o.shop, plan: o.planId, scopes: rights.join(" ") }, outcome: "done" });
  return { kind: "changed", rights };
}

/** Gives back what the plan took and no other plan needs. */
export async function giveBackRights(ports: RightsPorts, o: Asked): Promise<ChangedRights> {
  const refused = await refusedRestore(ports, "scopes.change", o);
  if (refused !== null) return refused;
  const row = await ports.restorePlans?.get(o.shop, o.planId);
  if (!row || isAhead(row) || row.target.kind !== "same-shop") return { kind: "failed", code: "restore.not_in_this_state" };
  const gone = await askShop(ports, row, async (rights, signal) => rights.giveBack(await spareOf(ports, row, await rights.granted(signal)), signal));
  if (gone === null) return { kind: "failed", code: "restore.not_here" };
  if ("code" in gone) return { kind: "failed", code: gone.code };
  if (gone.length > 0) await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "scopes.revoked", subject: { shop: o.shop, plan: o.planId, scopes: gone.join(" ") }, outcome: "done" });
  return { kind: "changed", rights: gone };
}

export function isAhead({ state }: Pick<RestorePlanRow, "state">): boolean {
  return (AHEAD as readonly RestoreState[]).includes(state);
}

function missingOf(needed: readonly string[], granted: readonly string[]): readonly string[] {
  return needed.filter((right) => !granted.includes(right));
}

async function spareOf(ports: RightsPorts, row: RestorePlanRow, granted: readonly string[]): Promise<readonly string[]> {
  const used = await usedRights(ports, row.shop);
  return (row.totals?.rights ?? []).filter((right) => granted.includes(right) && !used.has(right));
}

/** What is still needed of a shop's rights: for its own plans, and for those of shops that may put their records into it. */
async function usedRights(ports: RightsPorts, shop: string): Promise<ReadonlySet<string>> {
  const own = ((await ports.restorePlans?.list(shop, { states: AHEAD, limit: 500 })) ?? []).filter(({ target }) => target.kind === "same-shop");
  return new Set([...own, ...(await invitedPlans(ports, shop))].flatMap(({ totals }) => totals?.rights ?? []));
}

/** Plans of other shops that are still to be carried out, into this one. */
async function invitedPlans(ports: RightsPorts, shop: string): Promise<readonly RestorePlanRow[]> {
  const ahead = (await ports.restorePlans?.into(shop, { states: AHEAD, limit: 500 })) ?? [];
  const invited = new Map(await Promise.all([...new Set(ahead.map(({ shop: from }) => from))].map(async (from) => [from, (await whyNotInto(ports, from, { kind: "shop", shop })) === null] as const)));
  return ahead.filter(({ shop: from }) => invited.get(from));
}

/** What a shop has to grant, or may take back, for the restores of other shops into it. Null: there were none. `missing` null: the shop could not be asked. */
export async function rightsForOthers(ports: RightsPorts, shop: string): Promise<{ readonly missing: readonly string[] | null; readonly spare: readonly string[] } | null> {
  const [ahead, all, used] = await Promise.all([invitedPlans(ports, shop), ports.restorePlans?.into(shop, { limit: 500 }) ?? [], usedRights(ports, shop)]);
  if (all.length === 0) return null;
  const granted = await askShop(ports, { shop, target: { kind: "same-shop" } }, (rights, signal) => rights.granted(signal));
  if (granted === null || "code" in granted) return { missing: null, spare: [] };
  const needed = [...new Set(ahead.flatMap(({ totals }) => totals?.rights ?? []))].sort();
  return { missing: missingOf(needed, granted), spare: rightsIn(all).filter((right) => granted.includes(right) && !used.has(right)) };
}

/** Somebody of the shop that is written to has granted these. Enters what the shop confirms, for each plan that takes it. */
export async function noteGrantedForOthers(ports: RightsPorts, o: Omit<Asked, "planId"> & { readonly rights: readonly string[] }): Promise<ChangedRights> {
  const refused = await refusedRestore(ports, "scopes.change", o);
  if (refused !== null) return refused;
  const granted = await askShop(ports, { shop: o.shop, target: { kind: "same-shop" } }, (rights, signal) => rights.granted(signal));
  if (granted === null) return { kind: "failed", code: "restore.not_here" };
  if ("code" in granted) return { kind: "failed", code: granted.code };
  const plans = (await invitedPlans(ports, o.shop)).map((row) => ({ row, rights: rightsIn([row]).filter((right) => o.rights.includes(right) && granted.includes(right)) })).filter(({ rights }) => rights.length > 0);
  if (plans.length === 0) return { kind: "failed", code: "restore.rights_missing" };
  for (const { row, rights } of plans) await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "scopes.granted", subject: { shop: o.shop, plan: row.planId, scopes: rights.join(" ") }, outcome: "done" });
  return { kind: "changed", rights: [...new Set(plans.flatMap(({ rights }) => rights))].sort() };
}

/** Gives back what other shops' restores took here and nothing needs any more. */
export async function giveBackForOthers(ports: RightsPorts, o: Omit<Asked, "planId">): Promise<ChangedRights> {
  const refused = await refusedRestore(ports, "scopes.change", o);
  if (refused !== null) return refused;
  const [all, used] = await Promise.all([ports.restorePlans?.into(o.shop, { limit: 500 }) ?? [], usedRights(ports, o.shop)]);
  const gone = await askShop(ports, { shop: o.shop, target: { kind: "same-shop" } }, async (rights, signal) => {
    const granted = await rights.granted(signal);
    return rights.giveBack(rightsIn(all).filter((right) => granted.includes(right) && !used.has(right)), signal);
  });
  if (gone === null) return { kind: "failed", code: "restore.not_here" };
  if ("code" in gone) return { kind: "failed", code: gone.code };
  const last = all.find((row) => rightsIn([row]).some((right) => gone.includes(right)));
  if (last !== undefined) await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "scopes.revoked", subject: { shop: o.shop, plan: last.planId, scopes: gone.join(" ") }, outcome: "done" });
  return { kind: "changed", rights: gone };
}

function rightsIn(rows: readonly Pick<RestorePlanRow, "totals">[]): readonly string[] {
  return [...new Set(rows.flatMap(({ totals }) => totals?.rights ?? []))].sort();
}

/** Null: nothing is asked of whoever the target is. An error of the shop is answered by its code. */
async function askShop<T>({ restoreTargets }: RightsPorts, { shop, target }: Pick<RestorePlanRow, "shop" | "target">, ask: (rights: TargetRights, signal: AbortSignal) => Promise<T>): Promise<T | { readonly code: string } | null> {
  if (restoreTargets === undefined) return null;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { rights } = (await restoreTargets.open(shop, target, signal)).target;
    return rights === undefined ? null : await ask(rights, signal);
  } catch (error) {
    if (error instanceof SourceError || error instanceof RunFailed) return { code: error.code };
    throw error;
  }
}
