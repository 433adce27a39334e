/**
 * Records kept as documents: GraphQL's own field names with plain values. Ids and times are numbers, money is in hundredths; the
 * resolvers give them their GraphQL shape (graphql/shapes.ts). One store for each kind, generated on demand like everything here.
 */
import { Collection } from "./collection.ts";
import type { MetafieldRecord, Stored } from "./records.ts";
import type { Shape } from "./shape.ts";

export interface Doc extends Stored {
  readonly metafields?: readonly MetafieldRecord[];
  readonly [name: string]: unknown;
}

/** How the records of one kind are made, and whose they are. */
export interface StoredKind {
  readonly type: string;
  readonly size: (shape: Shape) => number;
  readonly make: (shape: Shape) => (index: number) => Doc;
  readonly owner?: OwnedBy;
  /** The MetafieldOwnerType, when such records can have metafields. */
  readonly metafieldOwner?: string;
}

export interface OwnedBy {
  /** The member of the document that holds the owner's id. */
  readonly member: string;
  /** Indexes of the generated records of the owner with this index. Each must be smaller than `size`. */
  readonly of: (ownerIndex: number, size: number, shape: Shape) => readonly number[];
}

/** Owned in turns: record j belongs to owner j % owners. */
export function inTurns(owners: (shape: Shape) => number): OwnedBy["of"] {
  return (ownerIndex, size, shape) => {
    const found: number[] = [];
    const step = owners(shape);
    if (step > 0) for (let j = ownerIndex; j < size; j += step) found.push(j);
    return found;
  };
}

/** One for every nth owner: record j belongs to owner j * n. */
export function oneInEvery(n: number): OwnedBy["of"] {
  return (ownerIndex, size) => (ownerIndex % n === 0 && ownerIndex / n < size ? [ownerIndex / n] : []);
}

/** `n` for each owner: records j * n to j * n + n - 1 belong to owner j. */
export function eachHas(n: number): OwnedBy["of"] {
  return (ownerIndex, size) => Array.from({ length: n }, (_none, k) => ownerIndex * n + k).filter((index) => index < size);
}

export class DocStore {
  readonly kind: StoredKind;
  readonly records: Collection<Doc>;
  readonly #shape: Shape;
  /** Records made later, by owner. */
  #made: Map<number, readonly number[]>;

  constructor(kind: StoredKind, shape: Shape, o: { empty: boolean; from?: DocStore }) {
    this.kind = kind;
    this.#shape = shape;
    const none = (): never => {
      throw new Error("nothing is computed in this collection");
    };
    const size = o.empty ? 0 : kind.size(shape);
    this.records = o.from?.records.freeze() ?? new Collection<Doc>({ base: size, firstId: shape.firstId, make: size === 0 ? none : kind.make(shape) });
    this.#made = new Map(o.from === undefined ? [] : o.from.#made);
  }

  freeze(): DocStore {
    return new DocStore(this.kind, this.#shape, { empty: false, from: this });
  }

  get(id: number): Doc | null {
    return this.records.get(id);
  }

  put(doc: Doc): void {
    const owner = this.kind.owner === undefined ? undefined : doc[this.kind.owner.member];
    if (typeof owner === "number" && !this.records.has(doc.id) && this.records.indexOf(doc.id) < 0) this.#made.set(owner, [...(this.#made.get(owner) ?? []), doc.id]);
    this.records.put(doc);
  }

  remove(id: number): Doc | null {
    const before = this.records.get(id);
    if (before === null) return null;
    const owner = this.kind.owner === undefined ? undefined : before[this.kind.owner.member];
    if (typeof owner === "number" && this.#made.has(owner)) this.#made.set(owner, (this.#made.get(owner) ?? []).filter((other) => other !== id));
    this.records.remove(id);
    return before;
  }

  /** An owner's records, oldest first. `ownerIndex`: the owner's index among the generated ones, -1 when it was made later. */
  of(ownerId: number, ownerIndex: number): Doc[] {
    const computed = this.kind.owner === undefined || ownerIndex < 0 ? [] : this.kind.owner.of(ownerIndex, this.records.base, this.#shape).map((index) => this.records.idAt(index));
    return [...computed, ...(this.#made.get(ownerId) ?? [])].flatMap((id) => this.records.get(id) ?? []);
  }
}
