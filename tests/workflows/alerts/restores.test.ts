/** What people are told of a restore that did not come to a good end, and when they are told that it did. */
import { describe, expect, it } from "@jest/globals";
import { ACTIONS } from "#app/ledger/index.ts";
import { watchRestores } from "#app/workflows/alerts/watchers/restores.ts";
import type { RestorePlanRow, RestoreState, Run } from "#app/workflows/ports.ts";

const SHOP = "test.myshopify.com";
const row = (planId: string, state: RestoreState, o: { readonly code?: string; readonly runId?: string } = {}): RestorePlanRow => ({ planId, state, code: o.code ?? null, runId: o.runId ?? null }) as unknown as RestorePlanRow;

async function told(rows: readonly RestorePlanRow[], runs: Readonly<Record<string, Run["state"]>> = {}) {
  const ports = {
    clock: { now: () => new Date("2026-11-22T00:00:00Z") },
    restorePlans: { list: (_: string, { states }: { states: readonly string[] }) => Promise.resolve(rows.filter(({ state }) => states.includes(state))) },
    runs: { get: (id: string) => Promise.resolve(runs[id] === undefined ? null : { state: runs[id] }) },
  };
  const watched = await watchRestores(ports as unknown as Parameters<typeof watchRestores>[0], { shop: SHOP });
  return watched!.findings.map(({ subject, facts }) => ({ subject, ...facts }));
}

describe("a restore", () => {
  it("is nobody's alert while it is planned, approved, under way, done or given up", async () => {
    expect(await told([])).toEqual([]);
    expect(await told([row("a", "draft"), row("b", "approved"), row("c", "cancelled", { code: "restore.cancelled" }), row("d", "running", { runId: "r" }), row("e", "paused", { runId: "q" }), row("f", "done")], { r: "running", q: "queued" })).toEqual([]);
  });

  it("that stopped, lost its process or differs is one, with the plan and the cause", async () => {
    expect(await told([row("a", "running", { code: "source.unreachable" })])).toEqual([{ subject: "restore:shop", plan: "a", cause: "source.unreachable" }]);
    expect(await told([row("a", "paused", { runId: "r" })], { r: "failed" })).toEqual([{ subject: "restore:shop", plan: "a", cause: "unexpected" }]);
    expect(await told([row("a", "failed", { code: "restore.differs" })])).toEqual([{ subject: "restore:shop", plan: "a", cause: "restore.differs" }]);
  });

  it("is forgotten once a later one ended well", async () => {
    expect(await told([row("b", "done"), row("a", "failed", { code: "restore.differs" })])).toEqual([]);
  });

  it("can be entered into the ledger as it is told", async () => {
    const [found] = await told([row("a", "failed", { code: "restore.differs" })]);
    expect(ACTIONS["alert.raised"].safeParse({ shop: SHOP, alert: "a-1", code: "alert.restore_failed", about: found!.subject, severity: "critical" }).success).toBe(true);
  });
});
