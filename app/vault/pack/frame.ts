/** Raw frames: records with their keys, before compression and sealing (docs/design.md 2.3). */

export const MAX_RECORD_BYTES = 64 * 1024 * 1024;
export const MAX_RAW_FRAME = 80 * 1024 * 1024;

/** One record of a frame. Names are byte strings; an erased record has kind "" and nothing else. */
export interface FrameRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly bytes: Buffer;
}
