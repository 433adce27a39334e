/** Plans of restores and the response team, in memory, as the database keeps them. */
import { ROLES } from "#app/access/index.ts";
import type { Invitations, ResponseTeam, ResponseTeamMember, RestoreInvitation, RestorePlanRow, RestorePlans } from "#app/workflows/ports.ts";

export class FakeRestorePlans implements RestorePlans {
  readonly rows = new Map<string, RestorePlanRow>();
  create: RestorePlans["create"] = (row) => {
    if (this.rows.has(row.planId)) return Promise.reject(new Error("there is a plan of this name"));
    const empty = { base: null, before: null, digest: null, version: 0, totals: null, estimateMs: null, plannedAt: null, submittedBy: null, submittedAt: null, decidedBy: null, decidedAt: null, remark: null, appliedBy: null, startedAt: null, finishedAt: null, pauseAsked: false, code: null, outcome: null, report: null } as const;
    this.rows.set(row.planId, { ...row, ...empty, state: "planning" });
    return Promise.resolve();
  };
  get: RestorePlans["get"] = (shop, planId) => {
    const row = this.rows.get(planId);
    return Promise.resolve(row?.shop === shop ? row : null);
  };
  list: RestorePlans["list"] = (shop, { states, assistantRun, limit = 50 } = {}) =>
    Promise.resolve([...this.rows.values()].filter((row) => row.shop === shop && (states === undefined || states.includes(row.state)) && (assistantRun === undefined || row.assistantRun === assistantRun)).reverse().slice(0, limit));
  into: RestorePlans["into"] = (shop, { states, limit = 50 } = {}) =>
    Promise.resolve([...this.rows.values()].filter(({ target, state }) => target.kind === "shop" && target.shop === shop && (states === undefined || states.includes(state))).reverse().slice(0, limit));
  change: RestorePlans["change"] = async (shop, planId, from, to) => {
    const row = await this.get(shop, planId);
    if (row === null || !from.includes(row.state)) return null;
    const changed = { ...row, ...to };
    this.rows.set(planId, changed);
    return changed;
  };
  forget: RestorePlans["forget"] = (shop) => {
    for (const [id, row] of this.rows) if (row.shop === shop) this.rows.delete(id);
    return Promise.resolve();
  };
}

export class FakeResponseTeam implements ResponseTeam {
  readonly teams = new Map<string, readonly ResponseTeamMember[]>();
  list: ResponseTeam["list"] = (shop) => Promise.resolve(this.teams.get(shop) ?? []);
  rolesOf: ResponseTeam["rolesOf"] = async (shop, actor) => {
    const members = await this.list(shop);
    const own = members.find((member) => member.actor === actor);
    if (own !== undefined && own.roles.length > 0) return own.roles;
    return members.every(({ roles }) => roles.length === 0) && actor.startsWith("staff:") ? ROLES : [];
  };
  ask: ResponseTeam["ask"] = async (shop, { actor, label, at }) => {
    const members = await this.list(shop);
    if (!members.some((member) => member.actor === actor)) this.teams.set(shop, [...members, { actor, label, roles: [], changedAt: at, changedBy: actor }]);
    return true;
  };
  save: ResponseTeam["save"] = (shop, members) => Promise.resolve(void this.teams.set(shop, members));
  /** Names somebody without the workflow. */
  name(shop: string, actor: string, roles: ResponseTeamMember["roles"]): void {
    this.teams.set(shop, [...(this.teams.get(shop) ?? []), { actor, label: actor, roles, changedAt: new Date(0), changedBy: "cli" }]);
  }
}

export class FakeInvitations implements Invitations {
  readonly rows: RestoreInvitation[] = [];
  /** Shops that have not got the app. */
  readonly without = new Set<string>();
  between: Invitations["between"] = (shop, from) => Promise.resolve({ installed: !this.without.has(shop) && !this.without.has(from), invitation: this.rows.find((one) => one.shop === shop && one.from === from) ?? null });
  madeBy: Invitations["madeBy"] = (shop) => Promise.resolve(this.rows.filter((one) => one.shop === shop));
  madeTo: Invitations["madeTo"] = (from) => Promise.resolve(this.rows.filter((one) => one.from === from && !this.without.has(one.shop)));
  save: Invitations["save"] = async (invitation) => {
    await this.remove(invitation.shop, invitation.from);
    this.rows.unshift(invitation);
  };
  remove: Invitations["remove"] = (shop, from) => {
    const at = this.rows.findIndex((one) => one.shop === shop && one.from === from);
    if (at >= 0) this.rows.splice(at, 1);
    return Promise.resolve(at >= 0);
  };
  forget: Invitations["forget"] = (shop) => {
    this.rows.splice(0, this.rows.length, ...this.rows.filter((one) => one.shop !== shop && one.from !== shop));
    return Promise.resolve();
  };
}
