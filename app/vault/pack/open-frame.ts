/** Opens one sealed frame: authenticated, then inflated to exactly the length it says. Synchronous, for threads and small reads alike. */
import type { KeyObject } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { open, positionNonce } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { release } from "../format/release.ts";
import { DICTIONARY, frameAad } from "./header.ts";
import type { PackVersion } from "./header.ts";

/** What opens the frames of one pack. Plain bytes, so that it can be handed to a thread. */
export interface FrameKeys {
  /** The pack's key on the store, for messages. */
  readonly object: string;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly version: PackVersion;
  readonly flags: number;
  readonly salt: Uint8Array;
  readonly frameKey: Uint8Array | KeyObject;
}

export interface FrameSize {
  readonly raw: number;
  readonly records: number;
}

/** Whether frame 0 is the dictionary of the others. */
export function hasDictionary(flags: number): boolean {
  return (flags & DICTIONARY) !== 0;
}

/** Frame 0 may be a frame of records that serves as dictionary too; one without records is a dictionary and nothing else. */
export function isBareDictionary(flags: number, frame: number, size: FrameSize): boolean {
  return frame === 0 && hasDictionary(flags) && size.records === 0;
}

/** Throws vault.damaged_object. `dictionary`: the opened frame 0 of a pack that has one, null for frame 0 itself. */
export function openFrame(keys: FrameKeys, frame: number, size: FrameSize, sealed: Uint8Array, dictionary: Uint8Array | null): Buffer {
  const { object } = keys;
  const compressed = open(keys.frameKey, positionNonce(frame), frameAad(keys.version, keys.vaultId, keys.salt, frame, keys.flags, size.raw, size.records), sealed, object);
  let raw: Buffer;
  try {
    // A little more room than the frame needs, or zlib makes a second buffer only to learn that nothing follows.
    raw = zstdDecompressSync(compressed, { maxOutputLength: Math.max(1, size.raw), chunkSize: size.raw + 64, ...(dictionary === null ? {} : { dictionary }) });
  } catch (cause) {
    throw damaged(object, "a frame does not inflate", cause);
  }
  release(compressed);
  if (raw.length !== size.raw) throw damaged(object, "a frame is shorter than it says");
  return raw;
}
