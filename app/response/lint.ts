/** What a tree must be besides well-formed: whole, finite, in order, sourced, and in words that are understood at 3 a.m. Runs in tests over every tree. */
import { nodeOf, waysOf, CHECKS, type Tree, type TreeNode } from "./tree.ts";

export type LintCode =
  | "id.twice" | "next.unknown" | "node.unreachable" | "node.endless" | "cycle.unmarked" | "again.needless"
  | "check.outcomes" | "plan.missing" | "plan.needless" | "plan.unasked" | "order.failover" | "figure.unsourced" | "figure.unsaid" | "law.unnamed" | "guidance.unnamed"
  | "words.long" | "words.jargon" | "words.mark";

export interface LintFinding {
  readonly code: LintCode;
  readonly tree: string;
  /** The node, or null for the whole tree. */
  readonly node: string | null;
  readonly detail: string;
}

/** Words that only engineers use. */
const JARGON = /\b(idempoten\w*|HMAC|DEK|KEK|JWE|Merkle|GraphQL|webhooks?|namespaces?|metafields?|GID|RTO|RPO|MTD|SLA|SIEM|IdP|ePHI|diff|payload|endpoint|cron|regex|null|boolean|lineage|crypto\w*)\b/;
const FIGURE = /\b\d+ (?:seconds?|minutes?|hours?|days?|months?|years?|people)\b/g;
/** In one sentence. */
const MOST_WORDS = 28;

export function lintTree(tree: Tree): LintFinding[] {
  const findings: LintFinding[] = [];
  const find = (code: LintCode, node: string | null, detail: string): void => void findings.push({ code, tree: tree.id, node, detail });
  const ids = new Set<string>();
  for (const { id } of tree.nodes) {
    if (ids.has(id)) find("id.twice", id, "two nodes have this id");
    ids.add(id);
  }
  if (!ids.has(tree.start)) find("next.unknown", null, tree.start);
  for (const node of tree.nodes) for (const { next } of waysOf(node)) if (!ids.has(next)) find("next.unknown", node.id, next);
  // What follows walks the tree.
  if (findings.length > 0) return findings;
  const reached = reachable(tree, tree.start);
  for (const { id } of tree.nodes) if (!reached.has(id)) find("node.unreachable", id, "nothing leads here");
  cycles(tree, find);
  for (const node of tree.nodes) lintNode(tree, node, find);
  lintPlans(tree, find);
  if (!tree.sources.some(({ status, cite }) => status === "in_force" && /CFR/.test(cite))) find("law.unnamed", null, "no rule in force is named");
  if (!tree.sources.some(({ status, cite }) => status === "guidance" && /NIST/.test(cite))) find("guidance.unnamed", null, "no page of NIST is named");
  for (const [place, text] of [["title", tree.title], ["when", tree.when]] as const) plain(null, `${place}: ${text}`, find);
  return findings;
}

type Find = (code: LintCode, node: string | null, detail: string) => void;

function lintNode(tree: Tree, node: TreeNode, find: Find): void {
  const { id } = node;
  if (![...reachable(tree, id)].some((to) => nodeOf(tree, to)?.kind === "end")) find("node.endless", id, "no end can be reached from here");
  if (node.kind === "check") {
    const missing = CHECKS[node.check].filter((outcome) => !node.outcomes.some((one) => one.id === outcome));
    const foreign = node.outcomes.filter((one, at) => !(CHECKS[node.check] as readonly string[]).includes(one.id) || node.outcomes.findIndex((other) => other.id === one.id) !== at);
    if (missing.length + foreign.length > 0) find("check.outcomes", id, [...missing, ...foreign.map((one) => one.id)].join(", "));
  }
  if (node.kind === "question") {
    for (const [at, answer] of node.answers.entries()) if (node.answers.findIndex((other) => other.id === answer.id) !== at) find("id.twice", id, answer.id);
    if (!node.ask.endsWith("?")) find("words.mark", id, node.ask);
  }
  if ((node.kind === "moment" || node.kind === "what") && !node.ask.endsWith("?")) find("words.mark", id, node.ask);
  if (node.kind === "end" && (node.outcome === "restore-plan") !== (node.plan !== undefined)) find(node.outcome === "restore-plan" ? "plan.missing" : "plan.needless", id, node.outcome);
  const words = wordsOf(node);
  for (const text of words) plain(id, text, find);
  const figures = node.figures ?? [];
  for (const text of words) for (const [value] of text.matchAll(FIGURE)) if (!figures.some((figure) => figure.value === value)) find("figure.unsourced", id, value);
  for (const { value } of figures) if (!words.some((text) => text.includes(value))) find("figure.unsaid", id, value);
}

