/** Opened frames, the least recently used dropped first. */
import type { FrameRecord } from "../pack/frame.ts";
import type { PackReader } from "../pack/pack-reader.ts";

const LIMIT_BYTES = 32 * 1024 * 1024;

export class FrameCache {
  private readonly frames = new Map<string, { records: FrameRecord[]; bytes: number }>();
  private bytes = 0;
  private readonly packs: PackReader;
  constructor(packs: PackReader) {
    this.packs = packs;
  }
  async get(pack: string, frame: number): Promise<FrameRecord[]> {
    const name = `${pack}/${frame}`;
    const known = this.frames.get(name);
    if (known !== undefined) {
      this.frames.delete(name);
      this.frames.set(name, known);
      return known.records;
    }
    const records = await this.packs.frame(pack, frame);
    const bytes = records.reduce((sum, record) => sum + record.bytes.length + 200, 0);
    this.frames.set(name, { records, bytes });
    this.bytes += bytes;
    for (const [oldest, dropped] of this.frames) {
      if (this.bytes <= LIMIT_BYTES || oldest === name) break;
      this.frames.delete(oldest);
      this.bytes -= dropped.bytes;
    }
    return records;
  }
}
