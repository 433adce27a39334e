/** Runs of the assistant as people live them: kept whole, corrected in the open, shared by two, in order, and closed. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { LedgerEntry } from "#app/ledger/index.ts";
import { digestOf, TREES, type Tree } from "#app/response/index.ts";
import { assistantOutcome, exportRun, listAssistant, lookUp, readRun, recordRestored, showRun, startAssistant, takeStep } from "#app/workflows/assistant/index.ts";
import type { RestorePlanRow } from "#app/workflows/ports.ts";
import { digestOfStep } from "#app/workflows/assistant/entries.ts";
import { settleAnswer } from "#app/workflows/compliance/settle.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import { linkedShop, SHOP, type LinkedShop } from "../support/linked-shop.ts";
import { ANA, BEN, DAMAGE, find, take, taken } from "./kit.ts";

let shop: LinkedShop;
let runId: string;

beforeEach(async () => {
  shop = await linkedShop([]);
  await shop.process.responseTeam.save(SHOP, [ANA, BEN].map(({ id }) => ({ actor: `staff:${id}`, label: `Person ${id}`, roles: ["responder", "approver"] as const, changedAt: shop.process.clock.now(), changedBy: "staff:42" })));
  runId = await start("platform-outage");
});

async function start(scenario: string): Promise<string> {
  const started = await startAssistant(shop.process, { shop: SHOP, actor: ANA, scenario });
  if (started.kind !== "started") throw new Error(started.kind);
  return started.runId;
}

const read = async () => (await readRun(shop.process.assistantRuns, SHOP, runId))!;
async function entries(): Promise<LedgerEntry[]> {
  const ledger = await vaultLedger(shop.process, [...shop.process.hostKeys.keys()][0]!, shop.store);
  const all: LedgerEntry[] = [];
  for await (const entry of ledger.entries()) all.push(entry);
  return all.filter(({ action }) => action.startsWith("assistant.") || action === "request.refused");
}
const done = (node: string) => ({ what: "answered", node, answer: { kind: "done" } }) as const;

describe("what is kept", () => {
  it("is looked up as soon as it is asked, from what the shop has", async () => {
    await taken(shop.process, runId, done("open-incident"));
    const { run } = await read();
    expect(run.current.id).toBe("holds");
    expect(run.lookup).toMatchObject({ check: "holds", outcome: "not-held", by: "staff:42", facts: expect.arrayContaining([{ name: "holds", value: 0 }]) as unknown });
    // Once more: both stand, the last one counts.
    expect(await lookUp(shop.process, { shop: SHOP, actor: BEN, runId })).toMatchObject({ kind: "looked-up", n: 3, outcome: "not-held" });
    expect((await read()).run.lookup).toMatchObject({ n: 3, by: "staff:77" });
    expect(await take(shop.process, runId, { what: "answered", node: "holds", answer: { kind: "seen", lookup: 2 } })).toMatchObject({ kind: "refused", code: "assistant.bad_answer" });
    await taken(shop.process, runId, { what: "answered", node: "holds", answer: { kind: "seen", lookup: 3 } });
    expect((await read()).run.current.id).toBe("hold");
  });

  it("is the tree of that day: one that changes later, or is tampered with, does not change the run", async () => {
    await taken(shop.process, runId, done("open-incident"));
    const before = await read();
    const trees = TREES as Tree[];
    const at = trees.findIndex(({ id }) => id === "platform-outage");
    const old = trees[at]!;
    trees[at] = { ...old, version: "9.9.9", title: "Another title", start: "care" };
    try {
      const after = await read();
      expect(after.frozen.tree).toEqual(old);
      expect(after.row).toMatchObject({ treeVersion: old.version, treeDigest: digestOf(old) });
      expect(after.run).toEqual(before.run);
    } finally {
      trees[at] = old;
    }
    const row = shop.process.assistantRuns.rows.get(runId)!;
    shop.process.assistantRuns.rows.set(runId, { ...row, tree: { ...(row.tree as Tree), title: "Something else" } });
    await expect(read()).rejects.toMatchObject({ code: "response.bad_tree" });
  });

  it("goes on from the same place on another device, and shows who said what", async () => {
    await taken(shop.process, runId, done("open-incident"));
    const [one, other] = await Promise.all([ANA, BEN].map((actor) => showRun(shop.process, { shop: SHOP, actor, runId })));
    expect(one!.node).toEqual(other!.node);
    expect(one!.shown).toEqual(other!.shown);
    expect([one!.me, other!.me]).toEqual(["staff:42", "staff:77"]);
    expect(one!.shown[0]).toMatchObject({ by: "staff:42", said: "It is written down", act: "open-incident", onTheWay: true });
    expect(one!.people).toEqual({ "staff:42": "Person 42", "staff:77": "Person 77" });
    expect((await listAssistant(shop.process, { shop: SHOP })).runs).toMatchObject([{ id: runId, state: "open", title: "Shopify is down", steps: 2 }]);
    expect(await showRun(shop.process, { shop: "other.myshopify.com", actor: ANA, runId })).toBeNull();
  });
});

describe("going back", () => {
  it("adds a correction: the first answer is still there, taken back, and what followed from it does not count", async () => {
    await taken(shop.process, runId, done("open-incident"));
    await find(shop.process, runId, "held");
    await taken(shop.process, runId, { what: "answered", node: "holds", answer: { kind: "seen", lookup: 3 } });
    const answered = (await read()).run.path.map(({ n }) => n);
    await taken(shop.process, runId, { what: "went-back", to: answered[0]! }, BEN);
    const { run, steps } = await read();
    expect(run.current.id).toBe("open-incident");
    expect(run.path).toEqual([]);
    expect([...run.corrected].sort()).toEqual([...answered].sort());
    expect(run.acts).toMatchObject([{ act: "open-incident", corrected: true }]);
    expect(steps.map(({ step }) => step.what)).toEqual(["answered", "looked-up", "looked-up", "answered", "went-back"]);
    const shown = (await showRun(shop.process, { shop: SHOP, actor: ANA, runId }))!;
    expect(shown.before).toEqual({ kind: "done" });
    expect(shown.shown[0]).toMatchObject({ corrected: true, onTheWay: false });
    expect(await take(shop.process, runId, { what: "went-back", to: answered[1]! })).toMatchObject({ kind: "refused", code: "assistant.nothing_to_go_back" });
    await taken(shop.process, runId, done("open-incident"), BEN);
    expect((await read()).run.acts.map(({ by, corrected }) => [by, corrected])).toEqual([["staff:42", true], ["staff:77", false]]);
  });
});

describe("two people on one run", () => {
  it("of two answers to one question the first stands, and the second person is told", async () => {
    const first = takeStep(shop.process, { shop: SHOP, actor: ANA, runId, after: 0, step: done("open-incident") });
    expect(await first).toEqual({ kind: "taken", n: 1 });
    expect(await takeStep(shop.process, { shop: SHOP, actor: BEN, runId, after: 0, step: done("open-incident") })).toEqual({ kind: "conflict", code: "assistant.conflict" });
    expect((await read()).steps.map(({ step }) => step.by)).toEqual(["staff:42", "staff:42"]);
  });

  it("at the very same moment, too", async () => {
    const both = await Promise.all([ANA, BEN].map((actor) => takeStep(shop.process, { shop: SHOP, actor, runId, after: 0, step: { what: "abandoned" } })));
    expect(both.map(({ kind }) => kind).sort()).toEqual(["conflict", "taken"]);
    expect((await read()).steps).toHaveLength(1);
  });

  it("an answer that is sent twice because its receipt was lost is taken once", async () => {
    const again = () => takeStep(shop.process, { shop: SHOP, actor: ANA, runId, after: 0, step: done("open-incident") });
    expect(await again()).toEqual({ kind: "taken", n: 1 });
    expect(await again()).toEqual({ kind: "taken", n: 1 });
    expect((await read()).run.path).toHaveLength(1);
  });
});

/** A plan of this run that was carried out, or is on its way to it. */
async function restored(planId = "plan-1", to: Partial<RestorePlanRow> = { state: "done", report: "report-1.json", outcome: { restored: 3 } }): Promise<void> {
  const { restorePlans, clock } = shop.process;
  await restorePlans.create({ planId, shop: SHOP, vaultId: "v", target: { kind: "same-shop" }, at: clock.now(), selection: { scope: "everything" }, rule: "ask", extras: "keep", createdBy: "staff:42", createdAt: clock.now(), runId: null, assistantRun: runId });
  await restorePlans.change(SHOP, planId, ["planning"], { decidedBy: "staff:77", decidedAt: clock.now(), startedAt: clock.now(), ...(to.state === "done" ? { finishedAt: clock.now() } : {}), ...to });
}

