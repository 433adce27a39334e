/** Gathers what a pack's records are searched by, and seals it: terms as they come, rows as numbers, names of records in columns. */
import { hmacs } from "../crypto/hmac/many-hmacs.ts";
import { ByteWriter, sameRange } from "../format/bytes.ts";
import type { Random } from "../ports.ts";
import { sealPart, TABLE_RECORDS } from "./part.ts";
import type { SealedPart, StoredPart } from "./part.ts";
import type { TermColumns } from "./found-terms.ts";
import { labelled } from "./labels.ts";
import { doubled, RecordNames } from "./record-names.ts";
import { blocksKeyOf, MAX_ROWS, SALT_BYTES, searchKeyOf, termKeyOf, TOKEN_BYTES } from "./tokens.ts";

const FIRST_ROWS = 4096;
const FIRST_TEXT = 64 * 1024;
/** Terms that are looked for among those that came before, and how many of them are remembered. */
const RECURRING_BYTES = 12;
const RECENT = 8192;
const FIRST_NAMES = 16 * 1024;

/** Room for one part's rows, which the next part takes over: a part needs megabytes of it. */
class Room {
  /** Terms, each its type and its UTF-8; one that recurs is here once, or a few times. */
  readonly text = new ByteWriter(FIRST_TEXT);
  ends = new Uint32Array(FIRST_ROWS);
  /** Of all rows: the term's number. */
  termOf = new Uint32Array(FIRST_ROWS);
  /** Of all rows: the record's number. */
  recordOf = new Uint32Array(FIRST_ROWS);
  readonly names = new RecordNames(FIRST_NAMES);
  /** Terms that came not long ago: their numbers plus one, by what they are. Forgetful: whoever steers names can make it useless, and nothing worse. */
  readonly recent = new Uint32Array(RECENT);

  /** Names and addresses do not wait here for the next part. */
  wipe(): void {
    this.text.bytes.fill(0, 0, this.text.length);
    this.text.reset();
    this.names.reset();
    this.recent.fill(0);
  }
}

let spare: Room | null = null;

/** Of one pack. A part is closed when it is full, so memory is bounded by a part and the sealed ones before it. */
export class PartBuilder {
  private readonly vaultId: Uint8Array;
  private readonly random: Random;
  private readonly version: number;
  private readonly termKey: Buffer;
  private readonly blocksKey: Buffer;
  private readonly full: { readonly rows: Buffer; readonly tables: readonly Buffer[] }[] = [];
  private room: Room;
  private rows = 0;
  private terms = 0;

  constructor(packSecret: Uint8Array, vaultId: Uint8Array, version: number, random: Random) {
    const searchKey = searchKeyOf(packSecret);
    this.vaultId = vaultId;
    this.random = random;
    this.version = version;
    this.termKey = termKeyOf(searchKey);
    this.blocksKey = blocksKeyOf(searchKey);
    this.room = spare ?? new Room();
    spare = null;
  }

  /** Copies what was found in some records in. */
  add(found: TermColumns): void {
    const { bytes } = found.text;
    let from = 0;
    let start = 0;
    for (let i = 0; i < found.names.count; i++) {
      const to = found.termEnds[i] as number;
      // A record's rows stay together: a search for two words is answered by one part.
      if (this.rows + to - from > MAX_ROWS) this.closePart();
      const record = this.room.names.count;
      this.room.names.addFrom(found.names, i);
      for (let term = from; term < to; term++) {
        const end = found.ends[term] as number;
        if (this.rows < MAX_ROWS) this.row(bytes, start, end, record);
        start = end;
      }
      from = to;
    }
  }

  private row(bytes: Uint8Array, start: number, end: number, record: number): void {
    const { room } = this;
    if (this.rows === room.termOf.length) {
      room.termOf = doubled(room.termOf);
      room.recordOf = doubled(room.recordOf);
    }
    room.termOf[this.rows] = this.termNumber(bytes, start, end);
    room.recordOf[this.rows++] = record;
  }

  /** Words of names recur; addresses and numbers hardly ever do within a pack. */
  private termNumber(bytes: Uint8Array, start: number, end: number): number {
    const { room } = this;
    const { recent, text } = room;
    let slot = -1;
    if (end - start <= RECURRING_BYTES) {
      let hash = 0;
      for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
      slot = (hash ^ (hash >>> 15)) & (RECENT - 1);
      const known = (recent[slot] as number) - 1;
      if (known >= 0) {
        const at = known === 0 ? 0 : (room.ends[known - 1] as number);
        if ((room.ends[known] as number) - at === end - start && sameRange(text.bytes, at, bytes, start, end - start)) return known;
      }
    }
    if (this.terms === room.ends.length) room.ends = doubled(room.ends);
    text.range(bytes, start, end);
    room.ends[this.terms++] = text.length;
    if (slot >= 0) recent[slot] = this.terms;
    return this.terms - 1;
  }

  private closePart(): void {
    const { room, rows, terms } = this;
    if (room.names.count === 0) return;
    const tokens = Buffer.alloc(terms * TOKEN_BYTES);
    hmacs(this.termKey, room.text.bytes, room.ends, terms, tokens, 0);
    this.full.push({ rows: labelled({ tokens, terms, termOf: room.termOf, recordOf: room.recordOf, rows }), tables: room.names.tables(TABLE_RECORDS) });
    this.rows = this.terms = 0;
    room.wipe();
  }

  /** The parts, sealed. When nothing was found: none, or an empty one that says so where no list does. */
  seal(generation = 0, whenNothing: "none" | "empty" = "none"): SealedPart[] {
    this.close(whenNothing);
    return this.full.map((_, part) => this.sealed(part, this.random(SALT_BYTES), generation));
  }

  /** Of a whole generation of this version: the objects that say something else than what was added. What says the same comes out byte for byte under the salt of its head. */
  disagreeing(stored: readonly StoredPart[]): string[] {
    this.close("empty");
    return stored.filter(({ head, digest }) => head.parts !== this.full.length || this.sealed(head.part, head.salt, 0).digest !== digest).map(({ object }) => object);
  }

  private close(whenNothing: "none" | "empty"): void {
    this.closePart();
    spare = this.room;
    this.room = new Room();
    if (this.full.length === 0 && whenNothing === "empty") this.full.push({ rows: Buffer.alloc(0), tables: [] });
  }

  private sealed(part: number, salt: Uint8Array, generation: number): SealedPart {
    const { vaultId, blocksKey, version, full } = this;
    const { rows, tables } = full[part] as (typeof full)[number];
    return sealPart({ vaultId, blocksKey, salt, version, part, parts: full.length, rows, tables }, generation);
  }
}
