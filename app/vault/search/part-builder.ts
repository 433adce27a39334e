/** Gathers what a pack's records are searched by, and seals it: rows in memory as numbers, 24 bytes each; names of records as they come. */
import { hmacs } from "../crypto/hmac/many-hmacs.ts";
import type { Random } from "../ports.ts";
import { sealPart } from "./part.ts";
import type { FoundTerms } from "./found-terms.ts";
import { labelled } from "./labels.ts";
import { RecordNames } from "./record-names.ts";
import { blocksKeyOf, MAX_ROWS, searchKeyOf, termKeyOf, TOKEN_BYTES } from "./tokens.ts";

export interface SealedPart {
  /** What follows the pack's id in the object's name. */
  readonly name: string;
  readonly bytes: Buffer;
}

const FIRST_ROWS = 4096;
const FIRST_NAMES = 16 * 1024;

/** Of one pack. A part is closed when it is full, so memory is bounded by a part and the sealed ones before it. */
export class PartBuilder {
  private readonly vaultId: Uint8Array;
  private readonly random: Random;
  private readonly version: number;
  private readonly termKey: Buffer;
  private readonly blocksKey: Buffer;
  private readonly full: { readonly rows: Buffer; readonly names: RecordNames }[] = [];
  /** Of all rows, one after the other. */
  private tokens = Buffer.alloc(0);
  /** Of all rows: the record's number. */
  private numbers = new Uint32Array(0);
  private rows = 0;
  private names = new RecordNames(FIRST_NAMES);
  /** Tokens of what is being added. */
  private made = Buffer.alloc(0);

  constructor(packSecret: Uint8Array, vaultId: Uint8Array, version: number, random: Random) {
    const searchKey = searchKeyOf(packSecret);
    this.vaultId = vaultId;
    this.random = random;
    this.version = version;
    this.termKey = termKeyOf(searchKey);
    this.blocksKey = blocksKeyOf(searchKey);
  }

  /** Copies what was found in some records in. */
  add(found: FoundTerms): void {
    if (found.terms * TOKEN_BYTES > this.made.length) this.made = Buffer.alloc(found.terms * TOKEN_BYTES * 2);
    hmacs(this.termKey, found.text.bytes, found.ends, found.terms, this.made, 0);
    let from = 0;
    for (const [i, to] of found.termEnds.entries()) {
      // A record's rows stay together: a search for two words is answered by one part.
      if (this.rows + to - from > MAX_ROWS) this.closePart();
      const rows = Math.min(to - from, MAX_ROWS);
      while (this.rows + rows > this.numbers.length) this.grow();
      this.made.copy(this.tokens, this.rows * TOKEN_BYTES, from * TOKEN_BYTES, (from + rows) * TOKEN_BYTES);
      this.numbers.fill(this.names.count, this.rows, this.rows + rows);
      this.names.addFrom(found.names, i);
      this.rows += rows;
      from = to;
    }
  }

  private grow(): void {
    const rows = Math.min(MAX_ROWS, Math.max(FIRST_ROWS, this.numbers.length * 2));
    const tokens = Buffer.alloc(rows * TOKEN_BYTES);
    tokens.set(this.tokens.subarray(0, this.rows * TOKEN_BYTES), 0);
    const numbers = new Uint32Array(rows);
    numbers.set(this.numbers.subarray(0, this.rows), 0);
    this.tokens = tokens;
    this.numbers = numbers;
  }

  private closePart(): void {
    if (this.names.count === 0) return;
    this.full.push({ rows: labelled(this.tokens, this.numbers, this.rows), names: this.names });
    this.rows = 0;
    this.names = new RecordNames(FIRST_NAMES);
  }

  /** The parts, sealed. When nothing was found: none, or an empty one that says so where no list does. */
  seal(generation = 0, whenNothing: "none" | "empty" = "none"): SealedPart[] {
    this.closePart();
    if (this.full.length === 0 && whenNothing === "empty") this.full.push({ rows: Buffer.alloc(0), names: this.names });
    const { vaultId, blocksKey, version, full } = this;
    return full.map(({ rows, names }, part) => sealPart({ vaultId, blocksKey, salt: this.random(32), version, part, parts: full.length, rows, names }, generation));
  }
}
