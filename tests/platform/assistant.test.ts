/** Runs of the assistant: the database and the fake behave alike, and of two steps of one number there is one. */
import { describe, expect, test } from "@jest/globals";
import { freeze, treeOf, type RunStep } from "#app/response/index.ts";
import { assistantRuns } from "#app/platform/records/assistant.ts";
import type { AssistantRuns } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { FakeAssistantRuns } from "#tests/support/fakes-assistant.ts";

const database = useDatabase();
const clock = new FixedClock();
const at = (minutes: number) => new Date(clock.now().getTime() + minutes * 60_000);
const { tree, digest } = treeOf("ransomware")!;
const SHOP = "one.myshopify.com";
const run = (id: string, minutes = 0) => ({ id, shop: SHOP, scenario: "ransomware", treeVersion: tree.version, treeDigest: digest, tree, startedBy: "staff:1", startedAt: at(minutes) });
const answered = (n: number, by = "staff:1"): RunStep => ({ n, at: at(n).toISOString(), by, what: "answered", node: "open-incident", answer: { kind: "done" } });
const salt = "ab".repeat(16);

describe.each<[string, () => AssistantRuns]>([["the database", () => assistantRuns(database().prisma)], ["the fake", () => new FakeAssistantRuns()]])("%s", (_, open) => {
  test("gives back the tree as it was, every step as it was, and where the run stands", async () => {
    const runs = open();
    await runs.create(run("a1"));
    await runs.create(run("a2", 1));
    expect(await runs.append(SHOP, "a1", { step: answered(1), salt }, "open")).toBe(true);
    const second: RunStep = { n: 2, at: at(2).toISOString(), by: "staff:2", what: "looked-up", node: "holds", check: "holds", outcome: "held", facts: [{ name: "holds", value: 2 }, { name: "taken", value: true }] };
    expect(await runs.append(SHOP, "a1", { step: second, salt: "cd".repeat(16) }, "open")).toBe(true);
    expect(await runs.append(SHOP, "a1", { step: { n: 3, at: at(3).toISOString(), by: "staff:2", what: "abandoned" }, salt }, "abandoned")).toBe(true);
    expect(await runs.steps(SHOP, "a1")).toEqual([{ step: answered(1), salt }, { step: second, salt: "cd".repeat(16) }, { step: { n: 3, at: at(3).toISOString(), by: "staff:2", what: "abandoned" }, salt }]);
    const row = (await runs.get(SHOP, "a1"))!;
    expect(row).toMatchObject({ state: "abandoned", steps: 3, lastBy: "staff:2", lastAt: at(3), endedAt: at(3), startedAt: at(0) });
    // A database keeps members in an order of its own; the digest does not mind.
    expect(freeze(row.tree, row.treeDigest).tree).toEqual(tree);
    expect((await runs.list(SHOP, 10)).map(({ id, state, steps }) => [id, state, steps])).toEqual([["a2", "open", 0], ["a1", "abandoned", 3]]);
    expect((await runs.list(SHOP, 1)).map(({ id }) => id)).toEqual(["a2"]);
    expect((await runs.list(SHOP, 1))[0]).not.toHaveProperty("tree");
    await runs.forget(SHOP);
  });

  test("takes one step of a number, whoever comes second, and changes nothing for the other", async () => {
    const runs = open();
    await runs.create(run("b1"));
    const both = await Promise.all(["staff:1", "staff:2"].map((by) => runs.append(SHOP, "b1", { step: answered(1, by), salt }, "open")));
    expect(both.sort()).toEqual([false, true]);
    expect(await runs.steps(SHOP, "b1")).toHaveLength(1);
    const { lastBy } = (await runs.get(SHOP, "b1"))!;
    expect((await runs.steps(SHOP, "b1"))[0]!.step.by).toBe(lastBy);
    await runs.forget(SHOP);
  });

  test("keeps shops apart, and forgets one wholly", async () => {
    const runs = open();
    const other = "other.myshopify.com";
    await runs.create(run("c1"));
    await runs.create({ ...run("c2"), shop: other });
    await runs.append(SHOP, "c1", { step: answered(1), salt }, "open");
    expect(await runs.get(other, "c1")).toBeNull();
    expect(await runs.steps(other, "c1")).toEqual([]);
    await expect(runs.append(other, "c1", { step: answered(2), salt }, "open")).rejects.toThrow();
    expect(await runs.steps(SHOP, "c1")).toHaveLength(1);
    await runs.forget(SHOP);
    expect(await runs.get(SHOP, "c1")).toBeNull();
    expect(await runs.get(other, "c2")).not.toBeNull();
    await runs.forget(other);
  });
});
