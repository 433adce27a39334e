import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { actorName, mayRequest, ROLES, type Action, type Actor, type Receiving, type Role } from "#app/access/index.ts";

const ACTIONS: Action[] = ["storage.link", "snapshot.take", "snapshot.cancel", "vault.verify", "drill.run", "catalog.rebuild", "compliance.record", "restore.plan", "restore.approve", "restore.apply", "restore.list", "restore.view", "restore.report", "restore.fetch", "drill.certify", "record.view", "record.agree", "team.configure"];
const shops = fc.constantFrom("a.myshopify.com", "b.myshopify.com");
const shopActors = shops.chain((shop) =>
  fc.constantFrom<Actor>({ kind: "staff", id: "42", shop }, { kind: "responder", id: "r", shop }, { kind: "schedule", shop }, { kind: "platform", shop }),
);

describe("who may ask for what", () => {
  it("lets nobody of one shop ask for anything of another", () => {
    fc.assert(
      fc.property(shopActors, shops, fc.constantFrom(...ACTIONS), (actor, shop, action) => {
        fc.pre(actor.kind !== "cli" && actor.shop !== shop);
        expect(mayRequest(action, actor, shop)).toEqual({ allowed: false, code: "access.other_shop" });
      }),
    );
  });

  it("lets only a person start a drill, and of the staff only a responder, because a drill opens records", () => {
    const shop = "a.myshopify.com";
    expect(mayRequest("drill.run", { kind: "staff", id: "42", shop }, shop, { roles: ["responder"] }).allowed).toBe(true);
    expect(mayRequest("drill.run", { kind: "staff", id: "42", shop }, shop, { roles: ["approver"] })).toEqual({ allowed: false, code: "access.not_a_responder" });
    expect(mayRequest("drill.run", { kind: "cli" }, shop).allowed).toBe(true);
    expect(mayRequest("drill.run", { kind: "schedule", shop }, shop)).toEqual({ allowed: false, code: "access.not_for_you" });
    expect(mayRequest("drill.run", { kind: "platform", shop }, shop)).toEqual({ allowed: false, code: "access.not_for_you" });
  });

  it("lets the schedule take snapshots and the platform hand in privacy requests", () => {
    const shop = "a.myshopify.com";
    expect(mayRequest("snapshot.take", { kind: "schedule", shop }, shop).allowed).toBe(true);
    expect(mayRequest("compliance.record", { kind: "platform", shop }, shop).allowed).toBe(true);
    expect(mayRequest("compliance.record", { kind: "staff", id: "42", shop }, shop).allowed).toBe(false);
  });

  it("names an actor without naming a person", () => {
    expect(actorName({ kind: "staff", id: "42", shop: "a.myshopify.com" })).toBe("staff:42");
    expect(actorName({ kind: "schedule", shop: "a.myshopify.com" })).toBe("schedule");
  });

  const shop = "a.myshopify.com";
  const ana: Actor = { kind: "staff", id: "1", shop };
  const roles = fc.subarray([...ROLES]);
  const SECOND: readonly (readonly [Action, Actor])[] = [["restore.approve", ana], ["assistant.waive", ana], ["drill.certify", ana], ["record.agree", { kind: "responder", id: "1", shop }]];

  it.each<[Action, readonly Role[], "access.not_a_responder" | "access.not_an_approver"]>([
    ["drill.run", ["responder"], "access.not_a_responder"],
    ["drill.certify", ["approver"], "access.not_an_approver"],
    ["records.disclose", ["responder", "approver"], "access.not_a_responder"],
    ["restore.list", ["responder", "approver"], "access.not_a_responder"],
    ["restore.view", ["responder", "approver"], "access.not_a_responder"],
    ["restore.report", ["responder", "approver"], "access.not_a_responder"],
    ["restore.fetch", ["responder"], "access.not_a_responder"],
    ["restore.plan", ["responder"], "access.not_a_responder"],
    ["restore.apply", ["responder"], "access.not_a_responder"],
    ["restore.cancel", ["responder", "approver"], "access.not_a_responder"],
    ["restore.approve", ["approver"], "access.not_an_approver"],
    ["record.find", ["responder"], "access.not_a_responder"],
    ["record.view", ["responder"], "access.not_a_responder"],
    ["record.reveal", ["responder"], "access.not_a_responder"],
    ["record.export", ["responder"], "access.not_a_responder"],
    ["team.configure", ["approver"], "access.not_an_approver"],
  ])("takes a role for %s, whatever other role somebody has", (action, takes, code) => {
    fc.assert(
      fc.property(roles, (held) => {
        const decision = mayRequest(action, ana, shop, { roles: held, requestedBy: "staff:2" });
        expect(decision).toEqual(takes.some((role) => held.includes(role)) ? { allowed: true } : { allowed: false, code });
      }),
    );
    expect(mayRequest(action, ana, shop)).toEqual({ allowed: false, code });
  });

  it.each(SECOND)("takes a second person for %s, and lets nobody be their own", (action, who) => {
    expect(mayRequest(action, who, shop, { roles: ROLES, requestedBy: "staff:2" })).toEqual({ allowed: true });
    expect(mayRequest(action, who, shop, { roles: ROLES, requestedBy: actorName(who) })).toEqual({ allowed: false, code: "access.same_person" });
    // Nobody is told to be another than who is not known.
    expect(mayRequest(action, who, shop, { roles: ROLES })).toEqual({ allowed: false, code: "access.same_person" });
    expect(mayRequest(action, { kind: "cli" }, shop, { roles: ROLES, requestedBy: "staff:2" })).toEqual({ allowed: false, code: "access.not_for_you" });
  });

  it("lets whom the merchant's identity provider signed in look at records, and do nothing else", () => {
    const outside: Actor = { kind: "responder", id: "r", shop };
    const may = (action: Action): boolean => mayRequest(action, outside, shop, { roles: ROLES, requestedBy: "staff:2" }).allowed;
    expect(ACTIONS.filter(may)).toEqual(["record.view", "record.agree"]);
    expect(mayRequest("record.view", outside, shop, { roles: [] }).allowed).toBe(false);
    expect(actorName(outside)).toBe("responder:r");
  });

  describe("what another shop says", () => {
    const at = new Date("2026-11-23T03:00:00.000Z");
    const until = (ms: number): Date => new Date(at.getTime() + ms);
    const invited = { installed: true, invitedUntil: until(1), at };
    const PUTTING = ["restore.plan", "restore.approve", "restore.apply"] as const;

    it.each(PUTTING)("is needed for %s besides everything else, to the millisecond", (action) => {
      const ask = (into: Receiving | undefined, held: readonly Role[] = ROLES) => mayRequest(action, ana, shop, { roles: held, requestedBy: "staff:2", ...(into === undefined ? {} : { into }) });
      expect(ask(undefined)).toEqual({ allowed: true });
      expect(ask(invited)).toEqual({ allowed: true });
      expect(ask({ ...invited, invitedUntil: at })).toEqual({ allowed: false, code: "access.invitation_over" });
      expect(ask({ ...invited, invitedUntil: null })).toEqual({ allowed: false, code: "access.not_invited" });
      expect(ask({ ...invited, installed: false })).toEqual({ allowed: false, code: "access.no_app_there" });
      // The other shop's word makes nobody a responder here.
      expect(ask(invited, []).allowed).toBe(false);
    });

    it("does not make one person two", () => {
      expect(mayRequest("restore.approve", ana, shop, { roles: ROLES, requestedBy: "staff:1", into: invited })).toEqual({ allowed: false, code: "access.same_person" });
    });

    it("is not asked of somebody who gives a plan up", () => {
      expect(mayRequest("restore.cancel", ana, shop, { roles: ROLES, into: { ...invited, invitedUntil: null } })).toEqual({ allowed: true });
    });

    it("is said by approvers of the admin alone, and taken back by the whole team", () => {
      const may = (action: Action, actor: Actor, held: readonly Role[]): boolean => mayRequest(action, actor, shop, { roles: held }).allowed;
      expect(may("invitation.make", ana, ["approver"])).toBe(true);
      expect(may("invitation.make", ana, ["responder"])).toBe(false);
      expect(may("invitation.withdraw", ana, ["responder"])).toBe(true);
      expect(may("invitation.withdraw", ana, [])).toBe(false);
      for (const actor of [{ kind: "cli" }, { kind: "schedule", shop }, { kind: "platform", shop }, { kind: "responder", id: "r", shop }] as const) expect(may("invitation.make", actor, ROLES)).toBe(false);
    });
  });
});
