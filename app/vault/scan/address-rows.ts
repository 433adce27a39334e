/**
 * What an index says, filed by where it points: rows of (pack, frame, ordinal) with digest and key hash, gathered in key order and given
 * back pack by pack. Rows beyond a budget go to a sealed scratch file, so memory does not grow with the vault.
 */
import type { FrameSize } from "../pack/open-frame.ts";
import type { Expected } from "../pack/check-frames.ts";
import type { Scratch, ScratchFile } from "../scratch/scratch.ts";

/** pack, frame, ordinal, four of digest, two of key hash. */
const WIDTH = 9;
/** Rows per chunk: 64 KiB. */
const CHUNK_ROWS = 1820;
/** Rows that are brought together to be handed out: what one group of packs may hold. */
const GROUP_ROWS = 100_000;
const DEFAULT_BUDGET = 8 * 1024 * 1024;

interface Group {
  full: Uint32Array[];
  open: Uint32Array | null;
  filled: number;
  readonly stored: number[];
  rows: number;
}

/** What the index says of one pack that cannot be true. */
export interface Misfit {
  readonly what: "missing" | "damaged";
  readonly frame: number;
  readonly ordinal: number;
}

export interface PackExpectation {
  readonly expected: Expected;
  /** The first entry that points at no record, or two that differ over one. */
  readonly misfit: Misfit | null;
}

export class AddressRows {
  private readonly scratch: Scratch;
  private readonly budget: number;
  private readonly groupOf: Uint32Array;
  private readonly groups: Group[] = [];
  private file: ScratchFile | null = null;
  private held = 0;
  /** The group that is being handed out, its rows ordered by pack. */
  private current = -1;
  private rows: Uint32Array = new Uint32Array(0);
  private order: Uint32Array = new Uint32Array(0);
  private readonly first = new Map<number, { from: number; to: number }>();

  /** `packs`: how many records each pack holds, roughly; packs are known by their number in it. */
  constructor(scratch: Scratch, packs: readonly number[], budget = DEFAULT_BUDGET) {
    this.scratch = scratch;
    this.budget = budget;
    this.groupOf = new Uint32Array(packs.length);
    let room = 0;
    packs.forEach((records, pack) => {
      if (this.groups.length === 0 || room + records > GROUP_ROWS) {
        this.groups.push({ full: [], open: null, filled: 0, stored: [], rows: 0 });
        room = 0;
      }
      room += records;
      this.groupOf[pack] = this.groups.length - 1;
    });
  }

  /** True when `spill` must be awaited before the next. The digest is the 16 bytes from `at` on. */
  add(pack: number, frame: number, ordinal: number, digests: Uint8Array, at: number, low: number, high: number): boolean {
    const group = this.groups[this.groupOf[pack] as number] as Group;
    let { open } = group;
    if (open === null || group.filled === CHUNK_ROWS) {
      if (open !== null) group.full.push(open);
      open = group.open = new Uint32Array(CHUNK_ROWS * WIDTH);
      group.filled = 0;
      this.held += open.byteLength;
    }
    let to = group.filled++ * WIDTH;
    group.rows++;
    open[to++] = pack;
    open[to++] = frame;
    open[to++] = ordinal;
    for (let i = 0; i < 16; i += 4) open[to++] = (digests[at + i] as number) | ((digests[at + i + 1] as number) << 8) | ((digests[at + i + 2] as number) << 16) | ((digests[at + i + 3] as number) << 24);
    open[to++] = low;
    open[to] = high;
    return this.held > this.budget;
  }

