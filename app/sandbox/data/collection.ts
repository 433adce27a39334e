/**
 * All records of one kind: those computed from their index, under an overlay of what was edited, made or deleted since.
 * Only the overlay takes memory, packed as JSON bytes. Records are never changed in place, so a frozen copy stays as it was.
 */
import { ID_STEP } from "./gid.ts";
import type { Stored } from "./records.ts";

export type SortKey = "id" | "updated";

/** A place in an ordering: the sort value and id of the last record seen. */
export interface Position {
  readonly value: number;
  readonly id: number;
}

export interface Scan {
  readonly sort: SortKey;
  readonly reverse?: boolean;
  /** Start after this place, in the direction of the scan. */
  readonly after?: Position;
  /** Stop before this place. */
  readonly before?: Position;
}

interface Entry {
  readonly id: number;
  readonly updatedAt: number;
  readonly bytes: Buffer;
}

export class Collection<T extends Stored> {
  readonly #base: number;
  readonly #firstId: number;
  readonly #make: (index: number) => T;
  #entries: Map<number, Entry>;
  #deleted: Set<number>;
  /** Edited and made records by (updatedAt, id), and made ones by id; built when first asked for, then kept in order. */
  #byUpdate: Entry[] | null = null;
  #made: Entry[] | null = null;
  #shared = false;

  constructor(o: { base: number; firstId: number; make: (index: number) => T; copy?: { entries: Map<number, Entry>; deleted: Set<number> } }) {
    this.#base = o.base;
    this.#firstId = o.firstId;
    this.#make = o.make;
    this.#entries = o.copy?.entries ?? new Map<number, Entry>();
    this.#deleted = o.copy?.deleted ?? new Set<number>();
  }