/** Everything of a node that a person reads. */
export function wordsOf(node: TreeNode): string[] {
  const help = node.help === undefined ? [] : [node.help];
  switch (node.kind) {
    case "question":
      return [node.ask, ...help, ...node.answers.flatMap(({ say, help: more }) => [say, ...(more === undefined ? [] : [more])])];
    case "moment":
      return [node.ask, ...help, node.unknown.say];
    case "what":
      return [node.ask, ...help];
    case "instruction":
      return [node.say, ...help, ...node.how, node.done.say, ...(node.cannot === undefined ? [] : [node.cannot.say])];
    case "check":
      return [node.say, ...help, ...node.outcomes.map(({ say }) => say)];
    case "end":
      return [node.say, ...help, ...node.how];
    default:
      node satisfies never;
      return [];
  }
}

function plain(node: string | null, text: string, find: Find): void {
  const jargon = JARGON.exec(text);
  if (jargon !== null) find("words.jargon", node, jargon[0]);
  for (const sentence of text.split(/(?<=[.?!:;])\s+/)) {
    const words = sentence.split(/\s+/).length;
    if (words > MOST_WORDS) find("words.long", node, `${words} words: ${sentence}`);
  }
}

function reachable(tree: Tree, start: string): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const node = nodeOf(tree, id);
    if (node !== null) open.push(...waysOf(node).map(({ next }) => next));
  }
  return reached;
}

/** A circle must have a marked way back in it, and what is marked must lead back. */
function cycles(tree: Tree, find: Find): void {
  const done = new Set<string>();
  const walk = (id: string, above: readonly string[]): void => {
    if (above.includes(id)) return find("cycle.unmarked", id, [...above.slice(above.indexOf(id)), id].join(" > "));
    if (done.has(id)) return;
    for (const { next, again } of waysOf(nodeOf(tree, id)!)) if (!again) walk(next, [...above, id]);
    done.add(id);
  };
  walk(tree.start, []);
  for (const node of tree.nodes) for (const { next, again, answer } of waysOf(node)) if (again && !reachable(tree, next).has(node.id)) find("again.needless", node.id, answer);
}

/** Along the ways that are not taken back: a plan rests on what was asked, and nothing fails over before it is restored. */
function lintPlans(tree: Tree, find: Find): void {
  if (tree.nodes.some((node) => waysOf(node).some(({ next }) => nodeOf(tree, next) === null))) return;
  const seen = new Set<string>();
  const walk = (id: string, had: ReadonlySet<string>): void => {
    const node = nodeOf(tree, id)!;
    const here = new Set(had).add(node.kind === "check" ? `check:${node.check}` : node.kind === "instruction" && node.act !== undefined ? `act:${node.act}` : node.kind);
    const name = `${id} ${[...here].sort().join(" ")}`;
    if (seen.has(name)) return;
    seen.add(name);
    if (node.kind === "instruction" && node.act === "failover" && !had.has("act:restore")) find("order.failover", id, "a way leads here without a restore");
    if (node.kind === "end" && node.plan !== undefined) {
      const needed = ["what", "check:good-snapshot", "check:team", ...(node.plan.to === "before-damage" ? ["moment"] : [])];
      const missing = needed.filter((one) => !here.has(one));
      if (missing.length > 0) find("plan.unasked", id, missing.join(", "));
    }
    for (const { next, again } of waysOf(node)) if (!again) walk(next, here);
  };
  // Circles would never end; they have been found.
  const circles: LintFinding[] = [];
  cycles(tree, (code, node, detail) => void circles.push({ code, tree: tree.id, node, detail }));
  if (!circles.some(({ code }) => code === "cycle.unmarked")) walk(tree.start, new Set());
}
