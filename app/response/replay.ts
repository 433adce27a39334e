/** From a tree and the steps of a run to where the run stands. Pure: the same steps give the same state on every device. */
import { ResponseError } from "./errors.ts";
import type { Answer, RunStep, Selection } from "./run.ts";
import { nodeOf, waysOf, type Act, type RestoreHints, type Tree, type TreeNode } from "./tree.ts";

type StepOf<W extends RunStep["what"]> = Extract<RunStep, { readonly what: W }>;
export type Answered = StepOf<"answered">;
export type LookedUp = StepOf<"looked-up">;

export interface Waiver {
  /** The step that asked. */
  readonly n: number;
  readonly rule: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly decided: { readonly approved: boolean; readonly by: string; readonly at: string } | null;
  /** The step that made use of it. */
  readonly usedBy: number | null;
}

/** Something that was done, in the order of the clock. */
export interface TimelineAct {
  readonly act: Act;
  readonly n: number;
  readonly at: string;
  readonly by: string;
  readonly waiver: number | null;
  /** Taken back by going back beyond it. */
  readonly corrected: boolean;
}

export interface RunState {
  /** decided: the tree has been walked to an end; what is done after that may still be recorded. */
  readonly state: "open" | "decided" | "finished" | "abandoned";
  /** Answers that stand, in order. */
  readonly path: readonly Answered[];
  /** Numbers of steps whose answers do not stand any more. */
  readonly corrected: ReadonlySet<number>;
  /** What is asked now; the end that was reached. */
  readonly current: TreeNode;
  /** What was looked up for the current check. */
  readonly lookup: LookedUp | null;
  readonly acts: readonly TimelineAct[];
  readonly waivers: readonly Waiver[];
  /** Of answers that stand. */
  readonly hints: RestoreHints;
  /** When the damage began, as far as anyone knows. */
  readonly moment: string | null;
  readonly selection: Selection | null;
  /** What the last look-ups on the way found, by check. */
  readonly found: ReadonlyMap<string, LookedUp>;
  readonly steps: number;
}

/** The code under which an answer leads on (tree.ts, waysOf). */
export function codeOfAnswer(answer: Answer, lookup: LookedUp | null): string | null {
  switch (answer.kind) {
    case "choice":
      return answer.id;
    case "moment":
      return answer.at === null ? "unknown" : "given";
    case "what":
      return "chosen";
    case "seen":
      return lookup?.n === answer.lookup ? lookup.outcome : null;
    default:
      return answer.kind;
  }
}

/** Throws ResponseError response.bad_run for steps that cannot have happened. */
export function replay(tree: Tree, steps: readonly RunStep[]): RunState {
  const state = new Replay(tree);
  for (const step of steps) state.take(step);
  return state.done();
}

