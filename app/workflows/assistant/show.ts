/** A run as its page shows it: what is asked now, what was said so far and by whom, what was done in which order, and what one can choose from. */
import { actorName, type Actor } from "#app/access/index.ts";
import { codeOfAnswer, nodeOf, ORDER_RULES, outcomeOf, stepsToEnd, type Act, type Answer, type Facts, type Outcome, type RunState, type RunStep, type Source, type Tree, type TreeNode } from "#app/response/index.ts";
import type { AssistantState, Ports, RestorePlanRow } from "../ports.ts";
import { readRun } from "./read-run.ts";
import { restoresOf } from "./restores.ts";

export interface ShownStep {
  readonly n: number;
  readonly at: string;
  readonly by: string;
  readonly what: RunStep["what"];
  /** answered, looked-up: the question, and the answer in the tree's words. */
  readonly asked: string | null;
  readonly said: string | null;
  readonly answer: Answer | null;
  readonly facts: Facts;
  readonly act: Act | null;
  /** waiver-asked. */
  readonly reason: string | null;
  readonly approved: boolean | null;
  /** The order that was set aside, by the step that asked for it. */
  readonly waiver: number | null;
  /** recorded: the emergency snapshot that was taken. */
  readonly snapshot: string | null;
  /** It was taken back later. */
  readonly corrected: boolean;
  /** It stands on the way, so one can go back to it. */
  readonly onTheWay: boolean;
}

export interface ShownRun {
  readonly now: Date;
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly digest: string;
  readonly sources: readonly Source[];
  readonly state: AssistantState;
  readonly startedAt: Date;
  readonly startedBy: string;
  /** What the person has seen when they answer. */
  readonly steps: number;
  readonly me: string;
  readonly node: TreeNode;
  /** What the present check found: its outcome in words, and on what that rests. */
  readonly lookup: { readonly n: number; readonly at: string; readonly outcome: string; readonly say: string; readonly facts: Facts } | null;
  /** The answer that was given here before somebody went back. */
  readonly before: Answer | null;
  readonly progress: { readonly done: number; readonly least: number; readonly most: number };
  readonly shown: readonly ShownStep[];
  /** Recorded and standing. */
  readonly acts: readonly Act[];
  /** Rules of order that are in the way of something now, and how a reason for setting each aside stands. */
  readonly orders: readonly { readonly rule: string; readonly then: Act; readonly says: string; readonly sources: readonly Source[]; readonly waiver: { readonly n: number; readonly by: string; readonly at: string; readonly reason: string; readonly approved: boolean | null } | null }[];
  readonly outcome: { readonly outcome: Outcome; readonly plan: boolean; readonly at: string | null } | null;
  /** Labels of the response team, by actor. */
  readonly people: Readonly<Record<string, string>>;
  /** Kinds of root records, and namespaces, that the last snapshot found. */
  readonly kinds: readonly string[];
  readonly namespaces: readonly string[];
  /** Plans that were made from this run, oldest first. */
  readonly restores: readonly Pick<RestorePlanRow, "planId" | "state" | "createdAt" | "decidedAt" | "startedAt" | "finishedAt" | "report" | "outcome">[];
}

export async function showRun(ports: Required<Pick<Ports, "assistantRuns">> & Pick<Ports, "clock" | "responseTeam" | "inventory" | "capture" | "restorePlans">, { shop, actor, runId }: { readonly shop: string; readonly actor: Actor; readonly runId: string }): Promise<ShownRun | null> {
  const read = await readRun(ports.assistantRuns, shop, runId);
  if (read === null) return null;
  const { row, frozen: { tree, digest }, run, steps } = read;
  const asksWhat = run.current.kind === "what";
  const [restores, team, inventory] = await Promise.all([restoresOf(ports, { shop, runId }), ports.responseTeam?.list(shop) ?? [], asksWhat ? (ports.inventory?.list(shop) ?? []) : []]);
  const all = steps.map(({ step }) => step);
  const outcome = outcomeOf(run);
  return {
    now: ports.clock.now(), id: row.id, title: tree.title, version: tree.version, digest, sources: tree.sources, state: run.state, startedAt: row.startedAt, startedBy: row.startedBy, steps: run.steps, me: actorName(actor),
    node: run.current,
    lookup: lookupOf(run),
    before: [...all].reverse().flatMap((step) => (step.what === "answered" && step.node === run.current.id && run.corrected.has(step.n) ? [step.answer] : []))[0] ?? null,
    progress: { done: run.path.length, ...stepsToEnd(tree, run.current.id) },
    shown: all.map((step) => shownStep(tree, run, all, step)),
    acts: run.acts.filter(({ corrected }) => !corrected).map(({ act }) => act),
    orders: ordersOf(run),
    outcome: outcome === null ? null : { outcome: outcome.outcome, plan: outcome.plan !== null, at: outcome.plan?.at ?? null },
    people: Object.fromEntries(team.map(({ actor: name, label }) => [name, label])),
    kinds: rootKinds(ports, inventory.map(({ kind }) => kind)),
    namespaces: [...new Set(inventory.map(({ namespace }) => namespace).filter((name) => name !== ""))].sort(),
    restores: restores.map(({ planId, state, createdAt, decidedAt, startedAt, finishedAt, report, outcome: came }) => ({ planId, state, createdAt, decidedAt, startedAt, finishedAt, report, outcome: came })),
  };
}

