/**
 * The lines of a bulk query's result. They are never stored: a result is a plan over a frozen shop, and the same bytes come out
 * each time. Checkpoints every few hundred root objects let a read begin near any byte.
 */
import type { Position } from "../data/collection.ts";
import type { Context } from "../graphql/context.ts";
import { List } from "../graphql/list.ts";
import type { BulkPlan, ConnectionPlan, NodePlan, Row } from "./plan.ts";

/** Root objects made at a time; more would only feed the garbage collector. Without grouping, a window's children follow after all of its roots, connection by connection. */
const WINDOW = 100;

export interface LineFaults {
  readonly invalidEvery: number;
  readonly duplicateEvery: number;
  /** Stop after this many objects. */
  readonly stopAfter: number;
}

export interface Checkpoint {
  /** Bytes, lines and objects before it. */
  readonly offset: number;
  readonly lines: number;
  readonly objects: number;
  /** The last root object before it. */
  readonly after: Position | undefined;
}

export interface Chunk {
  readonly bytes: Buffer;
  readonly objects: number;
  readonly roots: number;
  readonly next: Checkpoint;
  readonly stopped: boolean;
}

export const START: Checkpoint = { offset: 0, lines: 0, objects: 0, after: undefined };

/** Chunks of whole lines from a checkpoint on. */
export function* chunks(plan: BulkPlan, context: Context, grouped: boolean, faults: LineFaults, from: Checkpoint = START): Generator<Chunk, void, undefined> {
  let at = from;
  const root = plan.root;
  const [list, node] = "object" in root ? [null, root.node] : [root.list(null, context), root.node];
  if (list === null) {
    if (at.offset > 0 || !("object" in root)) return;
    const object = root.object(context);
    if (object != null) yield assemble(linesOf([object], node, context, grouped), at, undefined, 1, faults);
    return;
  }
  let window: unknown[] = [];
  for (const one of list.walk({ reverse: false, ...(at.after === undefined ? {} : { after: at.after }) })) {
    window.push(one);
    if (window.length < WINDOW) continue;
    const chunk = assemble(linesOf(window, node, context, grouped), at, list.place(one), window.length, faults);
    yield chunk;
    if (chunk.stopped) return;
    at = chunk.next;
    window = [];
  }
  const last = window.at(-1);
  if (last !== undefined) yield assemble(linesOf(window, node, context, grouped), at, list.place(last), window.length, faults);
}

/** One bulk line for each node: parents first. Grouped: every root with all that is below it. Else: level by level, connection by connection. */
function linesOf(roots: readonly unknown[], plan: NodePlan, context: Context, grouped: boolean): string[] {
  const lines: string[] = [];
  if (grouped) {
    for (const root of roots) grow(root, plan, context, null, lines);
    return lines;
  }
  const ids = roots.map((root) => put(plan.project(root, context), null, lines));
  level(roots, ids, plan.connections, context, lines);
  return lines;
}

function grow(source: unknown, plan: NodePlan, context: Context, parentId: string | null, lines: string[]): void {
  const id = put(plan.project(source, context), parentId, lines);
  for (const connection of plan.connections) for (const child of connection.list(source, context)) grow(child, connection.node, context, id, lines);
}

function level(parents: readonly unknown[], parentIds: readonly (string | null)[], connections: readonly ConnectionPlan[], context: Context, lines: string[]): void {
  for (const connection of connections) {
    const children: unknown[] = [];
    const ids: (string | null)[] = [];
    parents.forEach((parent, n) => {
      for (const child of connection.list(parent, context)) {
        children.push(child);
        ids.push(put(connection.node.project(child, context), parentIds[n] ?? null, lines));
      }
    });
    if (children.length > 0) level(children, ids, connection.node.connections, context, lines);
  }
}

function put(row: Row, parentId: string | null, lines: string[]): string | null {
  const id = row["id"];
  if (parentId !== null) row["__parentId"] = parentId;
  lines.push(JSON.stringify(row));
  return typeof id === "string" ? id : null;
}

/** Rails, which writes the real files, spells these characters as escapes in JSON. */
const ESCAPED = /[<>&\u2028\u2029]/g;
const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029" };

function assemble(lines: readonly string[], at: Checkpoint, after: Position | undefined, roots: number, faults: LineFaults): Chunk {
  const kept = lines.length > faults.stopAfter - at.objects ? lines.slice(0, Math.max(0, faults.stopAfter - at.objects)) : lines;
  let text = kept.length === 0 ? "" : `${kept.join("\n")}\n`;
  ESCAPED.lastIndex = 0;
  if (ESCAPED.test(text)) text = text.replace(ESCAPED, (character) => ESCAPES[character] ?? character);
  let written = kept.length;
  if (faults.invalidEvery > 0 || faults.duplicateEvery > 0) {
    const out: string[] = [];
    text.split("\n").slice(0, -1).forEach((line, n) => {
      out.push(line);
      const nth = at.objects + n + 1;
      if (faults.duplicateEvery > 0 && nth % faults.duplicateEvery === 0) out.push(line);
      if (faults.invalidEvery > 0 && nth % faults.invalidEvery === 0) out.push(line.slice(0, Math.max(2, line.length >> 1)));
    });
    written = out.length;
    text = out.length === 0 ? "" : `${out.join("\n")}\n`;
  }
  const bytes = Buffer.from(text);
  const stopped = at.objects + kept.length >= faults.stopAfter;
  return { bytes, objects: kept.length, roots, stopped, next: { offset: at.offset + bytes.length, lines: at.lines + written, objects: at.objects + kept.length, after } };
}

/** Makes sure a plan asks for nothing the sandbox cannot answer, on a few records, before it is accepted. Throws what a run would. */
export function rehearse(plan: BulkPlan, context: Context): void {
  const root = plan.root;
  const visit = (source: unknown, node: NodePlan): void => {
    node.project(source, context);
    for (const connection of node.connections) for (const child of take(connection.list(source, context), 3)) visit(child, connection.node);
  };
  if ("object" in root) {
    const object = root.object(context);
    if (object != null) visit(object, root.node);
  } else for (const one of take(root.list(null, context), 20)) visit(one, root.node);
}

function* take(list: List, n: number): Generator<unknown, void, undefined> {
  let seen = 0;
  for (const one of list) {
    if (seen++ >= n) return;
    yield one;
  }
}
