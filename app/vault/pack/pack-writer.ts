/** Records in, packs out: frames are compressed on the thread pool, several at once, and sealed in order of arrival. */
import type { KeyObject } from "node:crypto";
import { sha256 } from "../crypto/digest.ts";
import { manyTimesKey, positionNonce, seal } from "../crypto/seal.ts";
import { ByteWriter } from "../format/bytes.ts";
import { packKey, packSecretKey, searchObject } from "../format/names.ts";
import { fromByteString } from "../format/sort-key.ts";
import type { Random } from "../ports.ts";
import { FoundTerms } from "../search/found-terms.ts";
import { PartBuilder } from "../search/part-builder.ts";
import type { TermSource } from "../search/terms.ts";
import type { PutObject } from "../tree/blocks.ts";
import type { PackInfo } from "../types.ts";
import { Compressor } from "./compressor.ts";
import { SAMPLED_BYTES, sampleDictionary } from "./dictionary.ts";
import { FrameBuilder } from "./frame-builder.ts";
import { FrameBuilderV1 } from "./frame-builder-v1.ts";
import type { FrameEncoder, FrameInput } from "./frame-record.ts";
import { DICTIONARY, encodeHeader, FIXED_BYTES, FRAME_LINE_BYTES, frameAad, MAX_FRAMES, packKeys } from "./header.ts";
import type { PackKeys, PackVersion } from "./header.ts";
import { wrapPackSecret } from "./secret.ts";

export interface PackWriterOptions {
  readonly version: PackVersion;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  /** A kind's name, as a byte string, by the number used in `add`. */
  readonly nameOf: (kind: number) => string;
  /** Made, and made durable, at the first pack. */
  readonly contentKey: () => Promise<{ id: string; key: Uint8Array }>;
  readonly random: Random;
  readonly put: PutObject;
  /** Bytes of records per frame. Default FRAME_BYTES. */
  readonly frameBytes?: number;
  /** Sealed bytes per pack. Default 8 MiB. */
  readonly packBytes?: number;
  /** What records are found by. Absent: nothing is written to find them by. */
  readonly terms?: TermSource | undefined;
}

/** About 19 kB sealed, which a point read can afford beside a dictionary and a table of frames. */
export const FRAME_BYTES = 96 * 1024;
/** Frames per pack: their table is written into room kept free for it before the first frame. */
const FRAMES_PER_PACK = Math.min(MAX_FRAMES, 2048);
const HEAD_ROOM = FIXED_BYTES + FRAMES_PER_PACK * FRAME_LINE_BYTES;
/** A raw frame's buffer beyond this is not kept: one record of many megabytes must not hold its room for the rest of the run. */
const KEPT_ROOM = 1024 * 1024;

interface OpenPack {
  readonly secret: Uint8Array;
  readonly salt: Uint8Array;
  readonly keys: PackKeys;
  readonly frameKey: KeyObject;
  readonly frames: { sealed: number; raw: number; records: number }[];
  /** Sealed frames from HEAD_ROOM on. */
  bytes: Buffer;
  size: number;
  readonly search: PartBuilder | null;
}

interface RawFrame {
  readonly out: ByteWriter;
  readonly records: number;
  /** Null: none of them has a term. */
  readonly found: FoundTerms | null;
}

export class PackWriter {
  /** Written packs, in order. `live` is for the caller to fill. */
  readonly packs: PackInfo[] = [];
  private readonly options: PackWriterOptions;
  private readonly frameBytes: number;
  private readonly packBytes: number;
  private readonly builder: FrameEncoder;
  /** Frames handed over so far; a frame's number over the whole run. */
  private frames = 0;
  /** By run-wide frame number: pack number and frame in pack. */
  private readonly placed: number[] = [];
  /** Frames that wait for the dictionary to be made from them. */
  private sampled: RawFrame[] | null = [];
  private sampledBytes = 0;
  private compressor: Compressor | null = null;
  private dictionary: { raw: Buffer; compressed: Buffer } | null = null;
  private readonly pending: { compressed: Promise<Buffer>; frame: RawFrame }[] = [];
  private readonly idle: ByteWriter[] = [];
  private pack: OpenPack | null = null;
  private packNumber = 0;
  /** One buffer fills while the other is uploaded; they take turns, so that packs cost no garbage. */
  private readonly buffers: (Buffer | null)[] = [null, null];
  private upload: Promise<void> = Promise.resolve();
  private uploadError: { error: unknown } | null = null;
  /** In the records of the frame that is being filled. */
  private found: FoundTerms | null = null;
  /** As many as there were frames under way. */
  private readonly idleFound: FoundTerms[] = [];
  /** Names of kinds by number, where their records have terms. */
  private readonly searched: (string | null | undefined)[] = [];
  constructor(options: PackWriterOptions) {
    this.options = options;
    this.frameBytes = options.frameBytes ?? FRAME_BYTES;
    this.packBytes = options.packBytes ?? 8 * 1024 * 1024;
    this.builder = options.version === 1 ? new FrameBuilderV1(options.nameOf) : new FrameBuilder(options.nameOf);
  }

  /** The run-wide frame number the next record goes into. */
  get frame(): number {
    return this.frames;
  }

  /** Copies a record in and answers its ordinal in `frame`. Await `relieve` when `full`. */
  add(record: FrameInput): number {
    const { terms } = this.options;
    if (terms !== undefined) this.look(terms, record);
    return this.builder.add(record);
  }

  private look(terms: TermSource, record: FrameInput): void {
    let kind = this.searched[record.kind];
    if (kind === undefined) {
      const name = fromByteString(this.options.nameOf(record.kind));
      this.searched[record.kind] = kind = terms.kinds.has(name) ? name : null;
    }
    if (kind === null) return;
    this.found ??= this.idleFound.pop() ?? new FoundTerms();
    this.found.lookAt(terms, kind, this.options.nameOf(record.kind), record, record.bytes, record.start, record.end);
  }

