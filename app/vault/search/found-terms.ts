/** What was found in the records of one frame: their names and their terms. Kept until it is known which pack the frame comes to lie in. */
import type { NamedRecord } from "./part.ts";
import type { TermSource } from "./terms.ts";

/** Each type as one character of one byte in UTF-8: 1 to 127. */
const TYPES = Array.from({ length: 128 }, (_, type) => String.fromCharCode(type));

export class FoundTerms {
  readonly records: NamedRecord[] = [];
  /** Number of terms up to and including each record. */
  readonly termEnds: number[] = [];
  /** The type as one character, then the term. */
  readonly terms: string[] = [];

  private before = 0;
  private readonly take = (type: number, term: string): void => {
    if (term === "") return;
    const { terms } = this;
    const typed = (TYPES[type] as string) + term;
    // A record has a handful of terms: looking through them is quicker than a set.
    for (let i = this.before; i < terms.length; i++) if (terms[i] === typed) return;
    terms.push(typed);
  };

  /** Looks at one record; nothing is kept of one without terms. Names as byte strings. */
  look(source: TermSource, kind: string, name: () => NamedRecord, bytes: Uint8Array, start: number, end: number): void {
    const { terms } = this;
    const before = terms.length;
    this.before = before;
    source.read(kind, bytes, start, end, this.take);
    if (terms.length === before) return;
    this.records.push(name());
    this.termEnds.push(terms.length);
  }
}
