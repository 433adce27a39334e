/**
 * What can be changed of a record that is in the shop, step by step: one mutation each. Beside the kinds (catalogue/), because creating a record and changing it
 * take different inputs. Data and small pure functions; metafields are the same for every owner and stand in ../../revise/metafields.ts.
 */
import type { Extras } from "../../../port.ts";
import type { References } from "../../references.ts";
import { asObject, childrenOf, type Family, type Node } from "../kind.ts";

/** A family as it was and as it is. `now` has the ids of the target. */
export interface Delta {
  readonly then: Family;
  readonly now: Family;
  readonly extras: Extras;
}

/** One line of variables. */
export interface Request {
  /** The record, by its id then (now, for one that goes). */
  readonly of: Pick<Node, "kind" | "id">;
  /** Names of what is set. A difference that no request names is one that cannot come back. */
  readonly fields: readonly string[];
  /** Kinds of children that it sets as well. */
  readonly covers?: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ReviseStep {
  readonly mutation: string;
  readonly payload: string;
  /** The member of the payload with a new record's id; null: nothing new gets an id that is referred to. */
  readonly node: string | null;
  /** Asked twice by accident: "harmless", it sets what is set already; "look", it would do more: the record is read again and the step worked out anew. */
  readonly again: "harmless" | "look";
  readonly each: (delta: Delta, references: References) => readonly Request[];
}

export interface RemoveStep {
  readonly mutation: string;
  readonly payload: string;
  readonly variables: (id: string) => Readonly<Record<string, unknown>>;
}

export interface Revision {
  readonly steps: readonly ReviseStep[];
  /** Null: nothing removes one. */
  readonly remove: RemoveStep | null;
}

/** Equal as JSON, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  return text(a ?? null) === text(b ?? null);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const object = asObject(item);
    return object === null ? item : Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** Those of these members of the roots that differ. */
export function differing({ then, now }: Delta, names: readonly string[]): readonly string[] {
  return names.filter((name) => !same(then.root.fields[name], now.root.fields[name]));
}

/** The input that sets these members; a member that was null then is emptied. */
export function setting(fields: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}

/** Children of a kind in pairs: by id, then by what `alike` says of those that are left. */
export function paired({ then, now }: Delta, kind: string, alike: (then: Node, now: Node) => boolean): { readonly pairs: readonly { readonly then: Node; readonly now: Node }[]; readonly missing: readonly Node[]; readonly extra: readonly Node[] } {
  const left = new Map(childrenOf(now, kind).map((child) => [child.id, child]));
  const pairs: { then: Node; now: Node }[] = [];
  const missing: Node[] = [];
  const alone: Node[] = [];
  const take = (child: Node, other: Node): void => {
    pairs.push({ then: child, now: other });
    left.delete(other.id);
  };
  for (const child of childrenOf(then, kind)) {
    const other = left.get(child.id);
    if (other === undefined) alone.push(child);
    else take(child, other);
  }
  for (const child of alone) {
    const other = [...left.values()].find((one) => alike(child, one));
    if (other === undefined) missing.push(child);
    else take(child, other);
  }
  return { pairs, missing, extra: [...left.values()] };
}

export interface UpdateOf {
  readonly mutation: string;
  readonly payload: string;
  readonly names: readonly string[];
  readonly variables: (id: string, input: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** The plain case: members of the root that the update takes under their own names. */
export function updateStep({ mutation, payload, names, variables }: UpdateOf): ReviseStep {
  return {
    mutation,
    payload,
    node: null,
    again: "harmless",
    each: (delta) => {
      const changed = differing(delta, names);
      return changed.length === 0 ? [] : [{ of: delta.then.root, fields: changed, variables: variables(delta.now.root.id, setting(delta.then.root.fields, changed)) }];
    },
  };
}
