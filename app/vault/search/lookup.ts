/** Looks tokens up in one part, reading as little of it as will do: its head, a bucket a term, and the names of what was found. */
import { asBuffer } from "../format/bytes.ts";
import { damaged, missing } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Gate } from "./at-once.ts";
import { bucketOf, MAX_HEAD_BYTES, PartBlocks, ROW_BYTES, TABLE_RECORDS } from "./part.ts";
import type { NamedRecord } from "./part.ts";
import { labelOf, MAX_ROWS, TOKEN_BYTES } from "./tokens.ts";

/** Fetched first: all of a small part, else head and a little more. */
const FIRST_BYTES = 16 * 1024;
/** Rows of a term that are asked for by themselves, beyond the first. */
const FEW = 4;
const NUMBER_MASK = MAX_ROWS - 1;

export interface PartLookup {
  readonly store: ObjectStore;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly blocksKey: Uint8Array;
  readonly object: string;
  /** Lets so many parts at a time be held as a whole. Absent: any number. */
  readonly gate?: Gate;
}

export class PartReader {
  bytesFetched = 0;
  private readonly o: PartLookup;
  private readonly start: Buffer;
  readonly blocks: PartBlocks;
  private rows: Buffer | null = null;
  private gated = false;
  private readonly opened = new Map<number, Promise<Buffer>>();
  private constructor(o: PartLookup, start: Buffer) {
    this.o = o;
    this.start = start;
    this.bytesFetched = start.length;
    this.blocks = new PartBlocks(o.vaultId, o.blocksKey, start, o.object);
  }

  /** The beginning of a part, which can be asked for before there is a key. */
  static start(store: ObjectStore, object: string): Promise<Uint8Array | null> {
    const start = store.get(object, { offset: 0, length: Math.max(FIRST_BYTES, MAX_HEAD_BYTES) });
    // Whoever opens the part meets the error.
    start.catch(() => undefined);
    return start;
  }

  /** Throws vault.missing_object, vault.damaged_object. */
  static async open(o: PartLookup, asked: Promise<Uint8Array | null> = PartReader.start(o.store, o.object)): Promise<PartReader> {
    const start = await asked;
    if (start === null) throw missing(o.object);
    return new PartReader(o, asBuffer(start));
  }

  private async range({ offset, length }: { readonly offset: number; readonly length: number }): Promise<Buffer> {
    if (offset + length <= this.start.length) return this.start.subarray(offset, offset + length);
    if (this.rows !== null && offset >= this.blocks.rowsRange.offset && offset + length <= this.blocks.rowsRange.offset + this.rows.length) return this.rows.subarray(offset - this.blocks.rowsRange.offset, offset - this.blocks.rowsRange.offset + length);
    const bytes = await this.o.store.get(this.o.object, { offset, length });
    if (bytes === null) throw missing(this.o.object);
    this.bytesFetched += bytes.length;
    if (bytes.length !== length) throw damaged(this.o.object, "it ends too early");
    return asBuffer(bytes);
  }

  private bucket(number: number): Promise<Buffer> {
    let rows = this.opened.get(number);
    if (rows === undefined) {
      rows = this.range(this.blocks.bucketRange(number)).then((sealed) => this.blocks.openBucket(number, sealed));
      // Whoever asks for it meets the error; one that was only asked for ahead must not count as unhandled.
      rows.catch(() => undefined);
      this.opened.set(number, rows);
    }
    return rows;
  }

  /** Asks for the first buckets of all these at once. Several words are words of names, which recur: of them the next ones too. */
  prefetch(tokens: readonly Uint8Array[]): void {
    for (const token of tokens) for (let count = 0; count <= (tokens.length > 1 ? FEW : 0); count++) void this.bucket(bucketOf(labelOf(asBuffer(token), 0, count).high, this.blocks.head.bucketBits));
  }

  /** Numbers of the records that have the token's term. */
  async numbers(token: Buffer): Promise<Set<number>> {
    if (token.length !== TOKEN_BYTES) throw new RangeError("a token has 32 bytes");
    const found = new Set<number>();
    const bits = this.blocks.head.bucketBits;
    for (let count = 0; count < MAX_ROWS; count++) {
      // Who has one often has a few: those are asked for at once. The rows of one term lie all over the part, so reading all of it is cheaper than asking for more.
      if (count === 1) await Promise.all([...new Set(Array.from({ length: FEW }, (_, i) => bucketOf(labelOf(token, 0, 1 + i).high, bits)))].map((bucket) => this.bucket(bucket)));
      if (count === 1 + FEW && this.rows === null) await this.readWhole();
      const { high, low } = labelOf(token, 0, count);
      if (!collect(await this.bucket(bucketOf(high, bits)), high, low, found)) break;
    }
    return found;
  }

  private async readWhole(): Promise<void> {
    if (this.o.gate !== undefined && !this.gated) {
      await this.o.gate.enter();
      this.gated = true;
    }
    this.rows = await this.range(this.blocks.rowsRange);
  }

  /** Lets go of what was read. */
  close(): void {
    this.rows = null;
    this.opened.clear();
    if (this.gated) this.o.gate?.leave();
    this.gated = false;
  }

  /** Names of the records, in the order asked for. */
  async names(numbers: readonly number[]): Promise<NamedRecord[]> {
    const blocks = new Map<number, readonly NamedRecord[]>();
    // They lie far apart, and each is small: asked for at once they are one wait.
    await Promise.all(
      [...new Set(numbers.map((number) => Math.floor(number / TABLE_RECORDS)))].map(async (block) => {
        if (block >= this.blocks.head.table.length) throw damaged(this.o.object, "a row points beyond its table");
        blocks.set(block, this.blocks.openTable(block, await this.range(this.blocks.tableRange(block))));
      }),
    );
    return numbers.map((number) => blocks.get(Math.floor(number / TABLE_RECORDS))?.[number % TABLE_RECORDS] ?? damagedTable(this.o.object));
  }
}

function damagedTable(object: string): never {
  throw damaged(object, "a row points beyond its table");
}

/** Adds the numbers of all rows with the label; whether there were any. */
function collect(rows: Buffer, high: number, low: number, found: Set<number>): boolean {
  let from = 0;
  let to = rows.length / ROW_BYTES;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const above = rows.readUInt32BE(middle * ROW_BYTES);
    if (above < high || (above === high && rows.readUInt32BE(middle * ROW_BYTES + 4) < low)) from = middle + 1;
    else to = middle;
  }
  let any = false;
  for (let row = from; row * ROW_BYTES < rows.length; row++) {
    const below = rows.readUInt32BE(row * ROW_BYTES + 4);
    if (rows.readUInt32BE(row * ROW_BYTES) !== high || (below & ~NUMBER_MASK) >>> 0 !== low) break;
    found.add(below & NUMBER_MASK);
    any = true;
  }
  return any;
}