/** Where the catalogue of roots is known, only those; otherwise what everybody has. */
function rootKinds({ capture }: Pick<Ports, "capture">, there: readonly string[]): readonly string[] {
  const roots = new Set(capture?.captureCatalogue.kinds.map(({ kind }) => kind) ?? ["Customer", "Order", "Metaobject", "DraftOrder"]);
  const found = [...new Set(there)].filter((kind) => roots.has(kind)).sort();
  return found.length > 0 ? found : ["Customer", "Order"];
}

function lookupOf({ lookup, current }: RunState): ShownRun["lookup"] {
  if (lookup === null || current.kind !== "check") return null;
  return { n: lookup.n, at: lookup.at, outcome: lookup.outcome, say: current.outcomes.find(({ id }) => id === lookup.outcome)?.say ?? "", facts: lookup.facts };
}

function ordersOf(run: RunState): ShownRun["orders"] {
  const done = new Set(run.acts.filter(({ corrected }) => !corrected).map(({ act }) => act));
  return ORDER_RULES.filter(({ first }) => !done.has(first)).map(({ id, then, says, sources }) => {
    const waiver = run.waivers.findLast((one) => one.rule === id && one.usedBy === null && one.decided?.approved !== false) ?? null;
    return { rule: id, then, says, sources, waiver: waiver === null ? null : { n: waiver.n, by: waiver.by, at: waiver.at, reason: waiver.reason, approved: waiver.decided?.approved ?? null } };
  });
}

function shownStep(tree: Tree, run: RunState, all: readonly RunStep[], step: RunStep): ShownStep {
  const { n, at, by, what } = step;
  const base = { n, at, by, what, asked: null, said: null, answer: null, facts: [], act: null, reason: null, approved: null, waiver: null, snapshot: null, corrected: run.corrected.has(n), onTheWay: run.path.some((one) => one.n === n) } satisfies ShownStep;
  switch (step.what) {
    case "answered": {
      const node = nodeOf(tree, step.node)!;
      const { answer } = step;
      const lookup = answer.kind === "seen" ? all.find((one) => one.n === answer.lookup) : undefined;
      const found = lookup?.what === "looked-up" ? lookup : null;
      const act = node.kind === "instruction" && answer.kind === "done" ? (node.act ?? null) : null;
      return { ...base, asked: questionOf(node), said: saidOf(node, codeOfAnswer(answer, found as never)), answer, facts: found?.facts ?? [], act, waiver: answer.kind === "done" ? (answer.waiver ?? null) : null };
    }
    case "looked-up": {
      const node = nodeOf(tree, step.node)!;
      return { ...base, asked: questionOf(node), said: saidOf(node, step.outcome), facts: step.facts };
    }
    case "recorded":
      return { ...base, act: step.act, waiver: step.waiver, snapshot: step.snapshot ?? null };
    case "waiver-asked":
      return { ...base, reason: step.reason };
    case "waiver-decided":
      return { ...base, approved: step.approved, waiver: step.asked };
    case "went-back":
      return { ...base, asked: questionOf(nodeOf(tree, (all.find((one) => one.n === step.to) as { node: string }).node)!) };
    default:
      return base;
  }
}

function questionOf(node: TreeNode): string {
  return "ask" in node ? node.ask : node.say;
}

/** Null: the answer is a moment or a selection, which has words of its own. */
function saidOf(node: TreeNode, code: string | null): string | null {
  switch (node.kind) {
    case "question":
      return node.answers.find(({ id }) => id === code)?.say ?? null;
    case "check":
      return node.outcomes.find(({ id }) => id === code)?.say ?? null;
    case "instruction":
      return code === "done" ? node.done.say : (node.cannot?.say ?? null);
    case "moment":
      return code === "unknown" ? node.unknown.say : null;
    default:
      return null;
  }
}
