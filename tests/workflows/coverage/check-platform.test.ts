import { beforeEach, describe, expect, it } from "@jest/globals";
import { SourceError } from "#app/sources/port.ts";
import { checkPlatform, type CheckedPlatform } from "#app/workflows/coverage/check-platform.ts";
import { lookFirst, LATELY_MS } from "#app/workflows/coverage/look-first.ts";
import type { PlatformFinding, PlatformSurroundings } from "#app/workflows/ports.ts";
import { FakeCoverageTasks, FakePlatforms, FakeSurvey } from "#tests/support/fakes-coverage.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { SHOP } from "../support/linked-shop.ts";

let process: FakeProcess;
let platforms: FakePlatforms;
let tasks: FakeCoverageTasks;
let survey: FakeSurvey;
let raised: { code: string; severity: string; subject: string }[];
let resolved: string[];
beforeEach(() => {
  process = new FakeProcess();
  platforms = new FakePlatforms();
  tasks = new FakeCoverageTasks();
  survey = new FakeSurvey();
  raised = [];
  resolved = [];
});

const ports = () => ({
  ...process,
  platforms,
  coverageTasks: tasks,
  surveys: { open: () => Promise.resolve(survey) },
  alerts: {
    raise: (alert: { code: string; severity: string; subject: string }) => Promise.resolve(void raised.push(alert)),
    resolve: ({ code, subject }: { code: string; subject: string }) => Promise.resolve(void resolved.push(`${code} ${subject}`)),
  },
});

async function look(): Promise<Extract<CheckedPlatform, { kind: "checked" }>> {
  process.time.advance(1000);
  const checked = await checkPlatform(ports(), { shop: SHOP, signal: new AbortController().signal });
  if (checked.kind !== "checked") throw new Error(checked.code);
  return checked;
}

const gone = (member = "Customer.note", o: Partial<PlatformFinding> = {}): PlatformFinding => ({ code: "schema.removed", member, use: "read", streams: ["customers"], ...o });

describe("a look at a platform that is as it should be", () => {
  it("pins the newest supported version, raises nothing, and asks nobody to drill again", async () => {
    const { platform, raised: newTasks } = await look();
    expect(platform).toMatchObject({ apiVersion: "2026-10", findings: [], changedAt: null, changedWhy: null });
    expect(newTasks).toEqual([]);
    expect(raised).toEqual([]);
    expect((await look()).platform.changedAt).toBeNull();
  });

  it("holds the next look against what this one noted", async () => {
    await look();
    await look();
    expect(survey.askedWith.map(({ known }) => known)).toEqual([null, survey.signatures]);
  });
});

