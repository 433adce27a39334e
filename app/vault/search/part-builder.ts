/** Gathers what a pack's records are searched by, and seals it: rows in memory as numbers, 24 bytes each; names of records as they come. */
import { KeyedDigest } from "../crypto/digest.ts";
import type { Random } from "../ports.ts";
import { sealPart } from "./part.ts";
import type { NamedRecord } from "./part.ts";
import type { FoundTerms } from "./found-terms.ts";
import { MAX_TERM_BYTES } from "./terms.ts";
import { blocksKeyOf, labelOf, MAX_ROWS, NUMBER_BITS, searchKeyOf, termKeyOf, TOKEN_BYTES } from "./tokens.ts";

export interface SealedPart {
  /** What follows the pack's id in the object's name. */
  readonly name: string;
  readonly bytes: Buffer;
}

const FIRST_ROWS = 4096;
/** Terms whose token is looked up rather than made again: names recur. */
const KNOWN_TERMS = 8192;
const RECURRING_LENGTH = 11;

/** Of one pack. A part is closed when it is full, so memory is bounded by a part and the sealed ones before it. */
export class PartBuilder {
  private readonly vaultId: Uint8Array;
  private readonly random: Random;
  private readonly version: number;
  private readonly digest: KeyedDigest;
  private readonly blocksKey: Buffer;
  private readonly full: { readonly rows: Uint32Array; readonly records: readonly NamedRecord[] }[] = [];
  private tokens = Buffer.alloc(0);
  private numbers = new Uint32Array(0);
  private rows = 0;
  /** Rows that have a term's token. */
  private readonly known = new Map<string, number>();
  private readonly room = Buffer.alloc(4 * MAX_TERM_BYTES);
  private records: NamedRecord[] = [];

  constructor(packSecret: Uint8Array, vaultId: Uint8Array, version: number, random: Random) {
    const searchKey = searchKeyOf(packSecret);
    this.vaultId = vaultId;
    this.random = random;
    this.version = version;
    this.digest = new KeyedDigest(termKeyOf(searchKey));
    this.blocksKey = blocksKeyOf(searchKey);
  }

  /** Copies what was found in some records in. */
  add(found: FoundTerms): void {
    for (let i = 0; i < found.records.length; i++) {
      const from = i === 0 ? 0 : (found.termEnds[i - 1] as number);
      const to = found.termEnds[i] as number;
      // A record's rows stay together: a search for two words is answered by one part.
      if (this.rows + to - from > MAX_ROWS) this.closePart();
      const number = this.records.push(found.records[i] as NamedRecord) - 1;
      for (let term = from; term < to; term++) this.row(found.terms[term] as string, number);
    }
  }

  private row(term: string, number: number): void {
    if (this.rows >= MAX_ROWS || term.length > MAX_TERM_BYTES) return;
    if (this.rows >= this.numbers.length) this.grow();
    const at = this.rows * TOKEN_BYTES;
    // Words of names recur; addresses and numbers hardly ever do within a pack.
    const recurs = term.length <= RECURRING_LENGTH;
    const known = recurs ? this.known.get(term) : undefined;
    if (known !== undefined) this.tokens.copyWithin(at, known * TOKEN_BYTES, (known + 1) * TOKEN_BYTES);
    else {
      if (recurs) {
        if (this.known.size >= KNOWN_TERMS) this.known.clear();
        this.known.set(term, this.rows);
      }
      this.tokens.write(this.digest.whole(this.room.subarray(0, this.room.write(term, "utf8"))), at, "latin1");
    }
    this.numbers[this.rows++] = number;
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
    if (this.records.length === 0) return;
    this.full.push({ rows: labelled(this.tokens, this.numbers, this.rows), records: this.records });
    this.rows = 0;
    this.known.clear();
    this.records = [];
  }

  /** The parts, sealed. When nothing was found: none, or an empty one that says so where no list does. */
  seal(generation = 0, whenNothing: "none" | "empty" = "none"): SealedPart[] {
    this.closePart();
    if (this.full.length === 0 && whenNothing === "empty") this.full.push({ rows: new Uint32Array(0), records: [] });
    const { vaultId, blocksKey, version, full } = this;
    return full.map(({ rows, records }, part) => sealPart({ vaultId, blocksKey, salt: this.random(32), version, part, parts: full.length, rows, records }, generation));
  }
}

/** Rows of labels and record numbers in ascending order. Rows of one token are numbered, in order of arrival, and labelled by their number. */
export function labelled(tokens: Buffer, numbers: Uint32Array, rows: number): Uint32Array {
  const sorted = new BigUint64Array(rows);
  // Both halves of a 64-bit number are written by themselves: no BigInt is made per row.
  const halves = new Uint32Array(sorted.buffer);
  const put = (row: number, high: number, low: number): void => {
    halves[row * 2 + UPPER] = high;
    halves[row * 2 + 1 - UPPER] = low;
  };
  for (let row = 0; row < rows; row++) {
    const { high, low } = labelOf(tokens, row * TOKEN_BYTES, 0);
    put(row, high, (low | row) >>> 0);
  }
  sorted.sort();
  const out = new BigUint64Array(rows);
  const outHalves = new Uint32Array(out.buffer);
  for (let start = 0; start < rows; ) {
    const high = halves[start * 2 + UPPER] as number;
    const low = ((halves[start * 2 + 1 - UPPER] as number) >>> NUMBER_BITS) << NUMBER_BITS;
    let end = start + 1;
    while (end < rows && halves[end * 2 + UPPER] === high && ((halves[end * 2 + 1 - UPPER] as number) >>> NUMBER_BITS) << NUMBER_BITS === low) end++;
    const first = ((halves[start * 2 + 1 - UPPER] as number) & (MAX_ROWS - 1)) * TOKEN_BYTES;
    const counts = end - start > 1 && !sameTokens(tokens, first, halves, start + 1, end) ? new Map<string, number>() : null;
    for (let i = start; i < end; i++) {
      const row = (halves[i * 2 + 1 - UPPER] as number) & (MAX_ROWS - 1);
      let count = i - start;
      if (counts !== null) {
        const token = tokens.toString("latin1", row * TOKEN_BYTES, (row + 1) * TOKEN_BYTES);
        count = counts.get(token) ?? 0;
        counts.set(token, count + 1);
      }
      const label = labelOf(tokens, row * TOKEN_BYTES, count);
      outHalves[i * 2 + UPPER] = label.high;
      outHalves[i * 2 + 1 - UPPER] = (label.low | (numbers[row] as number)) >>> 0;
    }
    start = end;
  }
  out.sort();
  if (UPPER === 0) return outHalves;
  for (let i = 0; i < outHalves.length; i += 2) {
    const low = outHalves[i] as number;
    outHalves[i] = outHalves[i + 1] as number;
    outHalves[i + 1] = low;
  }
  return outHalves;
}

/** Rows with one label nearly always have one token: two terms meet in 46 bits once in a blue moon. */
function sameTokens(tokens: Buffer, first: number, halves: Uint32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const at = ((halves[i * 2 + 1 - UPPER] as number) & (MAX_ROWS - 1)) * TOKEN_BYTES;
    // The last 16 bytes suffice; compared by hand, which for so few is quicker than a call.
    for (let byte = 16; byte < TOKEN_BYTES; byte++) if (tokens[first + byte] !== tokens[at + byte]) return false;
  }
  return true;
}

/** Which half of a 64-bit number the machine keeps its upper bits in. */
const UPPER = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;
