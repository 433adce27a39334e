/** Names of records in columns, as they come from a frame and as a part's table has them (docs/design.md 11.3). No object per record: a snapshot has millions. */
import { ByteWriter } from "../format/bytes.ts";
import type { NamedRecord } from "./part.ts";

/** Where a record's id and its parent's lie. */
export interface NameRanges {
  readonly idBytes: Uint8Array;
  readonly idStart: number;
  readonly idEnd: number;
  /** Null: no parent. */
  readonly parentBytes: Uint8Array | null;
  readonly parentStart: number;
  readonly parentEnd: number;
}

/** Names in columns, whoever has them: RecordNames, or a copy that came from another thread. */
export interface NameColumns {
  readonly count: number;
  /** Byte strings. */
  readonly kinds: readonly string[];
  /** Of each record its place in `kinds`. */
  readonly kindOf: Uint32Array;
  readonly ids: { readonly bytes: Uint8Array };
  readonly idEnds: Uint32Array;
  /** A record without a parent has none of it: no name is empty. */
  readonly parents: { readonly bytes: Uint8Array };
  readonly parentEnds: Uint32Array;
}

const FEW = 64;

export class RecordNames implements NameColumns {
  /** As few as there are kinds that have terms. */
  readonly kinds: string[] = [];
  kindOf = new Uint32Array(FEW);
  readonly ids: ByteWriter;
  idEnds = new Uint32Array(FEW);
  readonly parents: ByteWriter;
  parentEnds = new Uint32Array(FEW);
  count = 0;
  constructor(capacity: number) {
    this.ids = new ByteWriter(capacity);
    this.parents = new ByteWriter(capacity);
  }

  /** Forgets all, and keeps the room. */
  reset(): void {
    this.ids.bytes.fill(0, 0, this.ids.length);
    this.parents.bytes.fill(0, 0, this.parents.length);
    this.ids.reset();
    this.parents.reset();
    this.kinds.length = this.count = 0;
  }

  /** What was written of names since the record before is the next record's. */
  private next(kind: string): void {
    if (this.count === this.idEnds.length) {
      this.idEnds = doubled(this.idEnds);
      this.parentEnds = doubled(this.parentEnds);
      this.kindOf = doubled(this.kindOf);
    }
    const known = this.kinds.indexOf(kind);
    this.kindOf[this.count] = known < 0 ? this.kinds.push(kind) - 1 : known;
    this.idEnds[this.count] = this.ids.length;
    this.parentEnds[this.count++] = this.parents.length;
  }

  add(kind: string, { idBytes, idStart, idEnd, parentBytes, parentStart, parentEnd }: NameRanges): void {
    this.ids.range(idBytes, idStart, idEnd);
    if (parentBytes !== null) this.parents.range(parentBytes, parentStart, parentEnd);
    this.next(kind);
  }

  addNamed({ kind, id, parentId }: NamedRecord): void {
    this.ids.latin1(id);
    if (parentId !== null) this.parents.latin1(parentId);
    this.next(kind);
  }

  /** Record `i` of another. */
  addFrom(other: NameColumns, i: number): void {
    this.ids.range(other.ids.bytes, startIn(other.idEnds, i), other.idEnds[i] as number);
    this.parents.range(other.parents.bytes, startIn(other.parentEnds, i), other.parentEnds[i] as number);
    this.next(other.kinds[other.kindOf[i] as number] as string);
  }

  /** The same in arrays of their own, as long as they have to be. */
  copy(): NameColumns {
    const { count, kinds, kindOf, ids, idEnds, parents, parentEnds } = this;
    return { count, kinds: [...kinds], kindOf: kindOf.slice(0, count), ids: { bytes: new Uint8Array(ids.view()) }, idEnds: idEnds.slice(0, count), parents: { bytes: new Uint8Array(parents.view()) }, parentEnds: parentEnds.slice(0, count) };
  }

  /** Blocks of so many records. */
  tables(each: number): Buffer[] {
    return Array.from({ length: Math.ceil(this.count / each) }, (_, i) => this.table(i * each, Math.min((i + 1) * each, this.count)));
  }

  /**
   * The table block of records `from` to `to`: varint n; n × { varint kind (0: literal follows, else of the kinds so far), varint shared with the id before, varint length, bytes;
   * u8 0 no parent | 1 that of the last record that has one | 2 literal: varint length, bytes }
   */
  table(from: number, to: number): Buffer {
    const out = new ByteWriter((to - from) * 24);
    const kinds = new Map<string, number>();
    const ids = this.ids.bytes;
    const parents = this.parents.bytes;
    let idBefore = 0;
    let idBeforeEnd = 0;
    let parentBefore = 0;
    let parentBeforeEnd = 0;
    out.varint(to - from);
    for (let i = from; i < to; i++) {
      const kind = this.kinds[this.kindOf[i] as number] as string;
      const number = kinds.get(kind);
      out.varint(number ?? 0);
      if (number === undefined) {
        kinds.set(kind, kinds.size + 1);
        out.varint(kind.length);
        out.latin1(kind);
      }
      const id = startIn(this.idEnds, i);
      const idEnd = this.idEnds[i] as number;
      const shared = sharedLength(ids, idBefore, idBeforeEnd, id, idEnd);
      out.varint(shared);
      out.varint(idEnd - id - shared);
      out.range(ids, id + shared, idEnd);
      idBefore = id;
      idBeforeEnd = idEnd;
      const parent = startIn(this.parentEnds, i);
      const parentEnd = this.parentEnds[i] as number;
      if (parent === parentEnd) {
        out.u8(0);
        continue;
      }
      const same = parentEnd - parent === parentBeforeEnd - parentBefore && sharedLength(parents, parentBefore, parentBeforeEnd, parent, parentEnd) === parentEnd - parent;
      out.u8(same ? 1 : 2);
      if (!same) {
        out.varint(parentEnd - parent);
        out.range(parents, parent, parentEnd);
      }
      parentBefore = parent;
      parentBeforeEnd = parentEnd;
    }
    return out.copy();
  }
}

function startIn(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : (ends[i - 1] as number);
}

/** How many bytes two ranges have in common from their beginnings. */
function sharedLength(bytes: Uint8Array, one: number, oneEnd: number, other: number, otherEnd: number): number {
  const most = Math.min(oneEnd - one, otherEnd - other);
  let shared = 0;
  while (shared < most && bytes[one + shared] === bytes[other + shared]) shared++;
  return shared;
}

export function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
