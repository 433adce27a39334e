/** What a run has to say about records: rows of a sorter, keyed by sort key. */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { RowSorter } from "../scratch/row-sorter.ts";
import type { RowBlock } from "../scratch/row-sorter.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { Located } from "../tree/leaf.ts";
import { KeptKey } from "../tree/leaf-builder.ts";

/** digest, flags, frame (run-wide), ordinal, arrival number, kind (the run's own number), length of the anchor. */
const ENTRY_WIDTH = DIGEST_BYTES + 1 + 4 + 4 + 6 + 2 + 2;
const SAME = 1;

/** One row. A block's rows are read into one object, which is overwritten. */
export class EntryRow {
  bytes: Buffer = Buffer.alloc(0);
  keyAt = 0;
  keyEnd = 0;
  /** The bytes are those the parent has; only the order of arrival is news. */
  same = false;
  /** Run-wide. */
  frame = 0;
  ordinal = 0;
  /** 0-based number of the record in the run. */
  arrival = 0;
  kind = 0;
  anchorBytes = 0;

  read(block: RowBlock, i: number): void {
    this.readAt(block.bytes, block.keyAt[i] as number, block.keyEnd[i] as number);
  }
  readAt(bytes: Buffer, keyAt: number, keyEnd: number): void {
    this.bytes = bytes;
    this.keyAt = keyAt;
    this.keyEnd = keyEnd;
    const at = keyEnd + DIGEST_BYTES;
    this.same = bytes[at] === SAME;
    this.frame = bytes.readUInt32BE(at + 1);
    this.ordinal = bytes.readUInt32BE(at + 5);
    this.arrival = bytes.readUIntBE(at + 9, 6);
    this.kind = bytes.readUInt16BE(at + 15);
    this.anchorBytes = bytes.readUInt16BE(at + 17);
  }
  /** Where its 16 bytes stand in `bytes`. */
  get digestAt(): number {
    return this.keyEnd;
  }
  /** Bytes of the row from `keyAt`. */
  get size(): number {
    return this.keyEnd - this.keyAt + ENTRY_WIDTH;
  }
  get child(): boolean {
    return this.bytes[this.keyAt + this.anchorBytes + 1] === 1;
  }
  /** As byte strings. */
  get key(): string {
    return this.bytes.toString("latin1", this.keyAt, this.keyEnd);
  }
  get digest(): string {
    return this.bytes.toString("latin1", this.keyEnd, this.keyEnd + DIGEST_BYTES);
  }
}

export class NewEntries {
  readonly sorter: RowSorter;
  private readonly row = Buffer.alloc(ENTRY_WIDTH);
  constructor(scratch: Scratch) {
    this.sorter = new RowSorter(scratch, ENTRY_WIDTH);
  }
  /** `sorter.full(keyBytes)` must have been asked. `digest`: 16 bytes at `digestAt`. */
  add(key: Uint8Array, keyBytes: number, anchorBytes: number, kind: number, digest: Uint8Array, digestAt: number, frame: number, ordinal: number, arrival: number, same: boolean): void {
    const { row } = this;
    for (let i = 0; i < DIGEST_BYTES; i++) row[i] = digest[digestAt + i] as number;
    row[16] = same ? SAME : 0;
    row.writeUInt32BE(frame, 17);
    row.writeUInt32BE(ordinal, 21);
    row.writeUIntBE(arrival, 25, 6);
    row.writeUInt16BE(kind, 31);
    row.writeUInt16BE(anchorBytes, 33);
    this.sorter.add(key, keyBytes, row);
  }
}

const DELTA_WIDTH = DIGEST_BYTES + 1 + 16;
const REMOVAL = 2;

/** The entries of the run to be written, already in order, held in bounded memory until it is known which older runs they merge with. */
export class Delta {
  readonly sorter: RowSorter;
  private readonly packs: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly row = Buffer.alloc(DELTA_WIDTH);
  private readonly key = new KeptKey();
  constructor(scratch: Scratch) {
    this.sorter = new RowSorter(scratch, DELTA_WIDTH);
  }
  /** `key`: a byte string. A promise when something has to be written first. `located` null: a removal. */
  add(key: string, located: Located | null): Promise<void> | null {
    if (this.sorter.full(key.length)) return this.sorter.spill().then(() => this.put(key, located));
    this.put(key, located);
    return null;
  }
  private put(key: string, located: Located | null): void {
    const { row } = this;
    row.fill(0);
    if (located === null) row[16] = REMOVAL;
    else {
      let number = this.numbers.get(located.pack);
      if (number === undefined) {
        this.numbers.set(located.pack, (number = this.packs.length));
        this.packs.push(located.pack);
      }
      row.write(located.digest, 0, "latin1");
      row.writeUInt32BE(number, 17);
      row.writeUInt32BE(located.frame, 21);
      row.writeUInt32BE(located.ordinal, 25);
      row.writeUInt32BE(located.place + 1, 29);
    }
    this.key.setText(key);
    this.sorter.add(this.key.bytes, this.key.length, row);
  }
  /** What row `i` of a block says. Null: a removal. */
  read({ bytes, keyEnd }: RowBlock, i: number): Located | null {
    const at = keyEnd[i] as number;
    if (bytes[at + 16] === REMOVAL) return null;
    return {
      digest: bytes.toString("latin1", at, at + DIGEST_BYTES),
      pack: this.packs[bytes.readUInt32BE(at + 17)] as string,
      frame: bytes.readUInt32BE(at + 21),
      ordinal: bytes.readUInt32BE(at + 25),
      place: bytes.readUInt32BE(at + 29) - 1,
    };
  }
}
