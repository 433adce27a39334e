/** The eight trees: whole, finite, in order, sourced, and in plain words; and a linter that sees when one is not. */
import { describe, expect, test } from "@jest/globals";
import { coveringPaths, digestOf, freeze, lintTree, nodeOf, pathsOf, stepsToEnd, TREES, treeOf, waysOf, type LintCode, type Tree, type TreeNode } from "#app/response/index.ts";

test("there are eight scenarios, each under its own id and in its own words", () => {
  expect(TREES.map(({ id }) => id)).toEqual(["app-overwrite", "staff-deletion", "ransomware", "key-compromise", "platform-outage", "extraction-gap", "erroneous-redaction", "broken-extraction"]);
  expect(new Set(TREES.map(({ title }) => title)).size).toBe(8);
});

describe.each(TREES.map((tree) => [tree.id, tree] as const))("%s", (id, tree) => {
  test("has the form of a tree, and is called by its contents", () => {
    const frozen = treeOf(id)!;
    expect(frozen.tree).toEqual(tree);
    expect(frozen.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(freeze(JSON.parse(JSON.stringify(tree)), frozen.digest).digest).toBe(frozen.digest);
  });
  test("the linter finds nothing", () => expect(lintTree(tree)).toEqual([]));
  test("every way ends, and together they take every answer of every node", () => {
    const taken = new Set<string>();
    for (const path of coveringPaths(tree)) {
      expect(nodeOf(tree, path.at(-1)!.node)?.kind).toBe("end");
      for (const { node, answer } of path) taken.add(`${node} ${answer ?? ""}`);
    }
    const all = tree.nodes.flatMap((node) => (node.kind === "end" ? [`${node.id} `] : waysOf(node).map(({ answer }) => `${node.id} ${answer}`)));
    expect([...taken].sort()).toEqual(all.sort());
  });
  test("an incident is opened first, and what the app cannot do says how to do it by hand", () => {
    expect(tree.start).toBe("open-incident");
    for (const node of tree.nodes) if ((node.kind === "instruction" || node.kind === "end") && !node.built) expect(node.how.join(" ")).toMatch(/by hand|your own|this app does not/i);
  });
  test("takes at most 25 answers at night", () => expect(stepsToEnd(tree, tree.start).most).toBeLessThanOrEqual(25));
});

test("trees that lead to a restore end in one plan each; the key's tree ends in keys, not in records", () => {
  const plans = (tree: Tree) => tree.nodes.filter((node) => node.kind === "end" && node.outcome === "restore-plan").length;
  expect(TREES.map((tree) => [tree.id, plans(tree)])).toEqual(TREES.map(({ id }) => [id, id === "key-compromise" ? 0 : 1]));
  for (const outcome of ["restore-plan", "hold-snapshots", "rotate-keys", "verify", "open-incident", "notify", "stop"]) expect(TREES.some((tree) => tree.nodes.some((node) => node.kind === "end" && node.outcome === outcome))).toBe(true);
});

test("the digest does not mind how members are ordered, and minds every word", () => {
  const tree = TREES[0]!;
  const reversed = Object.fromEntries(Object.entries(tree).reverse());
  expect(digestOf(reversed)).toBe(digestOf(tree));
  expect(digestOf({ ...tree, title: `${tree.title}.` })).not.toBe(digestOf(tree));
  expect(() => freeze({ ...tree, title: "Another title" }, digestOf(tree))).toThrow(expect.objectContaining({ code: "response.bad_tree" }) as unknown as Error);
  expect(() => freeze({ ...tree, start: 7 })).toThrow(expect.objectContaining({ code: "response.bad_tree" }) as unknown as Error);
});

describe("the linter", () => {
  const end = (o: Partial<Extract<TreeNode, { kind: "end" }>> = {}): TreeNode => ({ kind: "end", id: "end", who: "anyone", outcome: "stop", say: "Stop here.", how: ["Go home."], built: true, ...o });
  const ask = (o: Partial<Extract<TreeNode, { kind: "question" }>> = {}): TreeNode => ({ kind: "question", id: "ask", who: "anyone", ask: "Is it on?", answers: [{ id: "yes", say: "Yes", next: "end" }, { id: "no", say: "No", next: "end" }], ...o });
  const act = (id: string, act: "restore" | "failover", next: string): TreeNode => ({ kind: "instruction", id, who: "anyone", act, built: true, say: "Do it.", how: ["So."], done: { say: "Done", next } });
  const tree = (nodes: readonly TreeNode[], o: Partial<Tree> = {}): Tree => ({
    id: "one", version: "1.0.0", title: "One", when: "When it is so.", start: nodes[0]!.id, nodes: [...nodes],
    sources: [{ cite: "45 CFR 164.308(a)(7)", says: "So.", status: "in_force" }, { cite: "NIST SP 800-34", says: "So.", status: "guidance" }], ...o,
  });
  const found = (one: Tree): [LintCode, string | null][] => lintTree(one).map(({ code, node }) => [code, node]);
  const check = (outcomes: readonly string[]): TreeNode => ({ kind: "check", id: "look", who: "anyone", check: "storage", say: "How is it?", outcomes: outcomes.map((id) => ({ id, say: "So", next: "end" })) });

  test("is content with a small tree that is in order", () => expect(lintTree(tree([ask(), end()]))).toEqual([]));
  test.each<[string, Tree, LintCode, string | null]>([
    ["an unknown next node", tree([ask({ answers: [{ id: "yes", say: "Yes", next: "nowhere" }, { id: "no", say: "No", next: "end" }] }), end()]), "next.unknown", "ask"],
    ["two nodes of one id", tree([ask(), end(), end()]), "id.twice", "end"],
    ["two answers of one id", tree([ask({ answers: [{ id: "yes", say: "Yes", next: "end" }, { id: "yes", say: "No", next: "end" }] }), end()]), "id.twice", "ask"],
    ["a node that nothing leads to", tree([ask(), end(), end({ id: "lonely" })]), "node.unreachable", "lonely"],
    ["a circle that is not marked", tree([ask({ answers: [{ id: "yes", say: "Yes", next: "ask" }, { id: "no", say: "No", next: "end" }] }), end()]), "cycle.unmarked", "ask"],
    ["a way back that leads onward", tree([ask({ answers: [{ id: "yes", say: "Yes", next: "end", again: true }, { id: "no", say: "No", next: "end" }] }), end()]), "again.needless", "ask"],
    ["a node from which no end is reached", tree([ask({ answers: [{ id: "yes", say: "Yes", next: "ask", again: true }, { id: "no", say: "No", next: "ask", again: true }] })]), "node.endless", "ask"],
    ["an outcome that is not handled", tree([check(["sound", "damaged"]), end()]), "check.outcomes", "look"],
    ["an outcome that there is not", tree([check(["sound", "damaged", "unknown", "splendid"]), end()]), "check.outcomes", "look"],
    ["a restore without a plan", tree([ask(), end({ outcome: "restore-plan" })]), "plan.missing", "end"],
    ["a plan without a restore", tree([ask(), end({ plan: { to: "newest-good" } })]), "plan.needless", "end"],
    ["a plan of what nobody was asked", tree([ask(), end({ outcome: "restore-plan", plan: { to: "before-damage" } })]), "plan.unasked", "end"],
    ["a failover before the restore", tree([act("switch", "failover", "restore"), act("restore", "restore", "end"), end()]), "order.failover", "switch"],
    ["a figure without its source", tree([ask({ help: "You have 60 days." }), end()]), "figure.unsourced", "ask"],
    ["a source of a figure that is not said", tree([ask({ figures: [{ value: "60 days", status: "in_force", cite: "164.404" }] }), end()]), "figure.unsaid", "ask"],
    ["no rule in force", tree([ask(), end()], { sources: [{ cite: "NIST SP 800-34", says: "So.", status: "guidance" }] }), "law.unnamed", null],
    ["no page of NIST", tree([ask(), end()], { sources: [{ cite: "45 CFR 164.308", says: "So.", status: "in_force" }] }), "guidance.unnamed", null],
    ["a sentence nobody reads", tree([ask({ help: `${"so ".repeat(29)}on.` }), end()]), "words.long", "ask"],
    ["words of engineers", tree([ask({ help: "Rotate the KEK." }), end()]), "words.jargon", "ask"],
    ["a question that asks nothing", tree([ask({ ask: "It is on." }), end()]), "words.mark", "ask"],
  ])("finds %s", (_, one, code, node) => expect(found(one)).toContainEqual([code, node]));

  test("lets a failover follow the restore", () => expect(lintTree(tree([act("restore", "restore", "switch"), act("switch", "failover", "end"), end()]))).toEqual([]));
  test("a marked way back is no circle, and is walked once", () => {
    const one = tree([ask({ answers: [{ id: "yes", say: "Yes", next: "end" }, { id: "no", say: "No", next: "ask", again: true }] }), end()]);
    expect(lintTree(one)).toEqual([]);
    expect([...pathsOf(one)].map((path) => path.map(({ node, answer }) => answer ?? node))).toEqual([["yes", "end"], ["no", "yes", "end"]]);
  });
});