  async spill(): Promise<void> {
    this.file ??= await this.scratch.file();
    for (const group of this.groups) {
      const chunks = group.full;
      if (group.open !== null) chunks.push(group.open.subarray(0, group.filled * WIDTH));
      group.full = [];
      group.open = null;
      group.filled = 0;
      for (const chunk of chunks) {
        group.stored.push(this.file.chunkCount);
        await this.file.append(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      }
    }
    this.held = 0;
  }

  /** What pack number `pack` must hold, whose frames have these sizes. Packs must be asked for in ascending order. */
  async of(pack: number, sizes: readonly FrameSize[]): Promise<PackExpectation> {
    const group = this.groupOf[pack] as number;
    if (group !== this.current) await this.gather(group);
    const bases = new Uint32Array(sizes.length + 1);
    sizes.forEach((size, frame) => (bases[frame + 1] = (bases[frame] as number) + size.records));
    const total = bases[sizes.length] as number;
    const expected: Expected = { live: new Uint8Array(total), digests: new Uint32Array(total * 4), keys: new Uint32Array(total * 2) };
    let misfit: Misfit | null = null;
    const { from, to } = this.first.get(pack) ?? { from: 0, to: 0 };
    const { rows, order } = this;
    for (let i = from; i < to; i++) {
      const row = (order[i] as number) * WIDTH;
      const frame = rows[row + 1] as number;
      const ordinal = rows[row + 2] as number;
      if (frame >= sizes.length || ordinal >= (sizes[frame] as FrameSize).records) {
        misfit = earlier(misfit, { what: "missing", frame, ordinal });
        continue;
      }
      const slot = (bases[frame] as number) + ordinal;
      if (expected.live[slot] === 0) {
        expected.live[slot] = 1;
        for (let k = 0; k < 4; k++) expected.digests[slot * 4 + k] = rows[row + 3 + k] as number;
        for (let k = 0; k < 2; k++) expected.keys[slot * 2 + k] = rows[row + 7 + k] as number;
        continue;
      }
      // Runs that were merged say again what the runs they came from said. Two that differ cannot both be right.
      let same = true;
      for (let k = 0; k < 4; k++) same = same && expected.digests[slot * 4 + k] === rows[row + 3 + k];
      for (let k = 0; k < 2; k++) same = same && expected.keys[slot * 2 + k] === rows[row + 7 + k];
      if (!same) misfit = earlier(misfit, { what: "damaged", frame, ordinal });
    }
    return { expected, misfit };
  }

  /** Brings a group's rows together and orders them by pack. */
  private async gather(number: number): Promise<void> {
    if (number < this.current) throw new RangeError("packs are asked for in ascending order");
    const group = this.groups[number] as Group;
    const rows = new Uint32Array(group.rows * WIDTH);
    let at = 0;
    for (const chunk of group.stored) {
      const bytes = await (this.file as ScratchFile).read(chunk);
      new Uint8Array(rows.buffer, at * 4, bytes.length).set(bytes);
      at += bytes.length / 4;
    }
    if (group.open !== null) group.full.push(group.open.subarray(0, group.filled * WIDTH));
    for (const chunk of group.full) {
      rows.set(chunk, at);
      at += chunk.length;
    }
    group.full = [];
    group.open = null;
    this.current = number;
    this.rows = rows;
    this.arrange(group.rows);
  }

  private arrange(count: number): void {
    const { rows } = this;
    const ends = new Map<number, number>();
    for (let i = 0; i < count; i++) ends.set(rows[i * WIDTH] as number, (ends.get(rows[i * WIDTH] as number) ?? 0) + 1);
    this.first.clear();
    let from = 0;
    for (const pack of [...ends.keys()].sort((a, b) => a - b)) {
      const to = from + (ends.get(pack) as number);
      this.first.set(pack, { from, to });
      ends.set(pack, from);
      from = to;
    }
    this.order = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const pack = rows[i * WIDTH] as number;
      const at = ends.get(pack) as number;
      this.order[at] = i;
      ends.set(pack, at + 1);
    }
  }

  /** Closes the file; its room is the scratch's to remove. */
  async close(): Promise<void> {
    await this.file?.close();
  }
}

function earlier(a: Misfit | null, b: Misfit): Misfit {
  return a === null || b.frame < a.frame || (b.frame === a.frame && b.ordinal < a.ordinal) ? b : a;
}
