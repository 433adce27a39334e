import { beforeEach, describe, expect, it } from "@jest/globals";
import { batchOf, type SourceRecord } from "#app/vault/index.ts";
import { judgeCoverage } from "#app/workflows/coverage/exposure.ts";
import { keepInventory } from "#app/workflows/coverage/keep-inventory.ts";
import { revalidation } from "#app/workflows/coverage/revalidation.ts";
import { proofsOf } from "#app/workflows/drill/proofs.ts";
import { Tally } from "#app/workflows/coverage/tally.ts";
import { decideTask, raiseTasks } from "#app/workflows/coverage/tasks.ts";
import { changesSince, OVERLAP_MS } from "#app/workflows/snapshot/since.ts";
import type { CatalogDrill, CatalogSnapshot, CoverageTask, PlatformRecord } from "#app/workflows/ports.ts";
import type { Gap } from "#app/vault/index.ts";
import { FakeCoverageTasks, FakeInventory } from "#tests/support/fakes-coverage.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { SHOP, STAFF } from "../support/linked-shop.ts";

const at = (text: string): Date => new Date(text);

describe("the tally of what passes by", () => {
  const record = (id: string, text: string, parentId: string | null = null): SourceRecord => ({ kind: /shopify\/(\w+)\//.exec(id)![1]!, id, parentId, bytes: Buffer.from(text) });
  const OWNER = "gid://shopify/Customer/1";
  const metafield = (n: number, namespace: string, key: string, value = "SYNTHETIC"): SourceRecord => {
    const id = `gid://shopify/Metafield/${n}`;
    return record(id, JSON.stringify({ id, namespace, key, type: "json", value, __parentId: OWNER }), OWNER);
  };
  const records = [record(OWNER, JSON.stringify({ id: OWNER, note: "SYNTHETIC" })), metafield(1, "custom", "rx"), metafield(2, "custom", "rx", "longer SYNTHETIC"), metafield(3, "intake", "form")];

  it.each([
    ["records", records],
    ["columns", batchOf(records)],
  ])("counts records and bytes by kind, and metafields by owner, namespace and key (%s)", (_, batch) => {
    const tally = new Tally();
    tally.note(batch);
    const size = (n: number): number => records[n]!.bytes.byteLength;
    expect([...tally.entries()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
      { kind: "Customer", owner: "", namespace: "", key: "", records: 1, bytes: size(0) },
      { kind: "Metafield", owner: "Customer", namespace: "custom", key: "rx", records: 2, bytes: size(1) + size(2) },
      { kind: "Metafield", owner: "Customer", namespace: "intake", key: "form", records: 1, bytes: size(3) },
    ]);
  });

  it("keeps nothing that has not the form of a name, and never a value", () => {
    const tally = new Tally();
    tally.note([metafield(1, "Ada Synthetic, born 1980", "x"), record("gid://shopify/Metafield/9", JSON.stringify({ id: "gid://shopify/Metafield/9", value: 'CANARY","namespace":"CANARY"' }), OWNER)]);
    expect(JSON.stringify(tally.entries())).not.toMatch(/Ada|CANARY/);
  });

  it("does not grow without end", () => {
    const tally = new Tally();
    for (let n = 0; n < 7000; n++) tally.note([metafield(n, `ns${n}`, "k")]);
    expect(tally.entries().length).toBeLessThanOrEqual(5001);
    expect(tally.entries().reduce((sum, entry) => sum + entry.records, 0)).toBe(7000);
  });
});

describe("the inventory", () => {
  let process: FakeProcess;
  let tasks: FakeCoverageTasks;
  let inventory: FakeInventory;
  beforeEach(() => {
    process = new FakeProcess();
    tasks = new FakeCoverageTasks();
    inventory = new FakeInventory();
  });
  const entry = (namespace: string, key: string) => ({ kind: "Metafield", owner: "Customer", namespace, key, records: 1, bytes: 10 });
  const keep = (snapshotId: string, entries: ReturnType<typeof entry>[], scope: "whole" | "gapped" | "changes" = "whole") =>
    keepInventory({ ...process, coverageTasks: tasks, inventory }, { shop: SHOP, snapshotId, at: at("2026-11-22T10:00:00Z"), entries, scope });

  it("asks about a namespace that records carry and nobody had seen, whatever was defined", async () => {
    expect(await keep("a", [entry("custom", "x")])).toEqual([]);
    expect(await keep("b", [entry("custom", "x"), entry("custom", "y")])).toEqual([]);
    const fresh = await keep("c", [entry("custom", "x"), entry("labs", "x"), entry("labs", "y")]);
    expect(fresh.map(({ subject, facts }) => [subject, facts])).toEqual([["namespace:CUSTOMER/labs", { keys: 2, seen: "records" }]]);
  });

  it("forgets what a whole reading did not find, and keeps what a gap may have hidden", async () => {
    await keep("a", [entry("custom", "x"), entry("old", "x")]);
    await keep("b", [entry("custom", "x")], "gapped");
    expect((await inventory.list(SHOP)).map(({ namespace }) => namespace).sort()).toEqual(["custom", "old"]);
    await keep("c", [entry("custom", "x")]);
    expect((await inventory.list(SHOP)).map(({ namespace }) => namespace)).toEqual(["custom"]);
  });

  it("is not made from a reading of changes", async () => {
    await keep("a", [entry("custom", "x")]);
    await keep("b", [entry("labs", "x")], "changes");
    expect((await inventory.list(SHOP)).map(({ namespace }) => namespace)).toEqual(["custom"]);
  });
});

describe("deciding a task", () => {
  let process: FakeProcess;
  let tasks: FakeCoverageTasks;
  let task: CoverageTask;
  const ports = () => ({ ...process, coverageTasks: tasks });
  const decide = (o: Partial<Parameters<typeof decideTask>[1]> = {}) => decideTask(ports(), { shop: SHOP, actor: STAFF, id: task.id, state: "accepted", reason: "the vendor keeps its own copy", ...o });
  beforeEach(async () => {
    process = new FakeProcess();
    tasks = new FakeCoverageTasks();
    task = (await raiseTasks(ports(), SHOP, [{ kind: "app", subject: "app:reviews", facts: {} }]))[0]!;
  });

  it("keeps who took the gap, when and why", async () => {
    expect(await decide()).toEqual({ kind: "decided" });
    expect(tasks.tasks[0]).toMatchObject({ state: "accepted", decidedBy: "staff:42", reason: "the vendor keeps its own copy" });
  });

  it.each(["", "  ok ", "ask ada@example.test"])("takes %j for no reason", async (reason) => {
    expect(await decide({ reason })).toEqual({ kind: "no-reason", code: "coverage.no_reason" });
    expect(tasks.tasks[0]!.state).toBe("open");
  });

  it("decides once", async () => {
    await decide();
    expect(await decide({ state: "done" })).toEqual({ kind: "not-open", code: "coverage.not_open" });
  });

  it("knows no task of another shop, and lets no schedule decide", async () => {
    expect(await decide({ shop: "other.myshopify.com", actor: { kind: "staff", id: "42", shop: "other.myshopify.com" } })).toMatchObject({ kind: "not-open" });
    expect(await decide({ actor: { kind: "schedule", shop: SHOP } })).toMatchObject({ kind: "refused" });
    expect(tasks.tasks[0]!.state).toBe("open");
  });
});

/** Held on the 12th, of a snapshot that was begun when it says. `lanes`: each passed, unless it is written with a "!". None: a drill of before there were lanes. */
const drill = (begun: string, lanes?: readonly string[], o: { passed?: boolean; startedAt?: string } = {}): CatalogDrill => {
  const startedAt = at(o.startedAt ?? "2026-11-12T00:00:00Z");
  const results = lanes?.map((name) => ({ lane: name.replace("!", ""), passed: !name.endsWith("!") }));
  return { drillId: begun, startedAt, rpoMs: startedAt.getTime() - at(begun).getTime(), passed: o.passed ?? results?.every(({ passed }) => passed) ?? true, ...(results === undefined ? {} : { lanes: results }) } as unknown as CatalogDrill;
};

describe("revalidation", () => {
  const changed = { changedAt: at("2026-11-10T00:00:00Z"), changedWhy: "revalidation.version" };
  const BEFORE = "2026-11-09T00:00:00Z";
  const AFTER = "2026-11-11T00:00:00Z";
  const required = (...drills: CatalogDrill[]): boolean => revalidation(changed, drills).required;

  it("is required from the change on, until a drill of a snapshot begun after it has passed", () => {
    expect(revalidation(changed, [])).toEqual({ required: true, since: changed.changedAt, why: "revalidation.version" });
    expect(required(drill(BEFORE, ["synthetic", "real"]))).toBe(true);
    expect(required(drill(AFTER, ["synthetic", "real"]))).toBe(false);
    expect(required(drill(AFTER, ["synthetic", "real", "sanitized"]))).toBe(false);
    expect(required(drill(AFTER, ["full"]))).toBe(false);
  });

  it("is not ended by made-up data, which is what the schedule rehearses where nobody has set up a key service", () => {
    expect(required(drill(AFTER, ["synthetic"]), drill(AFTER, ["synthetic"]))).toBe(true);
    // Nor by a restore of a snapshot in which nobody is recognisable, where none of the real records was compared.
    expect(required(drill(AFTER, ["sanitized"]))).toBe(true);
  });

  it("is not ended by a comparison alone: something has to have been restored since the change", () => {
    expect(required(drill(AFTER, ["real"]))).toBe(true);
    expect(required(drill(AFTER, ["real"]), drill(BEFORE, ["synthetic"], { startedAt: "2026-11-09T12:00:00Z" }))).toBe(true);
    expect(required(drill(AFTER, ["real"]), drill(AFTER, ["synthetic"]))).toBe(false);
  });

  it("is not ended by a part that failed", () => {
    expect(required(drill(AFTER, ["synthetic!", "real"]))).toBe(true);
    expect(required(drill(AFTER, ["synthetic", "real!"]))).toBe(true);
    expect(required(drill(AFTER, ["synthetic", "real!"]), drill(AFTER, ["real"]))).toBe(false);
  });

  it("takes a drill of before there were lanes for what it was: the real snapshot, restored whole", () => {
    expect(required(drill(AFTER))).toBe(false);
    expect(required(drill(AFTER, undefined, { passed: false }))).toBe(true);
    // Held in lanes, and the signed record that says which has gone.
    expect(required(drill(AFTER, []))).toBe(true);
  });

  it("is not required where nothing has changed, or nobody has looked", () => {
    expect(revalidation({ changedAt: null, changedWhy: null }, []).required).toBe(false);
    expect(revalidation(null, []).required).toBe(false);
  });
});

describe("what drills prove", () => {
  const real = drill("2026-11-11T00:00:00Z", ["real"]);
  const madeUp = drill("2026-11-11T00:00:00Z", ["synthetic"]);
  const failedReal = drill("2026-11-11T00:00:00Z", ["synthetic", "real!"]);

  it("is told apart by what was opened", () => {
    expect(proofsOf([madeUp, real])).toEqual({ real, rehearsal: madeUp, failed: null });
    expect(proofsOf([madeUp])).toEqual({ real: null, rehearsal: madeUp, failed: null });
  });

  it("does not let made-up data make up for a real snapshot that failed", () => {
    expect(proofsOf([madeUp, failedReal, real])).toMatchObject({ real, failed: failedReal });
    expect(proofsOf([real, failedReal])).toMatchObject({ real, failed: null });
  });

  it("does not let a real comparison make up for a restore that failed", () => {
    const failed = drill("2026-11-11T00:00:00Z", ["synthetic!"]);
    expect(proofsOf([real, failed]).failed).toBe(failed);
    expect(proofsOf([madeUp, real, failed]).failed).toBeNull();
  });
});

describe("the judgement of coverage", () => {
  const now = at("2026-11-22T12:00:00Z");
  const platform = { apiVersion: "2026-10", findings: [], checkedAt: at("2026-11-20T00:00:00Z") } as unknown as PlatformRecord;
  const full = { complete: true, gapCount: 0 } as CatalogSnapshot;
  const good = { platform, tasks: [], full, revalidation: { required: false, since: null, why: null }, now };
  const open = (dueAt: string): CoverageTask => ({ state: "open", dueAt: at(dueAt) }) as CoverageTask;
  const said = (known: Partial<typeof good> | Parameters<typeof judgeCoverage>[0]): string[] => judgeCoverage({ ...good, ...known }).map(({ code, state }) => `${state} ${code}`);

  it("says nothing against a shop that was looked at and read whole", () => expect(said({})).toEqual([]));
  it("is red when a question was ignored beyond its time", () => expect(said({ ...good, tasks: [open("2026-11-21T00:00:00Z"), open("2026-11-29T00:00:00Z")] })).toEqual(["not-safe coverage.tasks_overdue", "at-risk coverage.tasks_open"]));
  it("is red when the API lacks what reading needs", () =>
    expect(said({ ...good, platform: { ...platform, findings: [{ code: "schema.removed", member: "Customer.note", use: "read", streams: [], version: "2026-10" }] } })).toEqual(["not-safe coverage.api_broken"]));
  it("is not red for what a version to come will lack", () =>
    expect(said({ ...good, platform: { ...platform, findings: [{ code: "schema.removed", member: "Customer.note", use: "read", streams: [], version: "2027-01" }] } })).toEqual([]));
  it("is red with a gap", () => expect(said({ ...good, full: { complete: false, gapCount: 2 } as CatalogSnapshot })).toEqual(["not-safe coverage.gaps"]));
  it("says not observed where nobody has looked, or nothing was read", () => expect(said({ ...good, platform: null, full: null })).toEqual(["not-observed coverage.not_checked", "not-observed coverage.no_snapshot"]));
  it("says that revalidation is required, and since what", () => expect(judgeCoverage({ ...good, revalidation: { required: true, since: now, why: "revalidation.version" } })).toEqual([{ code: "revalidation.required", state: "at-risk", detail: "revalidation.version" }]));
});

describe("since when a snapshot of changes asks", () => {
  const manifest = (startedAt: string, gaps: Gap[] = [], o: { gapCount?: number; apiVersion?: string } = {}) => ({ startedAt, gaps, gapCount: o.gapCount ?? gaps.length, source: { type: "shopify", name: SHOP, apiVersion: o.apiVersion ?? "2026-10" } });
  const less = (time: string): string => new Date(Date.parse(time) - OVERLAP_MS).toISOString();
  const planned: Gap = { code: "stream.partial", stream: "customers", reason: "incremental" };
  const failed: Gap = { code: "stream.failed", stream: "customers", reason: "TIMEOUT" };

  it("reads everything where there is nothing to build on", () => {
    expect(changesSince([], "2026-10")).toBeNull();
    expect(changesSince([manifest("2026-11-22T10:00:00.000Z", [failed], { gapCount: 5000 })], "2026-10")).toBeNull();
    expect(changesSince([manifest("2026-11-22T10:00:00.000Z", [], { apiVersion: "2026-07" })], "2026-10")).toBeNull();
  });

  it("goes back to where the newest one began, and a little further", () => {
    expect(changesSince([manifest("2026-11-22T10:00:00.000Z", [planned]), manifest("2026-11-22T09:00:00.000Z")], "2026-10")).toEqual({ at: less("2026-11-22T10:00:00.000Z"), streams: {} });
  });

  it("goes back further for a stream that was not read to its end, and reads it whole when it never was", () => {
    const newest = manifest("2026-11-22T10:00:00.000Z", [failed]);
    expect(changesSince([newest, manifest("2026-11-22T09:00:00.000Z", [planned]), manifest("2026-11-22T08:00:00.000Z")], "2026-10")).toEqual({ at: less("2026-11-22T10:00:00.000Z"), streams: { customers: less("2026-11-22T09:00:00.000Z") } });
    expect(changesSince([newest], "2026-10")).toEqual({ at: less("2026-11-22T10:00:00.000Z"), streams: { customers: null } });
  });
});
