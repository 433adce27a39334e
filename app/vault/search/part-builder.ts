/** Gathers what a pack's records are searched by, and seals it: terms as they come, rows as numbers, names of records in columns. */
import { hmacs } from "../crypto/hmac/many-hmacs.ts";
import { ByteWriter } from "../format/bytes.ts";
import type { Random } from "../ports.ts";
import { sealPart } from "./part.ts";
import type { FoundTerms } from "./found-terms.ts";
import { labelled } from "./labels.ts";
import { RecordNames } from "./record-names.ts";
import { blocksKeyOf, MAX_ROWS, SALT_BYTES, searchKeyOf, termKeyOf, TOKEN_BYTES } from "./tokens.ts";

export interface SealedPart {
  /** What follows the pack's id in the object's name. */
  readonly name: string;
  readonly bytes: Buffer;
}

const FIRST_ROWS = 4096;
const FIRST_TEXT = 64 * 1024;
/** Terms that are looked for among those that came before, and how many of them are remembered. */
const RECURRING_BYTES = 12;
const RECENT = 8192;
const FIRST_NAMES = 16 * 1024;

/** Of one pack. A part is closed when it is full, so memory is bounded by a part and the sealed ones before it. */
export class PartBuilder {
  private readonly vaultId: Uint8Array;
  private readonly random: Random;
  private readonly version: number;
  private readonly termKey: Buffer;
  private readonly blocksKey: Buffer;
  private readonly full: { readonly rows: Buffer; readonly names: RecordNames }[] = [];
  /** Terms, each its type and its UTF-8; one that recurs is here once, or a few times. */
  private text = new ByteWriter(FIRST_TEXT);
  private ends = new Uint32Array(FIRST_ROWS);
  private terms = 0;
  /** Of all rows: the term's number. */
  private termOf = new Uint32Array(FIRST_ROWS);
  /** Of all rows: the record's number. */
  private recordOf = new Uint32Array(FIRST_ROWS);
  private rows = 0;
  /** Terms that came not long ago: their numbers plus one, by what they are. Forgetful: whoever steers names can make it useless, and nothing worse. */
  private readonly recent = new Uint32Array(RECENT);
  private names = new RecordNames(FIRST_NAMES);

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
    const { bytes } = found.text;
    let from = 0;
    let start = 0;
    for (const [i, to] of found.termEnds.entries()) {
      // A record's rows stay together: a search for two words is answered by one part.
      if (this.rows + to - from > MAX_ROWS) this.closePart();
      const record = this.names.count;
      this.names.addFrom(found.names, i);
      for (let term = from; term < to; term++) {
        const end = found.ends[term] as number;
        if (this.rows < MAX_ROWS) this.row(bytes, start, end, record);
        start = end;
      }
      from = to;
    }
  }

  private row(bytes: Uint8Array, start: number, end: number, record: number): void {
    if (this.rows === this.termOf.length) {
      this.termOf = doubled(this.termOf);
      this.recordOf = doubled(this.recordOf);
    }
    this.termOf[this.rows] = this.termNumber(bytes, start, end);
    this.recordOf[this.rows++] = record;
  }

  /** Words of names recur; addresses and numbers hardly ever do within a pack. */
  private termNumber(bytes: Uint8Array, start: number, end: number): number {
    const { recent, text } = this;
    let slot = -1;
    if (end - start <= RECURRING_BYTES) {
      let hash = 0;
      for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
      slot = (hash ^ (hash >>> 15)) & (RECENT - 1);
      const known = (recent[slot] as number) - 1;
      if (known >= 0) {
        const at = known === 0 ? 0 : (this.ends[known - 1] as number);
        if ((this.ends[known] as number) - at === end - start && sameBytes(text.bytes, at, bytes, start, end)) return known;
      }
    }
    if (this.terms === this.ends.length) this.ends = doubled(this.ends);
    text.range(bytes, start, end);
    this.ends[this.terms++] = text.length;
    if (slot >= 0) recent[slot] = this.terms;
    return this.terms - 1;
  }

  private closePart(): void {
    if (this.names.count === 0) return;
    const tokens = Buffer.alloc(this.terms * TOKEN_BYTES);
    hmacs(this.termKey, this.text.bytes, this.ends, this.terms, tokens, 0);
    this.full.push({ rows: labelled({ tokens, terms: this.terms, termOf: this.termOf, recordOf: this.recordOf, rows: this.rows }), names: this.names });
    this.rows = this.terms = 0;
    this.text.reset();
    this.recent.fill(0);
    this.names = new RecordNames(FIRST_NAMES);
  }

  /** The parts, sealed. When nothing was found: none, or an empty one that says so where no list does. */
  seal(generation = 0, whenNothing: "none" | "empty" = "none"): SealedPart[] {
    this.closePart();
    if (this.full.length === 0 && whenNothing === "empty") this.full.push({ rows: Buffer.alloc(0), names: this.names });
    const { vaultId, blocksKey, version, full } = this;
    return full.map(({ rows, names }, part) => sealPart({ vaultId, blocksKey, salt: this.random(SALT_BYTES), version, part, parts: full.length, rows, names }, generation));
  }
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

function sameBytes(one: Uint8Array, at: number, other: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (one[at + i - start] !== other[i]) return false;
  return true;
}
