/**
 * Opens what is left of a pack, frame by frame: a frame that does not open is named and passed over. The clear head is not authenticated by itself, so
 * one flipped bit there could cost every frame; where the frame table and the pack's length disagree, or the commitment does not hold, it is mended here
 * from what the rest of the pack says, and the frames' own seals decide whether that was right.
 */
import { sha256 } from "../crypto/digest.ts";
import { missing, VaultError } from "../errors.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import { StoreError } from "../object-store.ts";
import type { ByteRange, ObjectStore } from "../object-store.ts";
import { MAX_RAW_FRAME } from "../pack/frame.ts";
import type { FrameRecord } from "../pack/frame.ts";
import { decodeHeader, DICTIONARY, FIXED_BYTES, FRAME_LINE_BYTES, packKeys } from "../pack/header.ts";
import { PackReader } from "../pack/pack-reader.ts";
import { contentKeyOf, unwrapPackSecret } from "../pack/secret.ts";
import type { ContentKeys } from "../ports.ts";
import { faultOf, type Fault, type Findings } from "./findings.ts";

/** A pack is at most about 16 MiB unless a single record is larger (docs/design.md 1, 2.3): 80 MiB of raw frame, and its head. */
const LARGEST_HELD = 96 * 1024 * 1024;
/** Frames of one pack that mending is tried for: one flipped bit needs one, and more damage than a few bits is not mended this way. */
const MOST_MENDS = 2;

export interface SalvagedFrame {
  readonly frame: number;
  readonly records: readonly FrameRecord[];
}

export interface SalvagePack {
  readonly store: ObjectStore;
  readonly vaultId: Uint8Array;
  readonly keys: ContentKeys;
  readonly findings: Findings;
}

/** Faults are findings. Yields every frame that opens, in order. */
export async function* salvagePack({ store, vaultId, keys, findings }: SalvagePack, id: string): AsyncGenerator<SalvagedFrame> {
  const name = packKey(id);
  let held: Buffer | null;
  try {
    held = await hold(store, id);
  } catch (error) {
    findings.fault(error, name);
    // A disk that cannot read a pack as a whole may still give most of its frames.
    if (!(error instanceof StoreError)) return;
    held = null;
  }
  const intact = held !== null && sha256(held) === id;
  if (held !== null && !intact) findings.add("pack.damaged", name, "its digest is not its name");
  let secret: Buffer;
  try {
    const opened = await secretOf(store, id, keys, vaultId);
    if (opened === null) return;
    secret = opened;
  } catch (error) {
    findings.fault(error, packSecretKey(id));
    return;
  }
  if (held !== null && !intact) mendHead(held, secret);
  const view = held === null ? store : new OneObject(store, name, held);
  let reader = new PackReader(view, vaultId, keys);
  let header;
  try {
    const head = await view.get(name, { offset: 0, length: FIXED_BYTES });
    if (head === null) throw missing(name);
    header = decodeHeader(head, name);
  } catch (error) {
    findings.fault(error, name);
    return;
  }
  const { frameCount } = header;
  const hasDictionary = () => held === null ? (header.flags & DICTIONARY) !== 0 : (held.readUInt32BE(FLAGS_AT) & DICTIONARY) !== 0;
  const attempt = async (frame: number): Promise<SalvagedFrame | Fault> => {
    try {
      return { frame, records: await reader.frame(id, frame) };
    } catch (error) {
      return faultOf(error, name);
    }
  };
  let mends = held === null || intact ? 0 : MOST_MENDS;
  let dictionary = hasDictionary();
  for (let frame = dictionary ? 1 : 0; frame < frameCount; frame++) {
    let got = await attempt(frame);
    if (held !== null && "message" in got && mends > 0) {
      mends--;
      for (const undo of mendsFor(held, frame, frameCount)) {
        reader = new PackReader(view, vaultId, keys);
        const again = await attempt(frame);
        if (!("message" in again)) {
          got = again;
          break;
        }
        undo();
        reader = new PackReader(view, vaultId, keys);
      }
    }
    if (dictionary !== hasDictionary()) {
      // It was the flag that was wrong: frame 0 is, or is not, one of records after all.
      dictionary = hasDictionary();
      frame = dictionary ? 0 : -1;
      continue;
    }
    if ("message" in got) findings.add("frame.damaged", name, `frame ${frame} of ${frameCount}: ${got.message}`);
    else yield got;
  }
}