describe("the restore that a run led to", () => {
  const acts = async () => (await read()).run.acts.map(({ act, by }) => [act, by]);
  const shown = async () => (await showRun(shop.process, { shop: SHOP, actor: ANA, runId }))!.restores.map(({ planId, state, report }) => [planId, state, report]);

  it("is not told by hand, whatever plan somebody names", async () => {
    for (const plan of [undefined, "plan-1"]) expect(await take(shop.process, runId, { what: "recorded", act: "restore", waiver: null, ...(plan === undefined ? {} : { plan }) })).toMatchObject({ kind: "refused", code: "assistant.restore_by_plan" });
    expect(await acts()).toEqual([]);
  });

  it("is shown from its first plan on, and stands as done only with a report", async () => {
    expect(await shown()).toEqual([]);
    await restored("plan-1", { state: "running" });
    await recordRestored(shop.process, { shop: SHOP, runId });
    expect([await shown(), await acts()]).toEqual([[["plan-1", "running", null]], []]);
    await shop.process.restorePlans.change(SHOP, "plan-1", ["running"], { state: "done", finishedAt: shop.process.clock.now() });
    await recordRestored(shop.process, { shop: SHOP, runId });
    expect(await acts()).toEqual([]);
    await shop.process.restorePlans.change(SHOP, "plan-1", ["done"], { report: "report-1.json" });
    for (let n = 0; n < 3; n++) await recordRestored(shop.process, { shop: SHOP, runId });
    expect([await shown(), await acts()]).toEqual([[["plan-1", "done", "report-1.json"]], [["restore", "system"]]]);
    expect(await entries()).toContainEqual(expect.objectContaining({ action: "assistant.recorded", actor: "system", subject: expect.objectContaining({ run: runId, act: "restore" }) as unknown }));
  });

  it("counts each plan once, and none that failed, was refused, or belongs to another run or shop", async () => {
    await restored("failed", { state: "failed", report: "report-1.json" });
    await restored("refused", { state: "refused" });
    await restored("one");
    await restored("two");
    await restored("elsewhere", { state: "done", report: "report-1.json", assistantRun: "another" });
    await recordRestored(shop.process, { shop: SHOP, runId });
    expect(await acts()).toEqual([["restore", "system"], ["restore", "system"]]);
    expect((await read()).steps.map(({ step }) => (step.what === "recorded" ? step.plan : null))).toEqual(["one", "two"]);
  });

  it("adds nothing to a run that has ended", async () => {
    await taken(shop.process, runId, { what: "abandoned" });
    await restored();
    await recordRestored(shop.process, { shop: SHOP, runId });
    expect(await acts()).toEqual([]);
  });
});

