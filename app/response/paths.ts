/**
 * Every way through a tree, from its data: for the linter, for tests, and to say how far it is to the end. Two answers that lead to the same next thing make
 * one way, and take turns in it; a way that leads back on purpose is taken once.
 */
import { nodeOf, waysOf, type Tree, type TreeNode } from "./tree.ts";

export interface PathStep {
  readonly node: string;
  /** The code of the answer (tree.ts, waysOf); null at the end. */
  readonly answer: string | null;
}
export type Path = readonly PathStep[];

/** Depth first, in the order of the data: the memory it takes is that of one path. */
export function* pathsOf(tree: Tree): Generator<Path> {
  const turns = new Map<string, number>();
  yield* from(tree, turns, tree.start, [], new Set());
}

interface Edge {
  readonly next: string;
  readonly again: boolean;
  readonly answers: readonly string[];
}

function edgesOf(node: TreeNode): Edge[] {
  const edges: { next: string; again: boolean; answers: string[] }[] = [];
  for (const { answer, next, again } of waysOf(node)) {
    const there = edges.find((edge) => edge.next === next && edge.again === again);
    if (there === undefined) edges.push({ next, again, answers: [answer] });
    else there.answers.push(answer);
  }
  return edges;
}

function* from(tree: Tree, turns: Map<string, number>, id: string, before: readonly PathStep[], taken: ReadonlySet<string>): Generator<Path> {
  const node = nodeOf(tree, id);
  if (node === null) return;
  const edges = edgesOf(node);
  if (edges.length === 0) yield [...before, { node: id, answer: null }];
  for (const { next, again, answers } of edges) {
    const name = `${id} ${next}`;
    if (again && taken.has(name)) continue;
    const turn = turns.get(name) ?? 0;
    turns.set(name, turn + 1);
    yield* from(tree, turns, next, [...before, { node: id, answer: answers[turn % answers.length]! }], again ? new Set([...taken, name]) : taken);
  }
}

/** The same, and besides for every answer that no way has taken the first way that could have. */
export function coveringPaths(tree: Tree): Path[] {
  const paths = [...pathsOf(tree)];
  const taken = new Set(paths.flatMap((path) => path.map(nameOf)));
  for (const node of tree.nodes) {
    for (const { next, answers } of edgesOf(node)) {
      for (const answer of answers) {
        if (taken.has(`${node.id} ${answer}`)) continue;
        const like = paths.find((path) => path.some((step, at) => step.node === node.id && path[at + 1]?.node === next));
        if (like !== undefined) paths.push(like.map((step) => (step.node === node.id && answers.includes(step.answer ?? "") ? { ...step, answer } : step)));
        taken.add(`${node.id} ${answer}`);
      }
    }
  }
  return paths;
}

function nameOf({ node, answer }: PathStep): string {
  return `${node} ${answer ?? ""}`;
}

/** How many answers it takes from a node to an end, at the least and at the most, going back aside. */
export function stepsToEnd(tree: Tree, id: string): { readonly least: number; readonly most: number } {
  const known = new Map<string, { least: number; most: number }>();
  const look = (at: string): { least: number; most: number } => {
    const there = known.get(at);
    if (there !== undefined) return there;
    const node = nodeOf(tree, at);
    const ahead = node === null ? [] : waysOf(node).filter(({ again }) => !again).map(({ next }) => look(next));
    const steps = ahead.length === 0 ? { least: 0, most: 0 } : { least: 1 + Math.min(...ahead.map(({ least }) => least)), most: 1 + Math.max(...ahead.map(({ most }) => most)) };
    known.set(at, steps);
    return steps;
  };
  return look(id);
}
