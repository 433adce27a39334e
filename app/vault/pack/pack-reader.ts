/** Opens packs: one frame by its number, all of a pack in order, or windows of sealed frames for threads to open. */
import { timingSafeEqual } from "node:crypto";
import { manyTimesKey } from "../crypto/seal.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { asBuffer } from "../format/bytes.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys } from "../ports.ts";
import { FrameColumns } from "./decode-columns.ts";
import type { FrameRecord } from "./frame.ts";
import { decodeFrameLines, decodeHeader, FIXED_BYTES, FRAME_LINE_BYTES, packKeys } from "./header.ts";
import type { FrameLine, PackHeader } from "./header.ts";
import { hasDictionary, isBareDictionary, openFrame } from "./open-frame.ts";
import type { FrameKeys } from "./open-frame.ts";
import { contentKeyOf, unwrapPackSecret } from "./secret.ts";

/** Fetched at once when a whole pack is read. */
const WINDOW_BYTES = 1024 * 1024;
/** Fetched with the head when one frame is read: the table of most packs, or for frame 0 of a small one all there is to it. */
const HEAD_BYTES = 4 * 1024;

export interface OpenedFrame {
  readonly frame: number;
  readonly records: FrameRecord[];
}

export interface OpenedPack {
  readonly header: PackHeader;
  readonly keys: FrameKeys;
  /** Lines known so far, from frame 0. */
  lines: FrameLine[];
  dictionary: Promise<Buffer> | null;
}

/** Sealed frames `from` up to but not `to`, lying one after another in `sealed`. */
export interface PackWindow {
  readonly from: number;
  readonly to: number;
  readonly sealed: Buffer;
}

export class PackReader {
  bytesFetched = 0;
  private readonly store: ObjectStore;
  private readonly vaultId: Uint8Array;
  private readonly keys: ContentKeys;
  private readonly secrets = new Map<string, Promise<Buffer>>();
  private readonly opened = new Map<string, OpenedPack>();
  constructor(store: ObjectStore, vaultId: Uint8Array, keys: ContentKeys) {
    this.store = store;
    this.vaultId = vaultId;
    this.keys = keys;
  }

  private async fetch(name: string, offset: number, length: number): Promise<Buffer> {
    const bytes = await this.clipped(name, offset, length);
    if (bytes.length !== length) throw damaged(name, "it ends too early");
    return bytes;
  }

  /** As much of the range as the object has. */
  private async clipped(name: string, offset: number, length: number): Promise<Buffer> {
    const bytes = await this.store.get(name, { offset, length });
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    return asBuffer(bytes);
  }

  /** The pack's secret, which is this reader's: only to be read. Throws as opening does. */
  secretOf(id: string): Promise<Buffer> {
    let secret = this.secrets.get(id);
    if (secret === undefined) {
      this.secrets.set(id, (secret = this.readSecret(id)));
      // Whoever awaits it hears of a failure; nobody may, when the head fails first.
      secret.catch(() => this.secrets.delete(id));
    }
    return secret;
  }

  private async readSecret(id: string): Promise<Buffer> {
    const name = packSecretKey(id);
    const bytes = await this.store.get(name);
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    const keyId = contentKeyOf(bytes, name);
    const contentKey = await this.keys.get(keyId);
    if (contentKey === null) throw new VaultError("vault.no_key", `no identity at hand opens content key ${keyId}`, { object: name });
    return unwrapPackSecret(bytes, id, contentKey, this.vaultId, name);
  }

  private async openPack(id: string, head: Buffer): Promise<OpenedPack> {
    const object = packKey(id);
    const header = decodeHeader(head, object);
    const { version, flags, salt } = header;
    const { frameKey, commitment } = packKeys(await this.secretOf(id), salt);
    if (!timingSafeEqual(commitment, header.commitment)) throw damaged(object, "it is not sealed under its own key");
    return { header, keys: { object, vaultId: this.vaultId, version, flags, salt, frameKey: manyTimesKey(frameKey) }, lines: [], dictionary: null };
  }

  /** One frame in columns of its own, reading little more than that frame. */
  async columns(id: string, frame: number): Promise<FrameColumns> {
    const name = packKey(id);
    const pack = await this.packWith(id, frame, name);
    const line = pack.lines[frame] as FrameLine;
    if (isBareDictionary(pack.header.flags, frame, line)) throw damaged(name, "the index points into its dictionary");
    const [sealed, dictionary] = await Promise.all([this.fetch(name, line.offset, line.sealed), hasDictionary(pack.header.flags) && frame > 0 ? this.dictionaryOf(pack, name) : null]);
    const columns = new FrameColumns();
    columns.load(openFrame(pack.keys, frame, line, sealed, dictionary), line.records, pack.header.version, name);
    return columns;
  }

