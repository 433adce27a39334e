/** An event is a row before it is sent, and stays one until Flow has taken it: nothing is lost, and what may come twice carries its name. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { FLOW_BACK_OFF_MS, FLOW_CLAIM_MS } from "#app/workflows/flow/deliver.ts";
import { forgetEnded } from "#app/workflows/shared/each-due.ts";
import { SETTLE_MS } from "#app/workflows/flow/emit.ts";
import { announceAlert } from "#app/workflows/flow/announce.ts";
import { heardFromFlow } from "#app/workflows/flow/listen.ts";
import type { Alert, FlowSent } from "#app/workflows/ports.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { empty, SHOP, SNAPSHOT, told, type Told } from "./support.ts";

const database = useDatabase();
let one: Told;
beforeEach(async () => {
  await empty(database().pool);
  one = told(database().pool);
});

const completed = (subject = "run-1") => ({ shop: SHOP, event: "snapshot.completed", subject, facts: SNAPSHOT }) as const;
const list = (): ReturnType<Told["ports"]["deliveries"]["list"]> => one.ports.deliveries.list(SHOP);
const states = async (): Promise<string[]> => (await list()).map(({ state }) => state);
const busy: FlowSent = { kind: "failed", code: "flow.busy", retry: "later" };

describe("telling", () => {
  test("an event that is told often, by several processes at once, is one delivery", async () => {
    const other = told(database().pool, "other");
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).events.emit(completed())));
    expect(await list()).toHaveLength(1);
    await Promise.all([one.round(), other.round(), one.round()]);
    expect(one.flow.taken.length + other.flow.taken.length).toBe(1);
    await one.events.emit(completed());
    await one.round();
    expect([await states(), one.flow.taken.length + other.flow.taken.length]).toEqual([["sent"], 1]);
  });

  test("goes to the trigger's handle with every field, and with the id of its row", async () => {
    await one.events.emit(completed());
    await one.round();
    const [row] = await list();
    expect(one.flow.taken).toEqual([{
      shop: SHOP, handle: "snapshot-completed",
      payload: {
        "Snapshot id": "0123456789abcdef", "Taken at": "2026-11-22T09:00:00.000Z", Complete: true, Gaps: 0, Records: 48_211, Added: 12, Changed: 3, Removed: 1, Emergency: false,
        Page: `https://${SHOP}/admin/apps/key-synthetic/app/snapshots/0123456789abcdef`, "Event id": row?.id,
      },
    }]);
  });

  test("throttled, unreachable and disconnected are tried again, later and later, and in the end it is there once", async () => {
    one.flow.next.push(busy, { kind: "failed", code: "flow.unreachable", retry: "later" }, { kind: "failed", code: "flow.not_connected", retry: "later" });
    await one.events.emit(completed());
    const pauses: number[] = [];
    for (let n = 0; n < 4; n++) {
      await one.round();
      const [row] = await list();
      if (row?.state !== "waiting") break;
      pauses.push(row.nextAt.getTime() - one.process.time.now().getTime());
      expect(await one.round()).toBe(0);
      one.process.time.advance(pauses.at(-1) ?? 0);
    }
    expect(pauses).toEqual(FLOW_BACK_OFF_MS.slice(0, 3));
    expect([await states(), one.flow.taken.length, (await list())[0]?.attempts]).toEqual([["sent"], 1, 4]);
  });

  test("a longer pause that the platform asks for is kept", async () => {
    one.flow.next.push({ ...busy, afterMs: 3_600_000 } as FlowSent);
    await one.events.emit(completed());
    await one.round();
    expect((await list())[0]?.nextAt.getTime()).toBe(one.process.time.now().getTime() + 3_600_000);
  });

  test("a lost answer means the same event twice, under the same id", async () => {
    one.flow.next.push("lost");
    await one.events.emit(completed());
    await one.round();
    one.process.time.advance(FLOW_BACK_OFF_MS[0] ?? 0);
    await one.round();
    expect(one.flow.taken.map(({ payload }) => payload["Event id"])).toEqual(["event-1", "event-1"]);
    expect(await states()).toEqual(["sent"]);
  });

  test("a process that dies while it sends leaves the event to the next", async () => {
    await one.events.emit(completed());
    const now = one.process.time.now();
    // Taken from the line, and never heard of again.
    expect(await one.ports.deliveries.claimDue(now, new Date(now.getTime() + FLOW_CLAIM_MS), 10)).toHaveLength(1);
    const other = told(database().pool, "other");
    expect(await other.round()).toBe(0);
    other.process.time.advance(FLOW_CLAIM_MS);
    await other.round();
    expect([await states(), other.flow.taken.length]).toEqual([["sent"], 1]);
  });

  test("a fault of ours is not repeated for ever, and does not hold up the others", async () => {
    one.flow.next.push("throws");
    await one.events.emit(completed("run-1"));
    await one.events.emit(completed("run-2"));
    await expect(one.round()).rejects.toThrow("fell over");
    expect((await states()).sort()).toEqual(["sent", "waiting"]);
    expect((await list()).find(({ state }) => state === "waiting")).toMatchObject({ attempts: 1, code: "flow.failed", nextAt: new Date(one.process.time.now().getTime() + (FLOW_BACK_OFF_MS[0] ?? 0)) });
  });

  test("given up after a day it says so in an alert, and can be sent again, which ends the alert", async () => {
    one.flow.always = { kind: "failed", code: "flow.unreachable", retry: "later" };
    await one.events.emit(completed());
    const began = one.process.time.now().getTime();
    while ((await states())[0] === "waiting") {
      one.process.time.advance(Math.max(0, ((await list())[0]?.nextAt.getTime() ?? 0) - one.process.time.now().getTime()));
      await one.round();
    }
    const hours = (one.process.time.now().getTime() - began) / 3_600_000;
    expect([hours > 20, hours < 30]).toEqual([true, true]);
    expect([...one.process.alerts.open.values()]).toEqual([expect.objectContaining({ code: "alert.flow_undelivered", subject: "flow:snapshot-completed", severity: "warning", facts: { event: "snapshot.completed", cause: "flow.unreachable", delivery: "event-1" } })]);
    one.flow.always = { kind: "sent" };
    expect(await one.ports.deliveries.again("other.myshopify.com", "event-1", one.process.time.now())).toBe(false);
    expect(await one.ports.deliveries.again(SHOP, "event-1", one.process.time.now())).toBe(true);
    expect(await one.round()).toBe(1);
    expect([one.process.alerts.codes(), await states()]).toEqual([[], ["sent"]]);
    expect(await one.ports.deliveries.again(SHOP, "event-1", one.process.time.now())).toBe(false);
  });

  test("what Flow refuses is not sent again by itself; a trigger that was never deployed alarms nobody", async () => {
    one.flow.next.push({ kind: "failed", code: "flow.unknown_trigger", retry: "never" }, { kind: "failed", code: "flow.refused", retry: "never" });
    await one.events.emit(completed("run-1"));
    await one.round();
    expect([await states(), one.process.alerts.codes()]).toEqual([["failed"], []]);
    await one.events.emit(completed("run-2"));
    await one.round();
    expect([await states(), one.process.alerts.codes()]).toEqual([["failed", "failed"], ["alert.flow_undelivered"]]);
  });

  test("a trigger that Flow does not know, though it said that a workflow starts with it, is an alert", async () => {
    await heardFromFlow({ ...one.process, ...one.ports }, { shop: SHOP, trigger: "snapshot-completed", enabled: true, at: one.process.time.now() });
    one.flow.next.push({ kind: "failed", code: "flow.unknown_trigger", retry: "never" });
    await one.events.emit(completed());
    await one.round();
    expect(one.process.alerts.codes()).toEqual(["alert.flow_undelivered"]);
  });

  test("what ended long ago is forgotten, what waits is not", async () => {
    await one.events.emit(completed("old"));
    await one.round();
    one.process.time.advance(91 * 24 * 3_600_000);
    await one.events.emit(completed("new"));
    expect(await forgetEnded(one.ports.clock, one.ports.deliveries)).toBe(1);
    expect((await list()).map(({ subject }) => subject)).toEqual(["new"]);
  });

  test("a fact that is somebody's data, of another name or missing gets no further, and is in no message", async () => {
    const canary = "CANARY-synthetic someone@example.org";
    for (const facts of [{ ...SNAPSHOT, snapshotId: canary }, { ...SNAPSHOT, note: canary }, { ...SNAPSHOT, records: Number.NaN }, { ...SNAPSHOT, takenAt: undefined }]) {
      const error = await one.events.emit({ ...completed(), facts: facts as never }).then(() => null, (thrown: unknown) => thrown as Error);
      expect(error).toMatchObject({ code: "flow.bad_fact" });
      expect(String(error)).not.toContain("CANARY");
    }
    await expect(one.events.emit({ ...completed(), subject: canary })).rejects.toMatchObject({ code: "flow.bad_fact" });
    expect(await list()).toEqual([]);
  });
});

describe("which triggers have a workflow", () => {
  const heard = (enabled: boolean, minutes: number, trigger = "snapshot-completed"): Promise<boolean> => heardFromFlow({ ...one.process, ...one.ports }, { shop: SHOP, trigger, enabled, at: new Date(one.process.time.now().getTime() + minutes * 60_000) });

  test("as long as Flow has told nothing, everything is sent; once it said that none has, nothing is", async () => {
    await one.events.emit(completed("before"));
    await heard(false, 0);
    await one.events.emit(completed("after"));
    await one.events.emit({ shop: SHOP, event: "snapshot.failed", subject: "run-9", facts: { runId: "run-9", code: "store.no_space", failedAt: SNAPSHOT.takenAt, emergency: false } });
    await one.round();
    expect((await list()).map(({ subject, state }) => [subject, state]).sort()).toEqual([["after", "unwanted"], ["before", "unwanted"], ["run-9", "sent"]]);
    await heard(true, 1);
    await one.events.emit(completed("again"));
    await one.round();
    expect(one.flow.taken.map(({ handle }) => handle)).toEqual(["snapshot-failed", "snapshot-completed"]);
  });

  test("older word does not undo newer, whatever the order in which it comes; a clock far ahead silences nothing for long", async () => {
    expect([await heard(true, -1), await heard(false, -5), await heard(true, -1)]).toEqual([true, false, false]);
    expect(await one.ports.listeners.list(SHOP)).toMatchObject([{ event: "snapshot.completed", enabled: true }]);
    await heard(false, 60 * 24 * 365);
    one.process.time.advance(20 * 60_000);
    expect(await heard(true, 0)).toBe(true);
  });

  test("a trigger is known by its handle and by its name, and one of somebody else changes nothing", async () => {
    expect([await heard(true, 0, "Drill passed"), await heard(true, 0, "storage-problem"), await heard(true, 0, "Auction bid placed")]).toEqual([true, true, false]);
    expect((await one.ports.listeners.list(SHOP)).map(({ event }) => event).sort()).toEqual(["drill.passed", "storage.problem"]);
  });
});

describe("alerts", () => {
  const raise = async (severity: "warning" | "critical" = "warning"): Promise<Alert> => {
    const { alert } = await one.process.alertRecords.sight({ id: "alert-1", shop: SHOP, code: "alert.storage_unreachable", subject: "storage", severity, facts: { cause: "store.unreachable" }, at: one.process.time.now() });
    await announceAlert({ flow: one.events }, alert);
    return alert;
  };

  test("what is over in a moment is told to nobody", async () => {
    await raise();
    expect(await one.round()).toBe(0);
    await one.process.alertRecords.resolve({ shop: SHOP, code: "alert.storage_unreachable", subject: "storage", at: one.process.time.now() });
    one.process.time.advance(SETTLE_MS);
    await one.round();
    expect([await states(), one.flow.taken]).toEqual([["unneeded"], []]);
  });

  test("what is still so is told in the alert's own words, as bad as it has become", async () => {
    await raise("warning");
    await raise("critical");
    one.process.time.advance(SETTLE_MS);
    await one.round();
    expect(one.flow.taken).toMatchObject([{ handle: "storage-problem", payload: { Code: "storage_unreachable", Reason: "A look at the storage failed. The storage could not be reached.", Critical: true, "Alert id": "alert-1", Page: `https://${SHOP}/admin/apps/key-synthetic/app/alerts/alert-1` } }]);
  });
});
