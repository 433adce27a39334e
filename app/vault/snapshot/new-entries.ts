/** What a run has to say about records: rows of a sorter, keyed by sort key. */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { Sorter } from "../scratch/sorter.ts";
import type { Located } from "../tree/leaf.ts";

/** digest, flags, frame (run-wide), ordinal, arrival number. */
const ENTRY_WIDTH = DIGEST_BYTES + 1 + 4 + 4 + 6;
const SAME = 1;

export interface NewEntry {
  readonly digest: string;
  /** The bytes are those the parent has; only the order of arrival is news. */
  readonly same: boolean;
  readonly frame: number;
  readonly ordinal: number;
  /** 0-based number of the record in the run. */
  readonly arrival: number;
}

export class NewEntries {
  readonly sorter: Sorter;
  private readonly row = Buffer.alloc(ENTRY_WIDTH);
  constructor(scratch: Scratch) {
    this.sorter = new Sorter(scratch, ENTRY_WIDTH);
  }
  /** True when `sorter.spill()` must be awaited. */
  add(key: string, digest: string, frame: number, ordinal: number, arrival: number, same: boolean): boolean {
    const { row } = this;
    row.write(digest, 0, "latin1");
    row[16] = same ? SAME : 0;
    row.writeUInt32BE(frame, 17);
    row.writeUInt32BE(ordinal, 21);
    row.writeUIntBE(arrival, 25, 6);
    return this.sorter.add(key, row);
  }
}

export function readNewEntry(payload: Buffer): NewEntry {
  return {
    digest: payload.toString("latin1", 0, DIGEST_BYTES),
    same: payload[16] === SAME,
    frame: payload.readUInt32BE(17),
    ordinal: payload.readUInt32BE(21),
    arrival: payload.readUIntBE(25, 6),
  };
}

const DELTA_WIDTH = DIGEST_BYTES + 1 + 16;
const REMOVAL = 2;

/** The entries of the run to be written, already in order, held in bounded memory until it is known which older runs they merge with. */
export class Delta {
  readonly sorter: Sorter;
  private readonly packs: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly row = Buffer.alloc(DELTA_WIDTH);
  constructor(scratch: Scratch) {
    this.sorter = new Sorter(scratch, DELTA_WIDTH);
  }
  add(key: string, located: Located | null): boolean {
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
    return this.sorter.add(key, row);
  }
  read(payload: Buffer): Located | null {
    if (payload[16] === REMOVAL) return null;
    return {
      digest: payload.toString("latin1", 0, DIGEST_BYTES),
      pack: this.packs[payload.readUInt32BE(17)] as string,
      frame: payload.readUInt32BE(21),
      ordinal: payload.readUInt32BE(25),
      place: payload.readUInt32BE(29) - 1,
    };
  }
}
