/** Records in, packs out: frames are compressed on the thread pool, several at once, and sealed in order of arrival. */
import { zstdCompress, constants } from "node:zlib";
import { promisify } from "node:util";
import { sha256 } from "../crypto/digest.ts";
import { positionNonce, seal } from "../crypto/seal.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import type { Random } from "../ports.ts";
import type { PutObject } from "../tree/blocks.ts";
import type { PackInfo } from "../types.ts";
import { FrameBuilder } from "./frame.ts";
import { encodeHeader, FIXED_BYTES, FRAME_LINE_BYTES, frameAad, MAX_FRAMES, packKeys } from "./header.ts";
import type { PackKeys } from "./header.ts";
import { wrapPackSecret } from "./secret.ts";

const compress = promisify(zstdCompress);

export interface PackWriterOptions {
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  /** Made, and made durable, at the first pack. */
  readonly contentKey: () => Promise<{ id: string; key: Uint8Array }>;
  readonly random: Random;
  readonly put: PutObject;
  /** Bytes of records per frame. Default 128 KiB: about 28 KiB sealed, which a point read can afford. */
  readonly frameBytes?: number;
  /** Sealed bytes per pack. Default 16 MiB. */
  readonly packBytes?: number;
}

/** Compressions under way at once. */
const IN_FLIGHT = 4;
const LEVEL = 3;

/** Frames per pack: their table is written into room kept free for it before the first frame. */
const FRAMES_PER_PACK = Math.min(MAX_FRAMES, 2048);
const HEAD_ROOM = FIXED_BYTES + FRAMES_PER_PACK * FRAME_LINE_BYTES;

/** A window that just holds the frame: the same bytes come out, and zstd asks for a tenth of the memory. */
function windowLog(bytes: number): number {
  return Math.min(21, Math.max(10, 32 - Math.clz32(bytes - 1)));
}

interface OpenPack {
  readonly secret: Uint8Array;
  readonly salt: Uint8Array;
  readonly keys: PackKeys;
  readonly frames: { sealed: number; raw: number; records: number }[];
  /** Sealed frames from HEAD_ROOM on. */
  bytes: Buffer;
  size: number;
}

export class PackWriter {
  /** Written packs, in order. `live` is for the caller to fill. */
  readonly packs: PackInfo[] = [];
  private readonly options: PackWriterOptions;
  private readonly frameBytes: number;
  private readonly packBytes: number;
  private readonly builder = new FrameBuilder();
  /** Frames handed over so far; a frame's number over the whole run. */
  private frames = 0;
  /** By run-wide frame number: pack number and frame in pack. */
  private readonly placed: number[] = [];
  private readonly pending: { compressed: Promise<Buffer>; raw: number; records: number }[] = [];
  private pack: OpenPack | null = null;
  private packNumber = 0;
  /** One buffer fills while the other is uploaded; they take turns, so that packs cost no garbage. */
  private readonly buffers: (Buffer | null)[] = [null, null];
  private upload: Promise<void> = Promise.resolve();
  private uploadError: { error: unknown } | null = null;
  constructor(options: PackWriterOptions) {
    this.options = options;
    this.frameBytes = options.frameBytes ?? 128 * 1024;
    this.packBytes = options.packBytes ?? 16 * 1024 * 1024;
  }

  /** The run-wide frame number the next record goes into. */
  get frame(): number {
    return this.frames;
  }

  /** Copies a record in (names are byte strings) and answers its ordinal in `frame`. Await `relieve` when `full`. */
  add(kind: string, id: string, parentId: string | null, bytes: Uint8Array): number {
    return this.builder.add(kind, id, parentId, bytes);
  }

  /** True when the open frame must be handed over before a record of `bytes` goes in. */
  full(bytes: number): boolean {
    return this.builder.count > 0 && this.builder.bodyBytes + bytes > this.frameBytes;
  }

