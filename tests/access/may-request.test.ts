import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { actorName, mayRequest, type Action, type Actor } from "#app/access/index.ts";

const ACTIONS: Action[] = ["storage.link", "snapshot.take", "snapshot.cancel", "vault.verify", "drill.run", "catalog.rebuild", "compliance.record"];
const shops = fc.constantFrom("a.myshopify.com", "b.myshopify.com");
const shopActors = shops.chain((shop) =>
  fc.constantFrom<Actor>({ kind: "staff", id: "42", shop }, { kind: "schedule", shop }, { kind: "platform", shop }),
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

  it("lets only a person start a drill, because a drill opens records", () => {
    const shop = "a.myshopify.com";
    expect(mayRequest("drill.run", { kind: "staff", id: "42", shop }, shop).allowed).toBe(true);
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
});