describe("a field that has gone", () => {
  it("raises a critical alert that names it, before any run", async () => {
    await look();
    survey.findings.set("2026-10", [gone()]);
    const { platform } = await look();
    expect(raised).toEqual([expect.objectContaining({ code: "alert.api_change", severity: "critical", subject: "api:2026-10/read/Customer.note", facts: expect.objectContaining({ member: "Customer.note", finding: "schema.removed", streams: "customers" }) as unknown })]);
    expect(platform.changedWhy).toBe("revalidation.schema");
    expect(platform.changedAt).toEqual(platform.checkedAt);
    // What was good stays the measure.
    expect(platform.signatures).toEqual({ "Customer.note": "String" });
  });

  it("asks for a new drill once, not at every look", async () => {
    await look();
    survey.findings.set("2026-10", [gone()]);
    const first = (await look()).platform.changedAt;
    expect((await look()).platform.changedAt).toEqual(first);
  });

  it("is resolved when it is back", async () => {
    survey.findings.set("2026-10", [gone()]);
    await look();
    survey.findings.clear();
    await look();
    expect(resolved).toEqual(["alert.api_change api:2026-10/read/Customer.note"]);
  });

  it.each([
    ["is needed only to restore", { use: "restore" as const }],
    ["is only announced to go", { code: "schema.deprecated" as const }],
  ])("is a warning, and no reason to drill again, when it %s", async (_, how) => {
    await look();
    survey.findings.set("2026-10", [gone("Customer.note", how)]);
    const { platform } = await look();
    expect(raised.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(platform.changedAt).toBeNull();
  });

  it("spells an argument so that an alert can be about it", async () => {
    survey.findings.set("2026-10", [gone("QueryRoot.customers(sortKey)")]);
    await look();
    expect(raised[0]!.subject).toBe("api:2026-10/read/QueryRoot.customers/sortKey");
  });
});

describe("versions", () => {
  beforeEach(() => {
    survey.supported = ["2026-07", "2026-10"];
    survey.offered = ["2026-07", "2026-10", "2027-01", "unstable"].map((handle) => ({ handle, supported: handle !== "unstable" }));
  });

  it("reads with the newest one that is good, and keeps the last good one while a newer is not", async () => {
    survey.findings.set("2026-10", [gone()]);
    const { platform } = await look();
    expect(platform.apiVersion).toBe("2026-07");
    expect(platform.findings).toEqual([]);
  });

  it("moves on when the newer one is good, and then wants a drill", async () => {
    survey.findings.set("2026-10", [gone()]);
    await look();
    survey.findings.clear();
    const { platform } = await look();
    expect(platform).toMatchObject({ apiVersion: "2026-10", changedWhy: "revalidation.version" });
  });

  it("stays with the last good one when none is good any more", async () => {
    await look();
    survey.findings.set("2026-10", [gone()]).set("2026-07", [gone("Order.note")]);
    const { platform } = await look();
    expect(platform.apiVersion).toBe("2026-10");
    expect(platform.findings.map(({ member }) => member)).toContain("Customer.note");
  });

  it("warns of what the next version will not have, and goes on", async () => {
    await look();
    survey.findings.set("2027-01", [gone("Customer.tags")]);
    const { platform } = await look();
    expect(raised).toEqual([expect.objectContaining({ severity: "warning", subject: "api:2027-01/read/Customer.tags" })]);
    expect(platform).toMatchObject({ apiVersion: "2026-10", changedAt: null });
  });

  it("leaves a version that the platform has taken back", async () => {
    survey.offered = [{ handle: "2026-10", supported: false }, { handle: "2026-07", supported: true }];
    expect((await look()).platform.apiVersion).toBe("2026-07");
  });

  it("measures new queries anew, and wants a drill of them", async () => {
    await look();
    survey.extractor = "fedcba9876543210";
    const { platform } = await look();
    expect(survey.askedWith.at(-1)?.known).toBeNull();
    expect(platform.changedWhy).toBe("revalidation.extractor");
  });
});

describe("what is installed, defined and granted", () => {
  const definition = (namespace: string, key: string, readable = true, owner = "CUSTOMER") => ({ owner, namespace, key, type: "json", readable });
  const app = (handle: string, scopes = ["read_customers"]) => ({ id: `gid://shopify/App/${handle}`, handle, title: handle, scopes });
  const subjects = () => tasks.tasks.map(({ subject, state }) => `${subject} ${state}`);
  const now = (o: Partial<PlatformSurroundings>): void => {
    survey.now = { ...survey.now, ...o };
  };

  it("takes what is there at the first look for granted, but for other apps, missing scopes and what cannot be read", async () => {
    now({ apps: [app("reviews")], definitions: [definition("custom", "a"), definition("app--7--rx", "b", false)], needed: ["read_customers", "read_files"] });
    await look();
    expect(subjects()).toEqual(["app:reviews open", "scope:read_files open", "unreadable:CUSTOMER/app--7--rx open"]);
  });

  it("asks about a new app within one look, and raises an alert that the decision resolves", async () => {
    await look();
    now({ apps: [app("intake-forms")], definitions: [definition("intake", "a"), definition("intake", "b")] });
    const { raised: fresh } = await look();
    expect(fresh.map(({ subject }) => subject)).toEqual(["app:intake-forms", "namespace:CUSTOMER/intake"]);
    expect(fresh[1]!.facts).toEqual({ keys: 2, seen: "definitions" });
    expect(raised.map(({ code, subject }) => `${code} ${subject}`)).toEqual(["alert.coverage_task app:intake-forms", "alert.coverage_task namespace:CUSTOMER/intake"]);
    // Looking again asks nothing again.
    expect((await look()).raised).toEqual([]);
  });

  it("asks about a new field of a known namespace, a new type of metaobject, and an app that got more access", async () => {
    now({ apps: [app("reviews")], definitions: [definition("custom", "a")] });
    await look();
    now({ apps: [app("reviews", ["read_customers", "read_orders"])], definitions: [definition("custom", "a"), definition("custom", "b"), { ...definition("", "care_plan"), owner: "METAOBJECT_DEFINITION" }] });
    const { raised: fresh } = await look();
    expect(fresh.map(({ subject }) => subject).sort()).toEqual(["app:reviews:scopes:1", "definition:CUSTOMER/custom.b", "definition:METAOBJECTDEFINITION/care_plan"]);
    expect((await look()).raised).toEqual([]);
    expect(tasks.tasks.filter(({ state }) => state === "open")).toHaveLength(4);
  });

  it("closes a question whose subject has gone, and asks anew when it is back", async () => {
    await look();
    now({ apps: [app("reviews")] });
    await look();
    now({ apps: [] });
    await look();
    expect(tasks.tasks).toEqual([expect.objectContaining({ subject: "app:reviews", state: "done", decidedBy: "system" })]);
    expect(resolved).toEqual(["alert.coverage_task app:reviews"]);
    now({ apps: [app("reviews")] });
    expect((await look()).raised).toHaveLength(1);
  });

  it("takes nothing for gone while the shop does not say which apps there are", async () => {
    now({ apps: [app("reviews")] });
    await look();
    now({ apps: null });
    await look();
    expect(subjects()).toEqual(["app:reviews open"]);
  });
});

describe("a shop that cannot be asked", () => {
  it("is an outcome with a code, and changes nothing that is known", async () => {
    await look();
    const before = platforms.records.get(SHOP);
    survey.fail = new SourceError("source.unreachable", "gone", { retry: "later" });
    expect(await checkPlatform(ports(), { shop: SHOP, signal: new AbortController().signal })).toEqual({ kind: "failed", code: "source.unreachable", retry: "later" });
    expect(platforms.records.get(SHOP)).toEqual(before);
  });

  it("holds up no snapshot", async () => {
    survey.fail = new SourceError("source.unauthorized", "no");
    await expect(lookFirst(ports(), SHOP, new AbortController().signal)).resolves.toBeUndefined();
  });

  it("is not asked again within the hour by every run", async () => {
    await look();
    const asked = survey.askedWith.length;
    await lookFirst(ports(), SHOP, new AbortController().signal);
    expect(survey.askedWith).toHaveLength(asked);
    process.time.advance(LATELY_MS);
    await lookFirst(ports(), SHOP, new AbortController().signal);
    expect(survey.askedWith.length).toBeGreaterThan(asked);
  });
});
