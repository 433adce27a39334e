/** Who is named for an emergency, by whom, and what the log says of it. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { vaultLedger } from "#app/workflows/index.ts";
import { askToJoin, saveTeam } from "#app/workflows/restore/team.ts";
import { SHOP } from "../support/linked-shop.ts";
import { ANA, BEN, planWorld, type PlanWorld } from "./support/world.ts";

let world: PlanWorld;
beforeEach(async () => {
  world = await planWorld();
});
const both = ["responder", "approver"] as const;
const ana = { actor: "staff:1", label: "Ana", roles: both };
const ben = { actor: "staff:2", label: "Ben", roles: ["responder"] } as const;

async function entered(): Promise<unknown[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found: unknown[] = [];
  for await (const { actor, action, subject } of ledger.entries()) if (action === "team.changed" || action === "request.refused") found.push([actor, action, subject]);
  return found;
}

describe("the response team", () => {
  it("is everybody of the staff until somebody is named, and then only who is named", async () => {
    expect(await world.ports.responseTeam.rolesOf(SHOP, "staff:2")).toEqual(both);
    expect(await world.ports.responseTeam.rolesOf(SHOP, "responder:x")).toEqual([]);
    expect(await saveTeam(world.ports, { shop: SHOP, actor: ANA, members: [ana, ben] })).toEqual({ kind: "saved" });
    expect(await world.ports.responseTeam.rolesOf(SHOP, "staff:2")).toEqual(["responder"]);
    expect(await world.ports.responseTeam.rolesOf(SHOP, "staff:3")).toEqual([]);
  });

  it("is changed by approvers only, and every change and refusal is in the log", async () => {
    await saveTeam(world.ports, { shop: SHOP, actor: ANA, members: [ana, ben] });
    expect(await saveTeam(world.ports, { shop: SHOP, actor: BEN, members: [{ ...ben, roles: both }] })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    await saveTeam(world.ports, { shop: SHOP, actor: ANA, members: [ana] });
    expect(await entered()).toEqual([
      ["staff:1", "team.changed", { shop: SHOP, member: "staff:1", responder: true, approver: true }],
      ["staff:1", "team.changed", { shop: SHOP, member: "staff:2", responder: true, approver: false }],
      ["staff:2", "request.refused", { shop: SHOP, asked: "team.configure", code: "access.not_an_approver" }],
      ["staff:1", "team.changed", { shop: SHOP, member: "staff:2", responder: false, approver: false }],
    ]);
  });

  it.each([
    ["nobody left who can approve", [ben], "restore.no_approver"],
    ["an approver who cannot sign in to the admin", [{ actor: "responder:abc", label: "Outside", roles: both }], "restore.no_approver"],
    ["an address for a name", [{ ...ana, label: "synthetic@example.test" }], "restore.bad_member"],
    ["somebody twice", [ana, ana], "restore.bad_member"],
    ["a schedule as a member", [ana, { actor: "schedule", label: "S", roles: both }], "restore.bad_member"],
  ] as const)("is not saved with %s", async (_what, members, code) => {
    expect(await saveTeam(world.ports, { shop: SHOP, actor: ANA, members })).toEqual({ kind: "failed", code });
    expect(await world.ports.responseTeam.list(SHOP)).toEqual([]);
  });

  it("may be asked for by anybody, which changes nothing about what they may do", async () => {
    await saveTeam(world.ports, { shop: SHOP, actor: ANA, members: [ana] });
    expect(await askToJoin(world.ports, { shop: SHOP, actor: BEN, label: " Ben " })).toEqual({ kind: "asked" });
    expect(await world.ports.responseTeam.list(SHOP)).toMatchObject([{ actor: "staff:1" }, { actor: "staff:2", label: "Ben", roles: [] }]);
    expect(await world.ports.responseTeam.rolesOf(SHOP, "staff:2")).toEqual([]);
    expect(await askToJoin(world.ports, { shop: SHOP, actor: BEN, label: "b@example.test" })).toEqual({ kind: "failed", code: "restore.bad_member" });
  });
});
