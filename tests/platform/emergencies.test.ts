/** Emergency snapshots in the database: which of them are to be let go. */
import { describe, expect, test } from "@jest/globals";
import { emergencySnapshots } from "#app/platform/capture/records.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import type { EmergencySnapshot } from "#app/workflows/ports.ts";

const database = useDatabase();
const at = (hours: number): Date => new Date(Date.parse("2026-11-22T10:00:00Z") + hours * 3_600_000);
const SHOP = "maple-synthetic.myshopify.com";

const row = (runId: string, o: Partial<EmergencySnapshot>): EmergencySnapshot => ({
  runId, shop: SHOP, reason: "incident", incident: null, assistantRun: null, holdUntil: null, requestedBy: "staff:1", requestedAt: at(0), startedAt: null, snapshotId: null, holdId: null, state: "held", code: null, ...o,
});

async function assistantRun(id: string, state: string, shop = SHOP): Promise<void> {
  await database().pool.query(`INSERT INTO "AssistantRun" ("id", "shop", "scenario", "treeVersion", "treeDigest", "tree", "state", "startedBy", "startedAt", "lastAt", "lastBy", "steps") VALUES ($1, $2, 'x', '1', 'd', '{}', $3, 'staff:1', $4, $4, 'staff:1', 0)`, [id, shop, state, at(0)]);
}

describe("emergency snapshots", () => {
  test("are let go when their time is over, or their run of the assistant has ended or is gone, and not before", async () => {
    const emergencies = emergencySnapshots(database().pool);
    for (const [id, state] of [["open", "open"], ["decided", "decided"], ["finished", "finished"], ["abandoned", "abandoned"]] as const) await assistantRun(id, state);
    await assistantRun("elsewhere", "open", "other.myshopify.com");
    const rows = [
      row("time over", { holdUntil: at(1) }), row("time", { holdUntil: at(3) }), row("an incident", { incident: "7" }),
      ...["open", "decided", "finished", "abandoned", "elsewhere", "nowhere"].map((id) => row(`run ${id}`, { assistantRun: id })),
      row("being taken", { assistantRun: "finished", state: "waiting" }), row("let go", { holdUntil: at(1), state: "released" }),
    ];
    for (const one of rows) await emergencies.add(one);
    expect((await emergencies.due(at(2), 100)).map(({ runId }) => runId).sort()).toEqual(["run abandoned", "run elsewhere", "run finished", "run nowhere", "time over"]);
    expect(await emergencies.get("run open")).toEqual(rows[3]);
    await emergencies.update("an incident", { holdUntil: at(2) });
    expect((await emergencies.due(at(2), 100)).map(({ runId }) => runId)).toContain("an incident");
  });

  test("of an incident are those that are held or being taken", async () => {
    const emergencies = emergencySnapshots(database().pool);
    for (const [state, n] of [["held", 1], ["waiting", 2], ["released", 3], ["failed", 4]] as const) await emergencies.add(row(`of ${n}`, { incident: "INC-8", state }));
    await emergencies.add(row("of another", { incident: "INC-8", shop: "other.myshopify.com" }));
    expect((await emergencies.ofIncident(SHOP, "INC-8")).map(({ runId }) => runId).sort()).toEqual(["of 1", "of 2"]);
  });
});