describe("the order of steps", () => {
  const failover = { what: "recorded", act: "failover", waiver: null } as const;
  const asks = (reason: string) => ({ what: "waiver-asked", rule: "restore-before-failover", reason }) as const;
  const REASON = "The pharmacy counter cannot wait for the restore to finish";

  it("a failover waits for the restore; recorded after it, nobody asks", async () => {
    expect(await take(shop.process, runId, failover)).toMatchObject({ kind: "refused", code: "assistant.out_of_order", rule: { id: "restore-before-failover", first: "restore" } });
    expect((await read()).steps).toEqual([]);
    expect(await entries()).toContainEqual(expect.objectContaining({ action: "assistant.out_of_order", actor: "staff:42", outcome: "refused", subject: { shop: SHOP, run: runId, act: "failover", rule: "restore-before-failover" } }));
    await restored();
    await recordRestored(shop.process, { shop: SHOP, runId });
    await taken(shop.process, runId, failover, BEN);
    expect((await read()).run.acts.map(({ act, by, waiver }) => [act, by, waiver])).toEqual([["restore", "system", null], ["failover", "staff:77", null]]);
  });

  it("another order takes a written reason and a second person, serves once, and stays visible", async () => {
    await taken(shop.process, runId, asks(REASON));
    expect(await take(shop.process, runId, failover)).toMatchObject({ kind: "refused", code: "assistant.out_of_order" });
    expect(await take(shop.process, runId, asks(REASON))).toMatchObject({ code: "assistant.nothing_to_waive" });
    const own = await take(shop.process, runId, { what: "waiver-decided", asked: 1, approved: true }, ANA);
    expect(["access.same_person", "assistant.own_reason"]).toContain((own as { code: string }).code);
    expect((await read()).steps).toHaveLength(1);
    await taken(shop.process, runId, { what: "waiver-decided", asked: 1, approved: true }, BEN);
    await taken(shop.process, runId, failover, ANA);
    expect((await read()).run).toMatchObject({ acts: [{ act: "failover", waiver: 1 }], waivers: [{ n: 1, reason: REASON, by: "staff:42", decided: { approved: true, by: "staff:77" }, usedBy: 3 }] });
    // It served: the next one needs its own.
    expect(await take(shop.process, runId, failover)).toMatchObject({ code: "assistant.out_of_order" });
    const said = (await entries()).filter(({ action }) => action.startsWith("assistant.waiver") || action === "assistant.recorded");
    expect(said.map(({ action, actor, reason, subject }) => [action, actor, reason, subject["waiver"] ?? subject["askedBy"]])).toEqual([
      ["assistant.waiver_asked", "staff:42", REASON, undefined], ["assistant.waiver_decided", "staff:77", undefined, "staff:42"], ["assistant.recorded", "staff:42", undefined, 1],
    ]);
  });

  it("a reason that is refused, or taken back, opens nothing", async () => {
    for (const who of [BEN, ANA]) {
      const n = (await read()).run.steps + 1;
      await taken(shop.process, runId, asks(REASON));
      await taken(shop.process, runId, { what: "waiver-decided", asked: n, approved: false }, who);
      expect(await take(shop.process, runId, failover)).toMatchObject({ code: "assistant.out_of_order" });
    }
  });

  it("somebody who is no approver may not approve", async () => {
    await shop.process.responseTeam.save(SHOP, [{ actor: "staff:42", label: "A", roles: ["responder", "approver"], changedAt: shop.process.clock.now(), changedBy: "staff:42" }, { actor: "staff:77", label: "B", roles: ["responder"], changedAt: shop.process.clock.now(), changedBy: "staff:42" }]);
    await taken(shop.process, runId, asks(REASON));
    expect(await take(shop.process, runId, { what: "waiver-decided", asked: 1, approved: true }, BEN)).toEqual({ kind: "not-allowed", code: "access.not_an_approver" });
    expect(await entries()).toContainEqual(expect.objectContaining({ action: "request.refused", actor: "staff:77", subject: expect.objectContaining({ asked: "assistant.waive" }) as unknown }));
  });

  it.each([["too short", "reason.too_short"], ["Call the patient's mother at 555 010 0123 before anything", "reason.looks_personal"], ["Write to synthetic.person@example.test about the delay", "reason.looks_personal"], ["As agreed with Ada Synthetic, we switch over right now", "reason.looks_personal"], ["Because of the order gid://shopify/Order/1 that is late", "reason.looks_personal"], ["It cannot wait any longer,\nwe switch over", "reason.not_one_line"], ["Since 2026-03-01 nobody can order anything any more", "reason.looks_personal"]])("a reason like %j is turned back", async (reason, fault) => {
    expect(await take(shop.process, runId, asks(reason))).toMatchObject({ kind: "refused", code: "assistant.bad_reason", fault });
    expect((await read()).steps).toEqual([]);
  });
});

