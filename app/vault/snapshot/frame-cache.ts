/** Opened frames, the least recently used dropped first. */
import type { FrameColumns } from "../pack/decode-columns.ts";
import type { PackReader } from "../pack/pack-reader.ts";

const LIMIT_BYTES = 32 * 1024 * 1024;
/** What the columns of one record take, roughly. */
const RECORD_WEIGHT = 32;

export class FrameCache {
  private readonly frames = new Map<string, { frame: FrameColumns; weight: number }>();
  private weight = 0;
  private readonly packs: PackReader;
  constructor(packs: PackReader) {
    this.packs = packs;
  }
  async get(pack: string, number: number): Promise<FrameColumns> {
    const name = `${pack}/${number}`;
    const known = this.frames.get(name);
    if (known !== undefined) {
      this.frames.delete(name);
      this.frames.set(name, known);
      return known.frame;
    }
    const frame = await this.packs.columns(pack, number);
    const weight = frame.raw.length + frame.count * RECORD_WEIGHT;
    this.frames.set(name, { frame, weight });
    this.weight += weight;
    for (const [oldest, dropped] of this.frames) {
      if (this.weight <= LIMIT_BYTES || oldest === name) break;
      this.frames.delete(oldest);
      this.weight -= dropped.weight;
    }
    return frame;
  }
}
