/** What is searched for: terms that somebody else finds in records. The vault knows no kind of record and no language; it is handed this. */

/** Puts a record's terms out. Equal records give equal terms under one version. */
export interface TermSource {
  /** Raised whenever the same record would give other terms: 1 to 255. */
  readonly version: number;
  /** Kinds that may have terms, as the source writes them. Records of others are not looked at. */
  readonly kinds: ReadonlySet<string>;
  /** Where a thread finds the same source: a module's URL, and the name by which it is exported there. Absent: records are only looked through in the thread that has it. */
  readonly module?: { readonly url: string; readonly name: string } | undefined;
  /** `bytes` from `start` to `end`: one record of one of the kinds, whatever it holds. `found`: a type of term (1 to 127) and its normal form. Must not throw for what a record holds. */
  read(kind: string, bytes: Uint8Array, start: number, end: number, found: (type: number, term: string) => void): void;
  /**
   * A quicker way to the same terms. False: it is not sure of this record, has put out nothing, and `read` is asked. `found` is handed some terms at a time, each its type in one byte
   * and then its UTF-8, one after the other in `terms` from `from` on, each once; `ends[first + i]` is where term i ends, counted from `from`. All of it must be copied at once.
   */
  scan?(kind: string, bytes: Uint8Array, start: number, end: number, found: (terms: Uint8Array, from: number, ends: Int32Array, first: number, count: number) => void): boolean;
}

/** What is looked for: any of the groups, and of a group all terms. */
export type SearchQuery = readonly (readonly SearchTerm[])[];

export interface SearchTerm {
  readonly type: number;
  readonly term: string;
}

/** Longer terms, in characters, are not kept: no address or name is. */
export const MAX_TERM_BYTES = 512;