describe("the end", () => {
  it("a run that was abandoned or finished takes nothing more, and keeps what it has", async () => {
    await taken(shop.process, runId, done("open-incident"));
    expect(await take(shop.process, runId, { what: "finished" })).toMatchObject({ code: "assistant.not_decided" });
    await taken(shop.process, runId, { what: "abandoned" }, BEN);
    expect(await take(shop.process, runId, done("holds"))).toMatchObject({ code: "assistant.ended" });
    expect((await read()).row).toMatchObject({ state: "abandoned", steps: 3, lastBy: "staff:77" });
    expect(await assistantOutcome(shop.process, { shop: SHOP, runId })).toBeNull();
    expect((await entries()).at(-1)).toMatchObject({ action: "assistant.ended", actor: "staff:77", subject: { code: "assistant.abandoned" } });
  });

  it("answers that cannot be are refused, and leave no step", async () => {
    expect(await take(shop.process, runId, done("holds"))).toMatchObject({ code: "assistant.moved_on" });
    expect(await take(shop.process, runId, { what: "answered", node: "open-incident", answer: { kind: "choice", id: "yes" } })).toMatchObject({ code: "assistant.bad_answer" });
    expect(await take(shop.process, runId, { what: "answered", node: "open-incident", answer: { kind: "cannot" } })).toMatchObject({ code: "assistant.bad_answer" });
    expect(await takeStep(shop.process, { shop: SHOP, actor: { kind: "staff", id: "1", shop: "other.myshopify.com" }, runId, after: 0, step: done("open-incident") })).toMatchObject({ kind: "not-allowed", code: "access.other_shop" });
    expect(await takeStep(shop.process, { shop: SHOP, actor: ANA, runId: "nowhere", after: 0, step: done("open-incident") })).toMatchObject({ kind: "not-found" });
    expect(await startAssistant(shop.process, { shop: SHOP, actor: ANA, scenario: "earthquake" })).toMatchObject({ kind: "no-such-scenario" });
    expect(await startAssistant(shop.process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, scenario: "ransomware" })).toMatchObject({ kind: "refused" });
    expect((await read()).steps).toEqual([]);
  });
});

