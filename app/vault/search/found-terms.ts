/** What was found in the records of one frame: their names, and their terms as bytes one after another. Kept until it is known which pack the frame comes to lie in. */
import { ByteWriter } from "../format/bytes.ts";
import type { NamedRecord } from "./part.ts";
import { MAX_TERM_BYTES, type TermSource } from "./terms.ts";

export class FoundTerms {
  readonly records: NamedRecord[] = [];
  /** Number of terms up to and including each record. */
  readonly termEnds: number[] = [];
  private readonly ends: number[] = [];
  private readonly bytes = new ByteWriter(4096);

  /** Looks at one record; nothing is kept of one without terms. Names as byte strings. */
  look(source: TermSource, kind: string, name: () => NamedRecord, bytes: Uint8Array, start: number, end: number): void {
    const before = this.ends.length;
    const seen = new Set<string>();
    source.read(kind, bytes, start, end, (type, term) => {
      const key = String.fromCharCode(type) + term;
      if (term === "" || seen.has(key)) return;
      seen.add(key);
      const encoded = Buffer.from(term, "utf8");
      if (encoded.length > MAX_TERM_BYTES) return;
      this.bytes.u8(type);
      this.bytes.put(encoded);
      this.ends.push(this.bytes.length);
    });
    if (this.ends.length === before) return;
    this.records.push(name());
    this.termEnds.push(this.ends.length);
  }

  /** Type and UTF-8 of one term. */
  termBytes(term: number): Uint8Array {
    return this.bytes.bytes.subarray(term === 0 ? 0 : (this.ends[term - 1] as number), this.ends[term]);
  }
}
