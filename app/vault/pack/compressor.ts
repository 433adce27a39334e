/**
 * Frames through zstd, several at once on the runtime's thread pool, in order. A context is kept from frame to frame: making one for each, and
 * reading the dictionary into it again, costs more than compressing.
 */
import { constants, createZstdCompress } from "node:zlib";
import type { ZstdCompress } from "node:zlib";

/** Compressions under way at once. */
const CONTEXTS = 3;
const LEVEL = 3;

/** The smallest window that holds `bytes`: zstd takes memory by it. 2^10 to 2^21 (RFC 8878 3.1.1.1.2). */
export function windowLog(bytes: number): number {
  return Math.min(21, Math.max(10, 32 - Math.clz32(Math.max(1, bytes - 1))));
}

class Context {
  private readonly stream: ZstdCompress;
  private last: Promise<unknown> = Promise.resolve();
  private failed: Error | null = null;
  constructor(frameBytes: number, dictionary: Uint8Array | null) {
    this.stream = createZstdCompress({
      chunkSize: Math.max(4096, frameBytes >> 2),
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_windowLog]: windowLog(frameBytes + (dictionary?.length ?? 0)) },
      // A write is a frame: told its size beforehand, zstd copies the dictionary's tables, which for frames like these is a fifth cheaper than consulting them.
      flush: constants.ZSTD_e_end,
      ...(dictionary === null ? {} : { dictionary }),
    });
    this.stream.on("error", (error) => {
      this.failed = error;
    });
  }

  /** One zstd frame. `raw` must not change until it is there. */
  compress(raw: Uint8Array): Promise<Buffer> {
    const result = this.last.then(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          const { stream } = this;
          const parts: Buffer[] = [];
          const take = (): void => {
            for (let part = stream.read() as Buffer | null; part !== null; part = stream.read() as Buffer | null) parts.push(part);
          };
          stream.on("readable", take);
          stream.once("error", reject);
          stream.write(raw, () => {
            take();
            stream.off("readable", take);
            stream.off("error", reject);
            if (this.failed !== null) reject(this.failed);
            else resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
          });
        }),
    );
    this.last = result.catch(() => undefined);
    return result;
  }

  close(): void {
    this.stream.close();
  }
}

export class Compressor {
  private readonly contexts: Context[];
  private turn = 0;
  constructor(frameBytes: number, dictionary: Uint8Array | null) {
    this.contexts = Array.from({ length: CONTEXTS }, () => new Context(frameBytes, dictionary));
  }
  /** How many compressions can be under way. */
  static readonly inFlight = CONTEXTS + 1;
  /** One zstd frame (RFC 8878) that needs the dictionary, if there is one. Answers come in the order of the calls per context, so await them in order. */
  compress(raw: Uint8Array): Promise<Buffer> {
    const context = this.contexts[this.turn++ % CONTEXTS] as Context;
    return context.compress(raw);
  }
  close(): void {
    for (const context of this.contexts) context.close();
  }
}