it("goes with the shop when all of the shop's data is erased, and not before", async () => {
  const settled = (topic: "shop/redact" | "customers/redact", code: string) => {
    const request = { id: `${topic}-${code}`, shop: SHOP, topic, customerId: null, orderIds: [], receivedAt: shop.process.clock.now(), dueAt: shop.process.clock.now() };
    return shop.process.compliance.add(request).then(() => settleAnswer(shop.process, SHOP, { id: request.id, code, final: true, certificate: null, hold: null } as Parameters<typeof settleAnswer>[2]));
  };
  await settled("customers/redact", "compliance.erased");
  await settled("shop/redact", "compliance.held");
  expect((await read()).row.id).toBe(runId);
  await settled("shop/redact", "compliance.erased");
  expect(await readRun(shop.process.assistantRuns, SHOP, runId)).toBeNull();
});

describe("the file for an auditor", () => {
  const PERSON = "gid://shopify/Customer/4711";

  async function decided(): Promise<void> {
    await taken(shop.process, runId, done("open-incident"));
    for (const [node, outcome] of [["holds", "held"]] as const) await taken(shop.process, runId, { what: "answered", node, answer: { kind: "seen", lookup: await find(shop.process, runId, outcome) } });
    await taken(shop.process, runId, done("evidence"));
    await taken(shop.process, runId, { what: "answered", node: "platform", answer: { kind: "seen", lookup: await find(shop.process, runId, "answers") } });
    await taken(shop.process, runId, { what: "answered", node: "lost", answer: { kind: "choice", id: "yes" } });
    await taken(shop.process, runId, { what: "answered", node: "when", answer: { kind: "moment", at: DAMAGE } });
    await taken(shop.process, runId, { what: "answered", node: "changed", answer: { kind: "seen", lookup: await find(shop.process, runId, "removed") } });
    await taken(shop.process, runId, { what: "answered", node: "scope", answer: { kind: "what", selection: { what: "records", ids: [PERSON] } } });
    await taken(shop.process, runId, { what: "answered", node: "edits", answer: { kind: "choice", id: "unsure" } });
    await taken(shop.process, runId, { what: "answered", node: "snapshot", answer: { kind: "seen", lookup: await find(shop.process, runId, "good", [{ name: "snapshot", value: "0123456789abcdef" }]) } });
    await taken(shop.process, runId, { what: "answered", node: "journal", answer: { kind: "seen", lookup: await find(shop.process, runId, "every-second") } });
    await taken(shop.process, runId, { what: "answered", node: "team", answer: { kind: "seen", lookup: await find(shop.process, runId, "two") } });
  }

  it("names for every step the ledger's entry and its place, and each entry checks against the step", async () => {
    await decided();
    expect(await assistantOutcome(shop.process, { shop: SHOP, runId })).toEqual({
      runId, scenario: "platform-outage", treeVersion: "1.0.1", treeDigest: digestOf(TREES.find(({ id }) => id === "platform-outage")), selection: { scope: "person", ids: [PERSON] },
      at: new Date(Date.parse(DAMAGE) - 1000).toISOString(), snapshotId: "0123456789abcdef", conflicts: "review", extras: null,
    });
    await restored();
    await recordRestored(shop.process, { shop: SHOP, runId });
    await taken(shop.process, runId, { what: "finished" });
    const exported = await exportRun(shop.process, { shop: SHOP, actor: ANA, runId });
    if (exported.kind !== "exported") throw new Error(exported.kind);
    const file = JSON.parse(JSON.stringify(exported.file)) as typeof exported.file;
    const { steps } = await read();
    expect(file.steps).toHaveLength(steps.length);
    expect(file.ledger.entries).toHaveLength(steps.length + 1);
    expect(digestOf(file.tree)).toBe(file.run.treeDigest);
    const ledger = await vaultLedger(shop.process, [...shop.process.hostKeys.keys()][0]!, shop.store);
    const inLog: string[] = [];
    for await (const { leaf } of ledger.leaves(0)) inLog.push(Buffer.from(leaf).toString("hex"));
    for (const [at, { entry, leaf, place }] of file.ledger.entries.entries()) {
      expect(place).not.toBeNull();
      expect(inLog[place!]).toBe(leaf);
      if (at === 0) expect(entry).toMatchObject({ action: "assistant.started", subject: { tree: file.run.treeDigest } });
      else expect([entry.subject["step"], entry.subject["digest"]]).toEqual([at, file.steps[at - 1]!.digest]);
    }
    for (const { step, salt, digest } of file.steps) if (salt !== null) expect(digestOf({ salt, step })).toBe(digest);
    expect(file.ledger.checkpoint).toEqual({ size: inLog.length, root: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
  });

  it("names no record: neither the file, nor the ledger, nor what the process says; and no digest can be guessed", async () => {
    await decided();
    const exported = await exportRun(shop.process, { shop: SHOP, actor: ANA, runId });
    const said = [JSON.stringify(exported), JSON.stringify(await entries()), await shop.process.saidAndKept()].join("\n");
    expect(said).not.toContain("4711");
    expect(JSON.stringify(exported)).toContain('"selection":{"what":"records","count":1}');
    // The one who has the step but not its salt cannot make the digest.
    const kept = (await read()).steps.find(({ step }) => step.what === "answered" && step.answer.kind === "what")!;
    expect(JSON.stringify(exported)).not.toContain(kept.salt);
    expect(digestOfStep(kept)).not.toBe(digestOf(kept.step));
  });

  it("enters what the log lacks: the storage was away when it happened", async () => {
    const stores = new Map(shop.process.byUrl);
    shop.process.byUrl.clear();
    await taken(shop.process, runId, done("open-incident"));
    for (const [url, store] of stores) shop.process.byUrl.set(url, store);
    expect((await entries()).map(({ action }) => action)).toEqual(["assistant.started"]);
    const places = async () => ((await exportRun(shop.process, { shop: SHOP, actor: ANA, runId })) as unknown as { file: { ledger: { entries: { place: number | null }[] } } }).file.ledger.entries.map(({ place }) => place);
    const first = await places();
    expect(first).not.toContain(null);
    expect((await entries()).map(({ action, actor }) => [action, actor])).toEqual([["assistant.started", "staff:42"], ["assistant.answered", "staff:42"], ["assistant.looked_up", "staff:42"]]);
    // Once is enough.
    expect(await places()).toEqual(first);
  });

  it("says so when the storage is away: the run can be read, and no place is claimed", async () => {
    await taken(shop.process, runId, done("open-incident"));
    shop.process.byUrl.clear();
    const exported = await exportRun(shop.process, { shop: SHOP, actor: ANA, runId });
    expect(exported).toMatchObject({ kind: "exported", file: { ledger: { checkpoint: null, entries: [{ place: null }, { place: null }, { place: null }] } } });
    expect(await exportRun(shop.process, { shop: "other.myshopify.com", actor: ANA, runId })).toEqual({ kind: "not-found" });
  });
});