  /** The records of one frame. */
  async frame(id: string, frame: number): Promise<FrameRecord[]> {
    return (await this.columns(id, frame)).records();
  }

  private async packWith(id: string, frame: number, name: string): Promise<OpenedPack> {
    let pack = this.opened.get(id);
    if (pack !== undefined && pack.lines.length > frame) return pack;
    const length = FIXED_BYTES + FRAME_LINE_BYTES * (frame + 1);
    const secret = this.secretOf(id);
    const [head] = await Promise.all([this.clipped(name, 0, Math.max(length, HEAD_BYTES)), secret]);
    pack ??= await this.openPack(id, head);
    if (frame >= pack.header.frameCount) throw damaged(name, "it has fewer frames than the index says");
    const known = Math.min(pack.header.frameCount, Math.floor((head.length - FIXED_BYTES) / FRAME_LINE_BYTES));
    if (known <= frame) throw damaged(name, "it ends too early");
    pack.lines = decodeFrameLines(head, pack.header, known, name);
    this.opened.set(id, pack);
    return pack;
  }

  private dictionaryOf(pack: OpenedPack, name: string): Promise<Buffer> {
    pack.dictionary ??= (async () => {
      const line = pack.lines[0] as FrameLine;
      return openFrame(pack.keys, 0, line, await this.fetch(name, line.offset, line.sealed), null);
    })();
    return pack.dictionary;
  }

  /** Header, table and key of a pack that is to be read as a whole. */
  async head(id: string): Promise<OpenedPack> {
    const name = packKey(id);
    const secret = this.secretOf(id);
    const [start] = await Promise.all([this.clipped(name, 0, HEAD_BYTES), secret]);
    const { frameCount } = decodeHeader(start, name);
    const length = FIXED_BYTES + frameCount * FRAME_LINE_BYTES;
    const head = length <= start.length ? start : Buffer.concat([start, await this.fetch(name, start.length, length - start.length)]);
    const pack = await this.openPack(id, head);
    pack.lines = decodeFrameLines(head, pack.header, frameCount, name);
    return pack;
  }

  /** The sealed frames of a pack in order, some megabytes at a time. The pack must end where its last frame does. */
  async *windows(id: string, pack: OpenedPack): AsyncGenerator<PackWindow> {
    const name = packKey(id);
    const { lines } = pack;
    for (let from = 0; from < lines.length; ) {
      const start = (lines[from] as FrameLine).offset;
      let to = from + 1;
      while (to < lines.length && end(lines[to] as FrameLine) - start <= WINDOW_BYTES) to++;
      const wanted = end(lines[to - 1] as FrameLine) - start;
      const last = to === lines.length;
      // One byte more than the last frame has tells whether the pack ends there.
      const bytes = await this.clipped(name, start, last ? wanted + 1 : wanted);
      if (bytes.length < wanted) throw damaged(name, "it ends too early");
      yield { from, to, sealed: bytes.subarray(0, wanted) };
      if (bytes.length > wanted) throw damaged(name, "its length is not the sum of its parts");
      from = to;
    }
  }

  /** Every frame of a pack in order; a bare dictionary shows as a frame without records. */
  async *frames(id: string): AsyncGenerator<OpenedFrame> {
    const name = packKey(id);
    const pack = await this.head(id);
    let dictionary: Buffer | null = null;
    for await (const { from, to, sealed } of this.windows(id, pack)) {
      let at = 0;
      for (let frame = from; frame < to; frame++) {
        const line = pack.lines[frame] as FrameLine;
        const raw = openFrame(pack.keys, frame, line, sealed.subarray(at, at + line.sealed), dictionary);
        at += line.sealed;
        if (frame === 0 && hasDictionary(pack.header.flags)) dictionary = raw;
        if (isBareDictionary(pack.header.flags, frame, line)) {
          yield { frame, records: [] };
          continue;
        }
        const columns = new FrameColumns();
        columns.load(raw, line.records, pack.header.version, name);
        yield { frame, records: columns.records() };
      }
    }
  }
}

function end(line: FrameLine): number {
  return line.offset + line.sealed;
}