  async relieve(): Promise<void> {
    if (this.uploadError !== null) throw this.uploadError.error;
    if (this.builder.count === 0) return;
    const records = this.builder.count;
    const raw = this.builder.take();
    this.frames++;
    const compressed = compress(raw, { chunkSize: Math.max(4096, raw.length >> 1), params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_windowLog]: windowLog(raw.length) } });
    compressed.catch(() => undefined);
    this.pending.push({ compressed, raw: raw.length, records });
    while (this.pending.length >= IN_FLIGHT) await this.sealNext();
  }

  private async sealNext(): Promise<void> {
    const next = this.pending.shift();
    if (next === undefined) return;
    const compressed = await next.compressed;
    const { vaultId, random } = this.options;
    if (this.pack !== null && (this.pack.size + compressed.length > this.packBytes || this.pack.frames.length >= FRAMES_PER_PACK)) await this.closePack();
    if (this.pack === null) {
      const secret = random(32);
      const salt = random(32);
      this.pack = { secret, salt, keys: packKeys(secret, salt), frames: [], bytes: this.buffer(), size: 0 };
    }
    const pack = this.pack;
    const frame = pack.frames.length;
    const sealed = seal(pack.keys.frameKey, positionNonce(frame), frameAad(vaultId, pack.salt, frame, 0, next.raw, next.records), compressed);
    pack.frames.push({ sealed: sealed.length, raw: next.raw, records: next.records });
    // Only a single record beyond the usual size can need more room than a pack has.
    if (HEAD_ROOM + pack.size + sealed.length > pack.bytes.length) pack.bytes = Buffer.concat([pack.bytes.subarray(0, HEAD_ROOM + pack.size)], HEAD_ROOM + pack.size + sealed.length);
    pack.bytes.set(sealed, HEAD_ROOM + pack.size);
    pack.size += sealed.length;
    this.placed.push(this.packNumber, frame);
  }

  private buffer(): Buffer {
    const turn = this.packNumber % 2;
    return (this.buffers[turn] ??= Buffer.allocUnsafeSlow(HEAD_ROOM + this.packBytes));
  }

  /** One pack is uploaded while the next fills; a third waits, which bounds memory. */
  private async closePack(): Promise<void> {
    const pack = this.pack;
    if (pack === null) return;
    this.pack = null;
    this.packNumber++;
    await this.upload;
    if (this.uploadError !== null) throw this.uploadError.error;
    const head = encodeHeader(pack.salt, pack.keys.commitment, 0, pack.frames);
    const start = HEAD_ROOM - head.length;
    pack.bytes.set(head, start);
    const bytes = pack.bytes.subarray(start, HEAD_ROOM + pack.size);
    const id = sha256(bytes);
    const { vaultId, random, put } = this.options;
    const content = await this.options.contentKey();
    const wrapped = wrapPackSecret(pack.secret, id, content, vaultId, random);
    pack.secret.fill(0);
    pack.keys.frameKey.fill(0);
    const records = pack.frames.reduce((sum, frame) => sum + frame.records, 0);
    this.packs.push({ id, size: bytes.length, keyId: content.id, keyDigest: sha256(wrapped), records, live: 0 });
    this.upload = (async () => {
      await put(packSecretKey(id), wrapped);
      await put(packKey(id), bytes);
    })().catch((error: unknown) => {
      this.uploadError ??= { error };
    });
  }

  /** All packs durable. */
  async finish(): Promise<void> {
    await this.relieve();
    while (this.pending.length > 0) await this.sealNext();
    await this.closePack();
    await this.upload;
    this.buffers.fill(null);
    if (this.uploadError !== null) throw this.uploadError.error;
  }

  /** Where a run-wide frame number came to lie. Only after `finish`. */
  place(frame: number): { pack: string; frame: number } {
    const pack = this.packs[this.placed[frame * 2] as number] as PackInfo;
    return { pack: pack.id, frame: this.placed[frame * 2 + 1] as number };
  }
}
