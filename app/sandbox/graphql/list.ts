/** What a connection holds, before anyone asks for a page of it. Pages and bulk results are both read from here. */
import type { Collection, Position, SortKey } from "../data/collection.ts";
import type { Stored } from "../data/records.ts";
import type { Filter } from "./search.ts";

export interface Walk {
  readonly reverse: boolean;
  readonly after?: Position;
  readonly before?: Position;
}

export class List<T = unknown> {
  readonly #walk: (o: Walk) => Iterable<T>;
  /** Takes a node of this list; typed so that a list of customers is also a list. */
  readonly #place: (node: never) => Position;

  constructor(walk: (o: Walk) => Iterable<T>, place: (node: T) => Position) {
    this.#walk = walk;
    this.#place = place;
  }

  walk(o: Walk): Iterable<T> {
    return this.#walk(o);
  }

  /** Where a node of this list stands in it. */
  place(node: T): Position {
    return (this.#place as (node: T) => Position)(node);
  }

  static readonly empty = new List<never>(() => [], () => ({ value: 0, id: 0 }));

  /** Children in their own order. Cursors are ids, so that a page continues after the same child when others come or go. */
  static of<N extends { readonly id: number | string }>(nodes: readonly N[], key: (node: N) => number): List<N> {
    const places = new Map<N, number>();
    nodes.forEach((node, at) => places.set(node, at));
    const find = (p: Position, otherwise: number): number => {
      const at = nodes.findIndex((node) => key(node) === p.id);
      return at < 0 ? otherwise : at;
    };
    return new List<N>(
      (o) => {
        const from = o.after === undefined ? undefined : find(o.after, o.reverse ? nodes.length : -1);
        const to = o.before === undefined ? undefined : find(o.before, o.reverse ? -1 : nodes.length);
        const [low, high] = o.reverse ? [(to ?? -1) + 1, from ?? nodes.length] : [(from ?? -1) + 1, to ?? nodes.length];
        const part = nodes.slice(low, Math.max(low, high));
        return o.reverse ? part.reverse() : part;
      },
      (node) => ({ value: places.get(node) ?? 0, id: key(node) }),
    );
  }

  /** Top-level records, filtered as they are walked. */
  static from<R extends Stored>(collection: Collection<R>, sort: SortKey, filter?: Filter<R>): List<R> {
    const place = (record: R): Position => ({ value: sort === "id" ? record.id : record.updatedAt, id: record.id });
    return new List<R>(function* (o) {
      // A lower bound on updated_at, or bounds of ids, let the walk begin and end there instead of at the first and the last record ever made.
      const floor = sort === "updated" ? filter?.updatedFrom : undefined;
      const ids = sort === "id" ? filter?.ids : undefined;
      const low = ids !== undefined ? at(ids.above) : floor === undefined ? undefined : { value: floor - 1, id: Number.MAX_SAFE_INTEGER };
      const high = ids === undefined ? undefined : at(ids.upTo + 1);
      const after = o.reverse ? earlier(o.after, high) : later(o.after, low);
      const before = o.reverse ? later(o.before, low) : earlier(o.before, high);
      for (const record of collection.scan({ sort, reverse: o.reverse, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) })) {
        if (filter === undefined || filter.test(record)) yield record;
      }
    }, place);
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.walk({ reverse: false });
  }
}

function at(id: number): Position {
  return { value: id, id };
}

function earlier(a: Position | undefined, b: Position | undefined): Position | undefined {
  return later(a, b) === a ? (b ?? a) : (a ?? b);
}

function later(a: Position | undefined, b: Position | undefined): Position | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.value > b.value || (a.value === b.value && a.id > b.id) ? a : b;
}
