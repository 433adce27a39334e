/** What was found in some records of a pack, one frame's or a few: their names and their terms. */
import { ByteWriter, sameRange } from "../format/bytes.ts";
import type { NamedRecord } from "./part.ts";
import { doubled, RecordNames } from "./record-names.ts";
import type { NameColumns, NameRanges } from "./record-names.ts";
import { MAX_TERM_BYTES } from "./terms.ts";
import type { TermSource } from "./terms.ts";

const FEW_BYTES = 2048;
const FEW_TERMS = 128;
/** Each type as one character of one byte in UTF-8: 1 to 127. */
const TYPES = Array.from({ length: 128 }, (_, type) => String.fromCharCode(type));

/** Names and terms in columns, whoever has them: FoundTerms, or a copy that came from another thread. */
export interface TermColumns {
  readonly names: NameColumns;
  /** Number of terms up to and including each record. */
  readonly termEnds: Uint32Array;
  /** Of each term its type as one byte, then its UTF-8. */
  readonly text: { readonly bytes: Uint8Array };
  /** Where each term ends in `text`. */
  readonly ends: Uint32Array;
}

export class FoundTerms implements TermColumns {
  readonly names = new RecordNames(FEW_BYTES);
  termEnds = new Uint32Array(FEW_TERMS);
  readonly text = new ByteWriter(FEW_BYTES);
  ends = new Uint32Array(FEW_TERMS);
  terms = 0;

  /** Terms that were found before the record at hand. */
  private before = 0;

  private readonly take = (type: number, term: string): void => {
    const typed = Buffer.from(`${TYPES[type] as string}${term}`, "utf8");
    if (typed.length > 1) this.one(typed, 0, typed.length);
  };

  private readonly takeMany = (terms: Uint8Array, from: number, ends: Int32Array, first: number, count: number): void => {
    // Nearly always all of a record's terms come at once, none of them too long.
    let plain = this.terms === this.before;
    for (let i = first, start = 0; plain && i < first + count; i++) {
      const end = ends[i] as number;
      plain = end - start <= MAX_TERM_BYTES;
      start = end;
    }
    if (plain) {
      const base = this.text.length;
      this.text.range(terms, from, from + (ends[first + count - 1] as number));
      for (let i = first; i < first + count; i++) this.end(base + (ends[i] as number));
      return;
    }
    for (let i = first, start = 0; i < first + count; i++) {
      this.one(terms, from + start, from + (ends[i] as number));
      start = ends[i] as number;
    }
  };

  /** A term behind its type. A record has a handful: looking through them is quicker than a set. */
  private one(typed: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > MAX_TERM_BYTES && tooLong(typed, start, end)) return;
    const { text, ends } = this;
    const from = text.length;
    text.range(typed, start, end);
    for (let i = this.before; i < this.terms; i++) {
      const known = i === 0 ? 0 : (ends[i - 1] as number);
      if ((ends[i] as number) - known === length && sameRange(text.bytes, known, text.bytes, from, length)) {
        text.length = from;
        return;
      }
    }
    this.end(text.length);
  }

  private end(at: number): void {
    if (this.terms === this.ends.length) this.ends = doubled(this.ends);
    this.ends[this.terms++] = at;
  }

  /** Forgets all, and keeps the room: a snapshot has thousands of frames. */
  reset(): void {
    this.text.bytes.fill(0, 0, this.text.length);
    this.text.reset();
    this.names.reset();
    this.terms = 0;
  }

  /** The same in arrays of their own, as long as they have to be: to be handed on. */
  copy(): TermColumns {
    const { names, termEnds, text, ends, terms } = this;
    return { names: names.copy(), termEnds: termEnds.slice(0, names.count), text: { bytes: new Uint8Array(text.view()) }, ends: ends.slice(0, terms) };
  }

  /** Looks at one record; whether it has terms. */
  private hasTerms(source: TermSource, kind: string, bytes: Uint8Array, start: number, end: number): boolean {
    this.before = this.terms;
    if (source.scan?.(kind, bytes, start, end, this.takeMany) !== true) source.read(kind, bytes, start, end, this.take);
    if (this.terms === this.before) return false;
    // Its name follows, and with it the count goes up.
    if (this.names.count === this.termEnds.length) this.termEnds = doubled(this.termEnds);
    this.termEnds[this.names.count] = this.terms;
    return true;
  }

  /** Looks at one record; nothing is kept of one without terms. Names as byte strings. */
  look(source: TermSource, kind: string, name: () => NamedRecord, bytes: Uint8Array, start: number, end: number): void {
    if (this.hasTerms(source, kind, bytes, start, end)) this.names.addNamed(name());
  }

  /** The same, with the names where they lie. `kindBytes`: the kind as a byte string. */
  lookAt(source: TermSource, kind: string, kindBytes: string, names: NameRanges, bytes: Uint8Array, start: number, end: number): void {
    if (this.hasTerms(source, kind, bytes, start, end)) this.names.add(kindBytes, names);
  }
}

/** The memory of a copy that moves to another thread instead of being copied again. */
export function memoryOf({ names, termEnds, text, ends }: TermColumns): ArrayBuffer[] {
  return [names.kindOf, names.ids.bytes, names.idEnds, names.parents.bytes, names.parentEnds, termEnds, text.bytes, ends].map(({ buffer }) => buffer as ArrayBuffer);
}

/** Gives a copy's memory back at once: a pack has dozens of them. */
export function forget(found: TermColumns): void {
  for (const memory of memoryOf(found)) memory.transfer(0);
}

/** What counts is the length in characters, the type as one of them: more than 512 are too many. */
function tooLong(utf8: Uint8Array, start: number, end: number): boolean {
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString("utf8", start, end).length > MAX_TERM_BYTES;
}
