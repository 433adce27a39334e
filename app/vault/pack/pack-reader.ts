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

  /** Every frame of a pack in order, the pack being read at once. */
  async *frames(id: string): AsyncGenerator<{ frame: number; records: FrameRecord[] }> {
    const name = packKey(id);
    const bytes = await this.store.get(name);
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    yield* this.framesOf(id, asBuffer(bytes));
  }

  /** The same over bytes already at hand. */
  async *framesOf(id: string, bytes: Buffer): AsyncGenerator<{ frame: number; records: FrameRecord[] }> {
    const name = packKey(id);
    const pack = await this.openPack(id, bytes);
    const lines = decodeFrameLines(bytes, pack.header, pack.header.frameCount, name);
    const last = lines[lines.length - 1] as FrameLine;
    if (last.offset + last.sealed !== bytes.length) throw damaged(name, "its length is not the sum of its parts");
    const start = (frame: number): Promise<Buffer> => {
      const line = lines[frame] as FrameLine;
      const raw = this.openFrame(pack, frame, line, bytes.subarray(line.offset, line.offset + line.sealed), name);
      raw.catch(() => undefined);
      return raw;
    };
    if ((pack.header.flags & DICTIONARY) !== 0) pack.dictionary = await start(0);
    const pending: Promise<Buffer>[] = [];
    for (let frame = 0, ahead = 0; frame < lines.length; frame++) {
      while (ahead < lines.length && pending.length < IN_FLIGHT) pending.push(start(ahead++));
      const raw = await (pending.shift() as Promise<Buffer>);
      yield { frame, records: decodeFrame(raw, (lines[frame] as FrameLine).records, name) };
    }
  }
}