async function hold(store: ObjectStore, id: string): Promise<Buffer | null> {
  const name = packKey(id);
  const first = await store.get(name, { offset: LARGEST_HELD, length: 1 });
  if (first === null) throw missing(name);
  if (first.length > 0) return null;
  const bytes = await store.get(name);
  if (bytes === null) throw missing(name);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Null: no key opens it, which is said of the content key. */
async function secretOf(store: ObjectStore, id: string, keys: ContentKeys, vaultId: Uint8Array): Promise<Buffer | null> {
  const name = packSecretKey(id);
  const bytes = await store.get(name);
  if (bytes === null) throw missing(name);
  const contentKey = await keys.get(contentKeyOf(bytes, name));
  return contentKey === null ? null : unwrapPackSecret(bytes, id, contentKey, vaultId, name);
}

const MAGIC = Buffer.from("HFPACK\0", "latin1");
const COMMITMENT_AT = 40;
const FLAGS_AT = 72;
const COUNT_AT = 76;

/** Puts right one flipped bit in salt or commitment, a damaged magic, and a frame count that contradicts the pack's length. */
function mendHead(pack: Buffer, secret: Buffer): void {
  if (pack.length < FIXED_BYTES) return;
  MAGIC.copy(pack, 0);
  if ((pack[7] as number) > 2 || pack[7] === 0) pack[7] = [1, 2].find((version) => isOneBit(version ^ (pack[7] as number))) ?? (pack[7] as number);
  const holds = () => packKeys(secret, pack.subarray(8, COMMITMENT_AT)).commitment.equals(pack.subarray(COMMITMENT_AT, FLAGS_AT));
  if (!holds()) {
    const { commitment } = packKeys(secret, pack.subarray(8, COMMITMENT_AT));
    if (differingBits(commitment, pack.subarray(COMMITMENT_AT, FLAGS_AT)) === 1) commitment.copy(pack, COMMITMENT_AT);
    else mendOneBit(pack, 8, COMMITMENT_AT, holds);
  }
  const told = pack.readUInt32BE(COUNT_AT);
  if (!fills(pack, told)) {
    const count = Array.from({ length: 32 }, (_, bit) => (told ^ (1 << bit)) >>> 0).find((candidate) => fills(pack, candidate));
    if (count !== undefined) pack.writeUInt32BE(count, COUNT_AT);
  }
  if (pack.readUInt32BE(FLAGS_AT) > DICTIONARY) pack.writeUInt32BE(pack.readUInt32BE(FLAGS_AT) & DICTIONARY, FLAGS_AT);
  // A raw length out of bounds would keep the lines after it from being read at all.
  for (let line = FIXED_BYTES; line + FRAME_LINE_BYTES <= pack.length && line < FIXED_BYTES + pack.readUInt32BE(COUNT_AT) * FRAME_LINE_BYTES; line += FRAME_LINE_BYTES) {
    let raw = pack.readUInt32BE(line + 4);
    while (raw > MAX_RAW_FRAME) raw = (raw ^ (1 << (31 - Math.clz32(raw)))) >>> 0;
    pack.writeUInt32BE(raw, line + 4);
  }
}

function isOneBit(bits: number): boolean {
  return bits !== 0 && (bits & (bits - 1)) === 0;
}

function differingBits(a: Buffer, b: Buffer): number {
  return a.reduce((sum, byte, i) => sum + ((byte ^ (b[i] as number)).toString(2).match(/1/g)?.length ?? 0), 0);
}

function mendOneBit(pack: Buffer, from: number, to: number, holds: () => boolean): void {
  for (let at = from; at < to; at++) {
    for (let bit = 0; bit < 8; bit++) {
      pack[at] = (pack[at] as number) ^ (1 << bit);
      if (holds()) return;
      pack[at] = (pack[at] as number) ^ (1 << bit);
    }
  }
}

/** Bytes that `count` frames of the table, and the head, take. Null: the table does not fit into the pack. */
function lengthOf(pack: Buffer, count: number): number | null {
  let length = FIXED_BYTES + count * FRAME_LINE_BYTES;
  if (length > pack.length) return null;
  for (let i = 0; i < count; i++) length += pack.readUInt32BE(FIXED_BYTES + i * FRAME_LINE_BYTES);
  return length;
}

function fills(pack: Buffer, count: number): boolean {
  return count > 0 && lengthOf(pack, count) === pack.length;
}

/** What one flipped bit in the head could have been, for a frame that does not open: each is tried, and undone unless the frame opens with it. */
function* mendsFor(pack: Buffer, frame: number, count: number): Generator<() => void> {
  const at = FIXED_BYTES + frame * FRAME_LINE_BYTES;
  const change = (where: number, value: number): (() => void) => {
    const before = pack.readUInt32BE(where);
    pack.writeUInt32BE(value >>> 0, where);
    return () => void pack.writeUInt32BE(before, where);
  };
  if (at + FRAME_LINE_BYTES > pack.length) return;
  const told = lengthOf(pack, count);
  if (told !== null && told !== pack.length) {
    // The table and the pack's length disagree: the first frame that does not open is the one whose line is wrong, unless the pack was cut.
    const length = pack.readUInt32BE(at) - (told - pack.length);
    if (length > 0 && length <= 0xffffffff && isOneBit((length ^ pack.readUInt32BE(at)) >>> 0)) yield change(at, length);
    return;
  }
  // Versions 1 and 2 may both be one bit away from what stands there.
  if (frame <= 1) yield change(4, pack.readUInt32BE(4) ^ 3);
  if (frame <= 1) yield change(FLAGS_AT, pack.readUInt32BE(FLAGS_AT) ^ DICTIONARY);
  for (const field of [4, 8]) for (let bit = 0; bit < 32; bit++) yield change(at + field, pack.readUInt32BE(at + field) ^ (1 << bit));
}

/** The store, with one object's bytes as they are held here. */
class OneObject implements ObjectStore {
  readonly traits;
  private readonly store: ObjectStore;
  private readonly name: string;
  private readonly bytes: Buffer;
  constructor(store: ObjectStore, name: string, bytes: Buffer) {
    this.store = store;
    this.traits = store.traits;
    this.name = name;
    this.bytes = bytes;
  }
  get(key: string, range?: ByteRange): Promise<Uint8Array | null> {
    if (key !== this.name) return this.store.get(key, range);
    return Promise.resolve(range === undefined ? this.bytes : this.bytes.subarray(range.offset, range.offset + range.length));
  }
  list(prefix: string): ReturnType<ObjectStore["list"]> {
    return this.store.list(prefix);
  }
  putIfAbsent(): never {
    throw new VaultError("vault.read_only", "a recovery writes nothing to the store");
  }
  remove(): never {
    throw new VaultError("vault.read_only", "a recovery removes nothing from the store");
  }
}

