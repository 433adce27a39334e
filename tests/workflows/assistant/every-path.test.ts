/** Every tree is walked to every end, generated from its data: by the rules alone on every way there is, and as runs that are kept, on ways that together take every answer. */
import { describe, expect, test } from "@jest/globals";
import { accept, codeOfAnswer, coveringPaths, nodeOf, outcomeOf, pathsOf, replay, TREES, treeOf, waysOf, type Path, type RunStep, type Tree } from "#app/response/index.ts";
import { assistantOutcome, readRun, startAssistant } from "#app/workflows/assistant/index.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { SHOP } from "../support/linked-shop.ts";
import { ANA, answerOf, CHOSEN, DAMAGE, walk } from "./kit.ts";

/** As few ways as take every answer of every node and reach every end. */
function few(tree: Tree): Path[] {
  const taken = new Set<string>();
  const chosen: Path[] = [];
  for (const path of coveringPaths(tree)) {
    const names = path.map(({ node, answer }) => `${node} ${answer ?? ""}`);
    if (names.every((name) => taken.has(name))) continue;
    for (const name of names) taken.add(name);
    chosen.push(path);
  }
  expect([...taken].sort()).toEqual(tree.nodes.flatMap((node) => (node.kind === "end" ? [`${node.id} `] : waysOf(node).map(({ answer }) => `${node.id} ${answer}`))).sort());
  return chosen;
}

/** The rules alone. */
function walkPure(tree: Tree, path: Path): RunStep[] {
  const steps: RunStep[] = [];
  const at = "2026-03-01T12:00:00.000Z";
  const push = (step: Parameters<typeof accept>[1]): void => {
    const accepted = accept(replay(tree, steps), step, { by: "staff:42", now: at });
    if (accepted.kind !== "accepted") throw new Error(`${tree.id}: ${JSON.stringify(step)} is refused: ${accepted.code}`);
    steps.push({ ...accepted.step, n: steps.length + 1, at, by: "staff:42" } as RunStep);
  };
  for (const { node: id, answer } of path) {
    const node = nodeOf(tree, id)!;
    if (answer === null) break;
    if (node.kind === "check") push({ what: "looked-up", node: id, check: node.check, outcome: answer, facts: [] });
    push({ what: "answered", node: id, answer: answerOf(node, answer, steps.length) });
  }
  return steps;
}

/** A shop without a vault: what is looked up is not known, and costs no keys to be made. */
function bareProcess(): FakeProcess {
  const process = new FakeProcess();
  return Object.assign(process, { scratch: { open: () => Promise.resolve({ directory: "/nowhere", remove: () => Promise.resolve() }) } });
}

describe.each(TREES.map((tree) => [tree.id, tree] as const))("%s", (scenario, tree) => {
  test("every way there is ends as the data says, with every answer in its place", () => {
    let ways = 0;
    const ends = new Set<string>();
    for (const path of pathsOf(tree)) {
      ways++;
      const run = replay(tree, walkPure(tree, path));
      expect(run.state).toBe("decided");
      expect(run.current.id).toBe(path.at(-1)!.node);
      ends.add(run.current.id);
      expect(run.path.map(({ node }) => node)).toEqual(path.slice(0, -1).map(({ node }) => node));
      const outcome = outcomeOf(run)!;
      expect(outcome.outcome).toBe(run.current.kind === "end" ? run.current.outcome : null);
      if (outcome.outcome === "restore-plan") expect(outcome.plan?.selection).toBeDefined();
      else expect(outcome.plan).toBeNull();
    }
    expect(ways).toBeGreaterThanOrEqual(60);
    expect([...ends].sort()).toEqual(tree.nodes.filter(({ kind }) => kind === "end").map(({ id }) => id).sort());
  }, 60_000);

  test("as runs that are kept: every answer, actor and time is stored, and the tree with them", async () => {
    const process = bareProcess();
    let runs = 0;
    for (const path of few(tree)) {
      const started = await startAssistant(process, { shop: SHOP, actor: ANA, scenario });
      if (started.kind !== "started") throw new Error(started.kind);
      runs++;
      await walk(process, started.runId, tree, path);
      const read = (await readRun(process.assistantRuns, SHOP, started.runId))!;
      expect(read.row).toMatchObject({ state: "decided", scenario, treeVersion: tree.version, treeDigest: treeOf(scenario)!.digest, startedBy: "staff:42" });
      expect(read.frozen.tree).toEqual(tree);
      const kept = read.run.path.map(({ node, answer, by, at }) => ({ node, answer: codeOfAnswer(answer, read.steps.map(({ step }) => step).find((step) => step.what === "looked-up" && answer.kind === "seen" && step.n === answer.lookup) as never), by, at }));
      expect(kept.map(({ node, answer }) => ({ node, answer }))).toEqual(path.slice(0, -1));
      for (const { by, at } of kept) expect([by, at]).toEqual(["staff:42", expect.stringMatching(/^\d{4}-.*Z$/)]);
      expect(kept.map(({ at }) => at)).toEqual([...kept.map(({ at }) => at)].sort());
      const outcome = await assistantOutcome(process, { shop: SHOP, runId: started.runId });
      const end = nodeOf(tree, path.at(-1)!.node)!;
      if (end.kind !== "end" || end.outcome !== "restore-plan") expect(outcome).toBeNull();
      else {
        const asked = nodeOf(tree, "scope")!;
        expect(outcome).toMatchObject({ scenario, selection: asked.kind === "what" && asked.offers.includes("kinds") ? { scope: "kinds", kinds: (CHOSEN as { kinds: string[] }).kinds } : { scope: "person", ids: ["gid://shopify/Customer/7"] } });
        const momentGiven = path.some(({ answer }) => answer === "given");
        expect(outcome!.at).toBe(momentGiven ? new Date(Date.parse(DAMAGE) - 1000).toISOString() : null);
      }
    }
    expect(runs).toBeGreaterThanOrEqual(8);
    expect(process.leftovers()).toEqual([]);
  }, 60_000);
});
