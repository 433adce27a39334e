/** What was found in the records of one frame: their names and their terms. Kept until it is known which pack the frame comes to lie in. */
import type { NamedRecord } from "./part.ts";
import type { TermSource } from "./terms.ts";

export class FoundTerms {
  readonly records: NamedRecord[] = [];
  /** Number of terms up to and including each record. */
  readonly termEnds: number[] = [];
  /** The type as one character, then the term. */
  readonly terms: string[] = [];

  /** Looks at one record; nothing is kept of one without terms. Names as byte strings. */
  look(source: TermSource, kind: string, name: () => NamedRecord, bytes: Uint8Array, start: number, end: number): void {
    const { terms } = this;
    const before = terms.length;
    source.read(kind, bytes, start, end, (type, term) => {
      const typed = String.fromCharCode(type) + term;
      // A record has a handful of terms: looking through them is quicker than a set.
      for (let i = before; i < terms.length; i++) if (terms[i] === typed) return;
      if (term !== "") terms.push(typed);
    });
    if (terms.length === before) return;
    this.records.push(name());
    this.termEnds.push(terms.length);
  }
}
