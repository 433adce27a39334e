/** The contract of payloads: every field of the trigger by its key, in its type, small, and nothing of a record in it. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { announceAlert, announceRun, ANNOUNCED_ALERTS } from "#app/workflows/flow/announce.ts";
import { checkedFacts } from "#app/workflows/flow/emit.ts";
import { MOST_PAYLOAD_BYTES, payloadOf } from "#app/workflows/flow/payload.ts";
import { FLOW_EVENTS, MADE, TRIGGERS, type FlowEventName, type Trigger } from "#app/workflows/flow/triggers.ts";
import { ALERT_CODES } from "#app/workflows/ports/alerts.ts";
import type { Alert, CatalogDrill, FlowFacts, Run } from "#app/workflows/ports.ts";
import { complaintsAbout } from "#app/sandbox/flow/payload.ts";
import { adminLink } from "#app/platform/shopify/admin-link.ts";
import { eventReason } from "#app/ui/wording/flow.ts";
import { ERROR_WORDS } from "#app/ui/wording/errors.ts";
import { FakeCatalog } from "#tests/support/fakes-ports.ts";
import { FakeFlowEvents } from "#tests/support/fakes-flow.ts";

const SHOP = "maple-synthetic.myshopify.com";
const CANARY = "CANARY-synthetic patient@example.org";
const words = { reason: eventReason, link: adminLink("k".repeat(32)) };

/** The longest facts there may be. */
function worst(event: FlowEventName): FlowFacts {
  const fields = Object.entries((TRIGGERS[event] as Trigger).fields).filter(([name]) => !(MADE as readonly string[]).includes(name));
  return Object.fromEntries(fields.map(([name, { type }]) => [name, type === "number_decimal" ? Number.MAX_SAFE_INTEGER : type === "boolean" ? true : "x".repeat(128)]));
}

describe.each(FLOW_EVENTS)("%s", (event) => {
  const declared = Object.fromEntries(Object.values((TRIGGERS[event] as Trigger).fields).map(({ key, type }) => [key, { type }]));

  test("fits what is declared, however long its facts are, and stays far below what Flow takes", () => {
    const facts = worst(event);
    expect(() => checkedFacts({ shop: SHOP, event, subject: "run-1", facts: facts as never })).not.toThrow();
    const payload = payloadOf({ id: "e".repeat(64), shop: `${"s".repeat(100)}.myshopify.com`, event, facts }, words);
    expect(complaintsAbout(payload, declared)).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(MOST_PAYLOAD_BYTES);
  });

  test("says what went wrong in one short line, whatever the code", () => {
    for (const code of [...Object.keys(ERROR_WORDS), "future.code", ""]) {
      const reason = payloadOf({ id: "e", shop: SHOP, event, facts: { ...worst(event), code, differences: 0 } }, words)["Reason"];
      if (reason !== undefined) expect(reason).toMatch(/^[A-Z][^\n\r]{5,299}$/);
    }
  });
});

describe("runs", () => {
  let flow: FakeFlowEvents;
  let catalog: FakeCatalog;
  beforeEach(() => {
    flow = new FakeFlowEvents();
    catalog = new FakeCatalog();
  });
  const run = (over: Partial<Run>): Run => ({ id: "run-1", shop: SHOP, kind: "snapshot", state: "succeeded", requestedBy: "schedule", requestedAt: new Date(0), startedAt: new Date(0), finishedAt: new Date(60_000), attempt: 1, progress: null, resume: null, input: {}, code: "snapshot.committed", result: null, ...over });
  const drill = (passed: boolean): CatalogDrill => ({ shop: SHOP, vaultId: "v", drillId: "drill-1", snapshotId: "s-1", startedAt: new Date(0), finishedAt: new Date(1), passed, code: passed ? "drill.passed" : "drill.differs", rtoMs: 61_240, rpoMs: 5_000, compared: 9, restored: 8, refused: 0, steps: [], differences: [{ kind: "customers", field: "email", records: 2 }, { kind: "orders", field: "note", records: 1 }], losses: [], costPoints: 0, plusEstimateMs: 0, requestedBy: "staff:1" });

  test.each<[Partial<Run>, string | null]>([
    [{ state: "failed", code: "store.no_space" }, "snapshot.failed"],
    [{ kind: "emergency", state: "failed", code: "store.no_space" }, "snapshot.failed"],
    [{ kind: "drill", state: "failed", code: "vault.not_found" }, "drill.failed"],
    [{ state: "cancelled" }, null],
    [{ state: "running" }, null],
    [{ kind: "verify", state: "failed", code: "vault.findings" }, null],
    [{ kind: "custody", state: "failed" }, null],
    [{ state: "succeeded", result: "pruned since" }, null],
  ])("%j leads to %s", async (over, event) => {
    await announceRun({ flow, catalog }, run(over));
    expect(flow.names()).toEqual(event === null ? [] : [event]);
  });

  test("a drill's figures are its own", async () => {
    await catalog.putDrill(drill(true));
    await announceRun({ flow, catalog }, run({ kind: "drill", code: "drill.passed", result: "drill-1" }));
    catalog.drillRows.clear();
    await catalog.putDrill(drill(false));
    await announceRun({ flow, catalog }, run({ id: "run-2", kind: "drill", state: "failed", code: "drill.differs", result: "drill-1" }));
    expect(flow.told).toMatchObject([
      { event: "drill.passed", facts: { drillId: "drill-1", snapshotId: "s-1", compared: 9, restored: 8, restoreSeconds: 61.2, stateAgeSeconds: 5 } },
      { event: "drill.failed", subject: "run-2", facts: { drillId: "drill-1", code: "drill.differs", compared: 9, differences: 3 } },
    ]);
    expect(eventReason("drill.failed", flow.told[1]?.facts as FlowFacts, null)).toBe("3 records came back other than they were.");
  });

  test("told twice is told once", async () => {
    for (let n = 0; n < 3; n++) await announceRun({ flow, catalog }, run({ state: "failed", code: "store.no_space" }));
    expect(flow.told).toHaveLength(1);
  });
});

describe("alerts", () => {
  const alert = (code: Alert["code"], facts: Alert["facts"]): Alert => ({ id: "alert-1", shop: SHOP, code, subject: "stream:customers", severity: "warning", state: "open", facts, firstSeen: new Date(0), lastSeen: new Date(0), count: 1, acknowledgedAt: null, acknowledgedBy: null, note: CANARY, resolvedAt: null, level: 0, levelAt: new Date(0) });

  test.each(ALERT_CODES)("%s is told of where a trigger stands for it, without what people wrote about it", async (code) => {
    const flow = new FakeFlowEvents();
    await announceAlert({ flow }, alert(code, { ageMs: 7_200_000, objectiveMs: 3_600_000, cause: "store.unreachable" }));
    const event = (ANNOUNCED_ALERTS as Record<string, string | undefined>)[code];
    expect(flow.names()).toEqual(event === undefined ? [] : [event]);
    expect(JSON.stringify(flow.told)).not.toContain("CANARY");
    if (code === "alert.recovery_point_breached") expect(flow.told).toMatchObject([{ facts: { stream: "customers", ageMinutes: 120, goalMinutes: 60 } }]);
  });
});
