/** What was found in the records of one frame: their names and their terms. Kept until it is known which pack the frame comes to lie in. */
import { ByteWriter } from "../format/bytes.ts";
import type { NamedRecord } from "./part.ts";
import { RecordNames } from "./record-names.ts";
import type { NameRanges } from "./record-names.ts";
import { MAX_TERM_BYTES } from "./terms.ts";
import type { TermSource } from "./terms.ts";

const FEW_BYTES = 2048;
const FEW_TERMS = 128;

export class FoundTerms {
  readonly names = new RecordNames(FEW_BYTES);
  /** Number of terms up to and including each record. */
  readonly termEnds: number[] = [];
  /** Of each term its type as one byte, then its UTF-8. */
  readonly text = new ByteWriter(FEW_BYTES);
  /** Where each term ends in `text`. */
  ends = new Uint32Array(FEW_TERMS);
  terms = 0;

  /** Terms that were found before the record at hand. */
  private before = 0;

  /** A term in UTF-8. A record has a handful: looking through them is quicker than a set. */
  private readonly takeBytes = (type: number, utf8: Uint8Array, start: number, end: number): void => {
    const length = end - start;
    if (length === 0 || (length >= MAX_TERM_BYTES && tooLong(utf8, start, end))) return;
    const { text, ends } = this;
    const from = text.length;
    text.u8(type);
    text.range(utf8, start, end);
    const { bytes } = text;
    for (let i = this.before; i < this.terms; i++) {
      const known = i === 0 ? 0 : (ends[i - 1] as number);
      if ((ends[i] as number) - known === length + 1 && sameBytes(bytes, known, from, length + 1)) {
        text.length = from;
        return;
      }
    }
    if (this.terms === ends.length) {
      this.ends = new Uint32Array(ends.length * 2);
      this.ends.set(ends);
    }
    this.ends[this.terms++] = text.length;
  };

  private readonly take = (type: number, term: string): void => {
    const utf8 = Buffer.from(term, "utf8");
    this.takeBytes(type, utf8, 0, utf8.length);
  };

  /** Looks at one record; whether it has terms. */
  private hasTerms(source: TermSource, kind: string, bytes: Uint8Array, start: number, end: number): boolean {
    this.before = this.terms;
    if (source.scan?.(kind, bytes, start, end, this.takeBytes) !== true) source.read(kind, bytes, start, end, this.take);
    if (this.terms === this.before) return false;
    this.termEnds.push(this.terms);
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

/** What counts is the length in characters, the type as one of them. */
function tooLong(utf8: Uint8Array, start: number, end: number): boolean {
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString("utf8", start, end).length >= MAX_TERM_BYTES;
}

function sameBytes(bytes: Uint8Array, one: number, other: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) if (bytes[one + i] !== bytes[other + i]) return false;
  return true;
}
