/** The clear head of a pack, and what each frame is bound to (docs/design.md 2.3). */
import { deriveKey, aadOf } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { ByteReader } from "../format/bytes.ts";
import { MAX_RAW_FRAME } from "./frame.ts";

const MAGIC = Buffer.from("HFPACK\x00", "latin1");
/** 1: records in order of arrival. 2: records of a frame grouped by kind. */
export type PackVersion = 1 | 2;
export const FIXED_BYTES = 80;
export const FRAME_LINE_BYTES = 12;
export const MAX_FRAMES = 65536;
/** Frame 0 is the zstd dictionary of the others. */
export const DICTIONARY = 1;

export interface FrameLine {
  /** In the object. */
  readonly offset: number;
  readonly sealed: number;
  readonly raw: number;
  readonly records: number;
}

export interface PackHeader {
  readonly version: PackVersion;
  readonly salt: Buffer;
  readonly commitment: Buffer;
  readonly flags: number;
  readonly frameCount: number;
}

export interface PackKeys {
  readonly frameKey: Buffer;
  readonly commitment: Buffer;
}

export function packKeys(secret: Uint8Array, salt: Uint8Array): PackKeys {
  return { frameKey: deriveKey(secret, salt, "holdfast frame v1"), commitment: deriveKey(secret, salt, "holdfast commit v1") };
}

export function frameAad(version: PackVersion, vaultId: Uint8Array, salt: Uint8Array, frame: number, flags: number, raw: number, records: number): Buffer {
  const position = Buffer.alloc(16);
  position.writeUInt32BE(frame, 0);
  position.writeUInt32BE(flags, 4);
  position.writeUInt32BE(raw, 8);
  position.writeUInt32BE(records, 12);
  return aadOf(version === 1 ? "holdfast frame v1" : "holdfast frame v2", vaultId, salt, position);
}

export function encodeHeader(version: PackVersion, salt: Uint8Array, commitment: Uint8Array, flags: number, frames: readonly { sealed: number; raw: number; records: number }[]): Buffer {
  const out = Buffer.alloc(FIXED_BYTES + frames.length * FRAME_LINE_BYTES);
  out.set(MAGIC, 0);
  out[7] = version;
  out.set(salt, 8);
  out.set(commitment, 40);
  out.writeUInt32BE(flags, 72);
  out.writeUInt32BE(frames.length, 76);
  frames.forEach((frame, i) => {
    const at = FIXED_BYTES + i * FRAME_LINE_BYTES;
    out.writeUInt32BE(frame.sealed, at);
    out.writeUInt32BE(frame.raw, at + 4);
    out.writeUInt32BE(frame.records, at + 8);
  });
  return out;
}

export function decodeHeader(bytes: Uint8Array, object: string): PackHeader {
  const reader = new ByteReader(bytes, object);
  if (!reader.take(7).equals(MAGIC)) reader.fail("it does not start as a pack does");
  const version = reader.u8();
  if (version !== 1 && version !== 2) throw damaged(object, "it is a pack of an unknown version");
  const salt = Buffer.from(reader.take(32));
  const commitment = Buffer.from(reader.take(32));
  const flags = reader.u32();
  if (flags > DICTIONARY) reader.fail("it has unknown flags");
  const frameCount = reader.u32();
  if (frameCount === 0 || frameCount > MAX_FRAMES) reader.fail("its number of frames is out of bounds");
  return { version, salt, commitment, flags, frameCount };
}

/** The first `count` lines of the frame table; `bytes` starts at the object's start. */
export function decodeFrameLines(bytes: Uint8Array, header: PackHeader, count: number, object: string): FrameLine[] {
  const reader = new ByteReader(bytes, object, FIXED_BYTES);
  const lines: FrameLine[] = [];
  let offset = FIXED_BYTES + header.frameCount * FRAME_LINE_BYTES;
  for (let i = 0; i < count; i++) {
    const line = { offset, sealed: reader.u32(), raw: reader.u32(), records: reader.u32() };
    if (line.raw > MAX_RAW_FRAME) throw damaged(object, "a frame claims to be too large");
    offset += line.sealed;
    lines.push(line);
  }
  return lines;
}
