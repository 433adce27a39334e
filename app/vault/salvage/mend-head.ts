/** Puts right what one flipped bit can do to a pack's clear head, which no tag covers by itself. The frames' own seals decide whether it was right. */
import { FIXED_BYTES, FRAME_LINE_BYTES, DICTIONARY, packKeys } from "../pack/header.ts";
import { MAX_RAW_FRAME } from "../pack/frame.ts";

const MAGIC = Buffer.from("HFPACK\0", "latin1");
const COMMITMENT_AT = 40;
const FLAGS_AT = 72;
const COUNT_AT = 76;

/** Puts right one flipped bit in salt or commitment, a damaged magic, and a frame count that contradicts the pack's length. */
export function mendHead(pack: Buffer, secret: Buffer): void {
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
export function* mendsFor(pack: Buffer, frame: number, count: number): Generator<() => void> {
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
