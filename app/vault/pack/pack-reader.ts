/** Opens frames of packs: one by its number, or all of a pack in order. */
import { timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { open, positionNonce } from "../crypto/seal.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { asBuffer } from "../format/bytes.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys } from "../ports.ts";
import { decodeFrame } from "./frame.ts";
import type { FrameRecord } from "./frame.ts";
import { DICTIONARY, decodeFrameLines, decodeHeader, FIXED_BYTES, FRAME_LINE_BYTES, frameAad, packKeys } from "./header.ts";
import type { FrameLine, PackHeader } from "./header.ts";
import { contentKeyOf, unwrapPackSecret } from "./secret.ts";

const inflate = promisify(zstdDecompress);
/** Inflations under way at once when a whole pack is read. */
const IN_FLIGHT = 4;
/** Fetched at once when a whole pack is read. */
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface OpenedFrame {
  readonly frame: number;
  readonly records: FrameRecord[];
}

interface OpenedPack {
  readonly header: PackHeader;
  readonly frameKey: Buffer;
  /** Lines known so far, from frame 0. */
  lines: FrameLine[];
  dictionary: Buffer | null;
}

export class PackReader {
  bytesFetched = 0;
  private readonly store: ObjectStore;
  private readonly vaultId: Uint8Array;
  private readonly keys: ContentKeys;
  private readonly secrets = new Map<string, Buffer>();
  private readonly opened = new Map<string, OpenedPack>();
  constructor(store: ObjectStore, vaultId: Uint8Array, keys: ContentKeys) {
    this.store = store;
    this.vaultId = vaultId;
    this.keys = keys;
  }

  private async fetch(name: string, offset: number, length: number): Promise<Buffer> {
    const bytes = await this.store.get(name, { offset, length });
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    if (bytes.length !== length) throw damaged(name, "it ends too early");
    return asBuffer(bytes);
  }

  private async secretOf(id: string): Promise<Buffer> {
    const known = this.secrets.get(id);
    if (known !== undefined) return known;
    const name = packSecretKey(id);
    const bytes = await this.store.get(name);
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    const keyId = contentKeyOf(bytes, name);
    const contentKey = await this.keys.get(keyId);
    if (contentKey === null) throw new VaultError("vault.no_key", `no identity at hand opens content key ${keyId}`, { object: name });
    const secret = unwrapPackSecret(bytes, id, contentKey, this.vaultId, name);
    this.secrets.set(id, secret);
    return secret;
  }

  private async openPack(id: string, head: Buffer): Promise<OpenedPack> {
    const name = packKey(id);
    const header = decodeHeader(head, name);
    const keys = packKeys(await this.secretOf(id), header.salt);
    if (!timingSafeEqual(keys.commitment, header.commitment)) throw damaged(name, "it is not sealed under its own key");
    return { header, frameKey: keys.frameKey, lines: [], dictionary: null };
  }

  private async openFrame(pack: OpenedPack, frame: number, line: FrameLine, sealed: Buffer, name: string): Promise<Buffer> {
    const { header } = pack;
    const compressed = open(pack.frameKey, positionNonce(frame), frameAad(this.vaultId, header.salt, frame, header.flags, line.raw, line.records), sealed, name);
    const dictionary = frame > 0 && (header.flags & DICTIONARY) !== 0 ? pack.dictionary : null;
    let raw;
    try {
      raw = await inflate(compressed, { maxOutputLength: Math.max(1, line.raw), chunkSize: Math.max(64, line.raw), ...(dictionary === null ? {} : { dictionary }) });
    } catch (cause) {
      throw damaged(name, "a frame does not inflate", cause);
    }
    if (raw.length !== line.raw) throw damaged(name, "a frame is shorter than it says");
    return raw;
  }

  /** The records of one frame, reading little more than that frame. */
  async frame(id: string, frame: number): Promise<FrameRecord[]> {
    const name = packKey(id);
    let pack = this.opened.get(id);
    if (pack === undefined || pack.lines.length <= frame) {
      const length = FIXED_BYTES + FRAME_LINE_BYTES * (frame + 1);
      const head = await this.fetch(name, 0, length);
      const fresh = pack ?? (await this.openPack(id, head));
      if (frame >= fresh.header.frameCount) throw damaged(name, "it has fewer frames than the index says");
      fresh.lines = decodeFrameLines(head, fresh.header, frame + 1, name);
      pack = fresh;
      this.opened.set(id, pack);
    }
    if (frame > 0 && (pack.header.flags & DICTIONARY) !== 0) pack.dictionary ??= await this.raw(pack, 0, name);
    return decodeFrame(await this.raw(pack, frame, name), (pack.lines[frame] as FrameLine).records, name);
  }

  private async raw(pack: OpenedPack, frame: number, name: string): Promise<Buffer> {
    const line = pack.lines[frame] as FrameLine;
    return this.openFrame(pack, frame, line, await this.fetch(name, line.offset, line.sealed), name);
  }

  /** Every frame of a pack in order. The pack is read in windows, and must end where its last frame does. */
  async *frames(id: string): AsyncGenerator<OpenedFrame> {
    const name = packKey(id);
    const fixed = await this.fetch(name, 0, FIXED_BYTES);
    const table = await this.fetch(name, FIXED_BYTES, decodeHeader(fixed, name).frameCount * FRAME_LINE_BYTES);
    const head = Buffer.concat([fixed, table]);
    const pack = await this.openPack(id, head);
    const lines = decodeFrameLines(head, pack.header, pack.header.frameCount, name);
    for (let from = 0; from < lines.length; ) {
      const start = (lines[from] as FrameLine).offset;
      let to = from + 1;
      while (to < lines.length && end(lines[to] as FrameLine) - start <= WINDOW_BYTES) to++;
      const window = await this.fetch(name, start, end(lines[to - 1] as FrameLine) - start);
      yield* this.openFrames(pack, lines, from, to, (line) => window.subarray(line.offset - start, line.offset - start + line.sealed), name);
      from = to;
    }
    const beyond = await this.store.get(name, { offset: end(lines[lines.length - 1] as FrameLine), length: 1 });
    if (beyond === null || beyond.length > 0) throw damaged(name, "its length is not the sum of its parts");
  }

  /** Frames `from` up to but not `to`, several being inflated at once. */
  private async *openFrames(pack: OpenedPack, lines: readonly FrameLine[], from: number, to: number, sealed: (line: FrameLine) => Buffer, name: string): AsyncGenerator<OpenedFrame> {
    const start = (frame: number): Promise<Buffer> => {
      const line = lines[frame] as FrameLine;
      const raw = this.openFrame(pack, frame, line, sealed(line), name);
      raw.catch(() => undefined);
      return raw;
    };
    if (from === 0 && (pack.header.flags & DICTIONARY) !== 0) pack.dictionary = await start(0);
    const pending: Promise<Buffer>[] = [];
    for (let frame = from, ahead = from; frame < to; frame++) {
      while (ahead < to && pending.length < IN_FLIGHT) pending.push(start(ahead++));
      const raw = await (pending.shift() as Promise<Buffer>);
      yield { frame, records: decodeFrame(raw, (lines[frame] as FrameLine).records, name) };
    }
  }
}

function end(line: FrameLine): number {
  return line.offset + line.sealed;
}