class Replay {
  readonly #tree: Tree;
  #current: TreeNode;
  #ended: "finished" | "abandoned" | null = null;
  #steps = 0;
  #path: Answered[] = [];
  #lookup: LookedUp | null = null;
  readonly #looked = new Map<number, LookedUp>();
  readonly #corrected = new Set<number>();
  readonly #acts: { act: Act; n: number; at: string; by: string; waiver: number | null }[] = [];
  readonly #waivers: Waiver[] = [];

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#current = this.#node(tree.start);
  }

  take(step: RunStep): void {
    if (step.n !== this.#steps + 1) throw bad(`step ${step.n} follows step ${this.#steps}`);
    this.#steps = step.n;
    switch (step.what) {
      case "answered":
        return this.#answer(step);
      case "looked-up":
        if (this.#current.kind !== "check" || this.#current.id !== step.node || this.#current.check !== step.check) throw bad(`step ${step.n} looks up what is not asked`);
        this.#lookup = step;
        this.#looked.set(step.n, step);
        return;
      case "went-back":
        return this.#goBack(step.to);
      case "recorded":
        this.#use(step.waiver, step.n);
        this.#acts.push(step);
        return;
      case "waiver-asked":
        this.#waivers.push({ ...step, decided: null, usedBy: null });
        return;
      case "waiver-decided": {
        const at = this.#waivers.findIndex((waiver) => waiver.n === step.asked && waiver.decided === null);
        if (at === -1) throw bad(`step ${step.n} decides what nobody asked`);
        this.#waivers[at] = { ...this.#waivers[at]!, decided: { approved: step.approved, by: step.by, at: step.at } };
        return;
      }
      case "finished":
      case "abandoned":
        this.#ended = step.what;
        return;
      default:
        step satisfies never;
    }
  }

  done(): RunState {
    const path = this.#path;
    const found = new Map(path.flatMap(({ answer }) => (answer.kind === "seen" ? [this.#looked.get(answer.lookup)!] : [])).map((step) => [step.check, step]));
    return {
      state: this.#ended ?? (this.#current.kind === "end" ? "decided" : "open"),
      path,
      corrected: this.#corrected,
      current: this.#current,
      lookup: this.#lookup,
      acts: this.#acts.map((act) => ({ act: act.act, n: act.n, at: act.at, by: act.by, waiver: act.waiver, corrected: this.#corrected.has(act.n) })),
      waivers: this.#waivers,
      hints: Object.assign({}, ...path.map((step) => this.#hintsOf(step))) as RestoreHints,
      moment: last(path.flatMap(({ answer }) => (answer.kind === "moment" ? [answer.at] : []))),
      selection: last(path.flatMap(({ answer }) => (answer.kind === "what" ? [answer.selection] : []))),
      found,
      steps: this.#steps,
    };
  }

  #answer(step: Answered): void {
    const node = this.#current;
    if (node.id !== step.node) throw bad(`step ${step.n} answers ${step.node}, which is not asked`);
    const code = codeOfAnswer(step.answer, this.#lookup);
    const way = waysOf(node).find(({ answer }) => answer === code);
    if (way === undefined) throw bad(`step ${step.n} gives an answer that ${node.id} does not have`);
    this.#path.push(step);
    if (node.kind === "instruction" && node.act !== undefined && code === "done") {
      const waiver = step.answer.kind === "done" ? (step.answer.waiver ?? null) : null;
      this.#use(waiver, step.n);
      this.#acts.push({ act: node.act, n: step.n, at: step.at, by: step.by, waiver });
    }
    this.#current = this.#node(way.next);
    this.#lookup = null;
  }

  #goBack(to: number): void {
    const at = this.#path.findIndex(({ n }) => n === to);
    if (at === -1) throw bad(`nothing that stands was answered in step ${to}`);
    for (const { n } of this.#path.slice(at)) this.#corrected.add(n);
    this.#current = this.#node(this.#path[at]!.node);
    this.#path = this.#path.slice(0, at);
    this.#lookup = null;
  }

  #use(waiver: number | null, by: number): void {
    if (waiver === null) return;
    const at = this.#waivers.findIndex(({ n, decided, usedBy }) => n === waiver && decided?.approved === true && usedBy === null);
    if (at === -1) throw bad(`step ${by} relies on a reason that was not approved`);
    this.#waivers[at] = { ...this.#waivers[at]!, usedBy: by };
  }

  #hintsOf({ node: id, answer }: Answered): RestoreHints {
    const node = this.#node(id);
    return node.kind === "question" && answer.kind === "choice" ? (node.answers.find((one) => one.id === answer.id)?.sets ?? {}) : {};
  }

  #node(id: string): TreeNode {
    const node = nodeOf(this.#tree, id);
    if (node === null) throw bad(`there is no ${id} in the tree`);
    return node;
  }
}

function last<T>(all: readonly T[]): T | null {
  return all.at(-1) ?? null;
}

function bad(message: string): ResponseError {
  return new ResponseError("response.bad_run", message);
}