  /** The collection as it is now, whatever happens to this one later. Costs nothing until then. */
  freeze(): Collection<T> {
    this.#shared = true;
    const frozen = new Collection<T>({ base: this.#base, firstId: this.#firstId, make: this.#make, copy: { entries: this.#entries, deleted: this.#deleted } });
    frozen.#shared = true;
    return frozen;
  }

  get size(): number {
    return this.#base + this.#madeInOrder().length - this.#deleted.size;
  }

  /** How many records are computed rather than kept. */
  get base(): number {
    return this.#base;
  }

  /** How many records were made later and are still there. */
  get made(): number {
    return this.#madeInOrder().length;
  }

  /** The nth of those, oldest first. */
  madeAt(n: number): T | null {
    const entry = this.#madeInOrder()[n];
    return entry === undefined ? null : this.#open(entry);
  }

  /** The index of a computed record, or -1: made later, or nobody's id. */
  indexOf(id: number): number {
    const index = (id - this.#firstId) / ID_STEP;
    return Number.isInteger(index) && index >= 0 && index < this.#base ? index : -1;
  }

  idAt(index: number): number {
    return this.#firstId + index * ID_STEP;
  }

  has(id: number): boolean {
    if (this.#deleted.has(id)) return false;
    return this.#entries.has(id) || this.indexOf(id) >= 0;
  }

  get(id: number): T | null {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return this.#open(entry);
    const index = this.indexOf(id);
    return index < 0 || this.#deleted.has(id) ? null : this.#make(index);
  }

  put(record: T): void {
    this.#own();
    const before = this.#entries.get(record.id);
    const entry: Entry = { id: record.id, updatedAt: record.updatedAt, bytes: Buffer.from(JSON.stringify(record)) };
    this.#entries.set(record.id, entry);
    if (before !== undefined) this.#forget(before);
    this.#note(entry);
  }

  remove(id: number): boolean {
    if (!this.has(id)) return false;
    this.#own();
    const before = this.#entries.get(id);
    if (before !== undefined) this.#forget(before);
    this.#entries.delete(id);
    if (this.indexOf(id) >= 0) this.#deleted.add(id);
    return true;
  }

  *scan(o: Scan): Generator<T, void, undefined> {
    const reverse = o.reverse ?? false;
    const beyond = reverse ? (a: Position, b: Position) => compare(a, b) < 0 : (a: Position, b: Position) => compare(a, b) > 0;
    const place = (id: number, updatedAt: number): Position => ({ value: o.sort === "id" ? id : updatedAt, id });
    const wanted = (p: Position): boolean => (o.after === undefined || beyond(p, o.after)) && (o.before === undefined || beyond(o.before, p));
    const kept = o.sort === "id" ? this.#madeInOrder() : this.#touchedInOrder();
    if (reverse) yield* this.#keptEntries(kept, o, wanted, place);
    yield* this.#computed(o, wanted, place);
    if (!reverse) yield* this.#keptEntries(kept, o, wanted, place);
  }

  /** Computed records come first in both orders: everything made or edited since is newer and has a higher id, or a later touch. */
  *#computed(o: Scan, wanted: (p: Position) => boolean, place: (id: number, updatedAt: number) => Position): Generator<T, void, undefined> {
    let low = 0;
    let high = this.#base;
    const [from, to] = o.reverse === true ? [o.before, o.after] : [o.after, o.before];
    if (from !== undefined) low = this.#boundary(from, o.sort);
    if (to !== undefined) high = Math.min(high, this.#boundary(to, o.sort) + 2);
    low = Math.max(0, low - 1);
    const count = high - low;
    for (let n = 0; n < count; n++) {
      const index = o.reverse === true ? high - 1 - n : low + n;
      const id = this.idAt(index);
      if (this.#deleted.size > 0 && this.#deleted.has(id)) continue;
      const edited = this.#entries.size > 0 ? this.#entries.get(id) : undefined;
      if (edited !== undefined && o.sort === "updated") continue;
      const record = edited === undefined ? this.#make(index) : this.#open(edited);
      if (wanted(place(id, record.updatedAt))) yield record;
    }
  }

  *#keptEntries(list: readonly Entry[], o: Scan, wanted: (p: Position) => boolean, place: (id: number, updatedAt: number) => Position): Generator<T, void, undefined> {
    const edge = o.reverse === true ? o.before : o.after;
    let start = 0;
    let high = list.length;
    while (edge !== undefined && start < high) {
      const middle = (start + high) >> 1;
      const entry = list[middle] as Entry;
      if (compare(place(entry.id, entry.updatedAt), edge) <= 0) start = middle + 1;
      else high = middle;
    }
    for (let n = start; n < list.length; n++) {
      const entry = list[o.reverse === true ? list.length - 1 - (n - start) : n] as Entry;
      if (wanted(place(entry.id, entry.updatedAt))) yield this.#open(entry);
    }
  }

  /** The lowest index whose record lies beyond `p`; may be one too high for times, which the caller allows for. */
  #boundary(p: Position, sort: SortKey): number {
    if (sort === "id") return Math.min(this.#base, Math.max(0, Math.floor((p.id - this.#firstId) / ID_STEP) + 1));
    let low = 0;
    let high = this.#base;
    while (low < high) {
      const middle = (low + high) >> 1;
      const record = this.#make(middle);
      if (compare({ value: record.updatedAt, id: record.id }, p) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #touchedInOrder(): readonly Entry[] {
    this.#byUpdate ??= [...this.#entries.values()].sort(byTouch);
    return this.#byUpdate;
  }

  #madeInOrder(): readonly Entry[] {
    this.#made ??= [...this.#entries.values()].filter((entry) => this.indexOf(entry.id) < 0).sort(byId);
    return this.#made;
  }

  #open(entry: Entry): T {
    return JSON.parse(entry.bytes.toString()) as T;
  }

  #note(entry: Entry): void {
    if (this.#byUpdate !== null) this.#byUpdate.splice(placeIn(this.#byUpdate, entry, byTouch), 0, entry);
    if (this.#made !== null && this.indexOf(entry.id) < 0) this.#made.splice(placeIn(this.#made, entry, byId), 0, entry);
  }

  #forget(entry: Entry): void {
    if (this.#byUpdate !== null) this.#byUpdate.splice(placeIn(this.#byUpdate, entry, byTouch), 1);
    if (this.#made !== null && this.indexOf(entry.id) < 0) this.#made.splice(placeIn(this.#made, entry, byId), 1);
  }

  #own(): void {
    if (!this.#shared) return;
    this.#entries = new Map(this.#entries);
    this.#deleted = new Set(this.#deleted);
    this.#shared = false;
  }
}

function compare(a: Position, b: Position): number {
  return a.value - b.value || a.id - b.id;
}

const byTouch = (a: Entry, b: Entry): number => a.updatedAt - b.updatedAt || a.id - b.id;
const byId = (a: Entry, b: Entry): number => a.id - b.id;

/** The first place whose entry is not before this one. */
function placeIn(list: readonly Entry[], entry: Entry, order: (a: Entry, b: Entry) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(list[middle] as Entry, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