  /** True when the open frame must be handed over before a record of `bytes` goes in. */
  full(bytes: number): boolean {
    return this.builder.count > 0 && this.builder.bodyBytes + bytes > this.frameBytes;
  }

  async relieve(): Promise<void> {
    if (this.uploadError !== null) throw this.uploadError.error;
    if (this.builder.count === 0) return;
    const frame = { out: this.idle.pop() ?? new ByteWriter(this.frameBytes + 32 * 1024), records: this.builder.count, found: this.found };
    this.found = null;
    this.builder.take(frame.out);
    this.frames++;
    if (this.sampled !== null) {
      this.sampled.push(frame);
      this.sampledBytes += frame.out.length;
      if (this.sampledBytes >= SAMPLED_BYTES) await this.begin(this.options.version > 1);
    } else await this.compress(frame);
  }

  /** The first frames are there: makes the dictionary, or does without, and compresses them. */
  private async begin(withDictionary: boolean): Promise<void> {
    const frames = this.sampled ?? [];
    this.sampled = null;
    const raw = withDictionary ? sampleDictionary(frames.map(({ out }) => out.view())) : null;
    if (raw !== null) {
      const alone = new Compressor(raw.length, null);
      this.dictionary = { raw, compressed: await alone.compress(raw) };
      alone.close();
    }
    this.compressor = new Compressor(this.frameBytes + 32 * 1024, raw);
    for (const frame of frames) await this.compress(frame);
  }

  private async compress(frame: RawFrame): Promise<void> {
    const compressed = (this.compressor as Compressor).compress(frame.out.view());
    compressed.catch(() => undefined);
    this.pending.push({ compressed, frame });
    while (this.pending.length > Compressor.inFlight) await this.sealNext();
  }

  private async sealNext(): Promise<void> {
    const next = this.pending.shift();
    if (next === undefined) return;
    const compressed = await next.compressed;
    const { out, records, found } = next.frame;
    const raw = out.length;
    out.reset();
    if (out.bytes.length <= KEPT_ROOM) this.idle.push(out);
    if (this.pack !== null && (this.pack.size + compressed.length > this.packBytes || this.pack.frames.length >= FRAMES_PER_PACK)) await this.closePack();
    if (this.pack === null) this.openPack();
    const pack = this.pack as unknown as OpenPack;
    this.placed.push(this.packNumber, pack.frames.length);
    this.sealInto(pack, compressed, raw, records);
    if (found !== null) {
      pack.search?.add(found);
      found.reset();
      this.idleFound.push(found);
    }
  }

  private openPack(): void {
    const { random, terms, vaultId } = this.options;
    const secret = random(32);
    const salt = random(32);
    const keys = packKeys(secret, salt);
    this.pack = { secret, salt, keys, frameKey: manyTimesKey(keys.frameKey), frames: [], bytes: this.buffer(), size: 0, search: terms === undefined ? null : new PartBuilder(secret, vaultId, terms.version, random) };
    if (this.dictionary !== null) this.sealInto(this.pack, this.dictionary.compressed, this.dictionary.raw.length, 0);
  }

  private sealInto(pack: OpenPack, compressed: Buffer, raw: number, records: number): void {
    const frame = pack.frames.length;
    const sealed = seal(pack.frameKey, positionNonce(frame), frameAad(this.options.version, this.options.vaultId, pack.salt, frame, this.flags, raw, records), compressed);
    pack.frames.push({ sealed: sealed.length, raw, records });
    // Only a single record beyond the usual size can need more room than a pack has.
    if (HEAD_ROOM + pack.size + sealed.length > pack.bytes.length) pack.bytes = Buffer.concat([pack.bytes.subarray(0, HEAD_ROOM + pack.size)], HEAD_ROOM + pack.size + sealed.length);
    pack.bytes.set(sealed, HEAD_ROOM + pack.size);
    pack.size += sealed.length;
  }

  private get flags(): number {
    return this.dictionary === null ? 0 : DICTIONARY;
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
    const head = encodeHeader(this.options.version, pack.salt, pack.keys.commitment, this.flags, pack.frames);
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
    const parts = pack.search?.seal();
    this.packs.push({ id, size: bytes.length, keyId: content.id, keyDigest: sha256(wrapped), records, live: 0, ...(parts === undefined ? {} : { search: parts.map(({ name }) => name) }) });
    this.upload = (async () => {
      await put(packSecretKey(id), wrapped);
      await put(packKey(id), bytes);
      for (const part of parts ?? []) await put(searchObject(id, part.name), part.bytes);
    })().catch((error: unknown) => {
      this.uploadError ??= { error };
    });
  }

  /** All packs durable. */
  async finish(): Promise<void> {
    await this.relieve();
    if (this.sampled !== null && this.sampled.length > 0) await this.begin(false);
    while (this.pending.length > 0) await this.sealNext();
    this.close();
    await this.closePack();
    await this.upload;
    this.buffers.fill(null);
    if (this.uploadError !== null) throw this.uploadError.error;
  }

  /** Lets go of the compressor. Not of what is being uploaded. */
  close(): void {
    this.compressor?.close();
    this.compressor = null;
  }

  /** Where a run-wide frame number came to lie. Only after `finish`. */
  place(frame: number): { pack: string; frame: number } {
    const pack = this.packs[this.placed[frame * 2] as number] as PackInfo;
    return { pack: pack.id, frame: this.placed[frame * 2 + 1] as number };
  }
}
