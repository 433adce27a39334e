/** A record on its way into a frame: ranges of other people's buffers. One object, overwritten from record to record. */
import type { ByteWriter } from "../format/bytes.ts";

export interface FrameInput {
  /** Number of the kind in the writer's own table. */
  kind: number;
  bytes: Uint8Array;
  start: number;
  end: number;
  /** The id's bytes. Within [start, end) of `bytes` they need not be stored again. */
  idBytes: Uint8Array;
  idStart: number;
  idEnd: number;
  /** Null: no parent. */
  parentBytes: Uint8Array | null;
  parentStart: number;
  parentEnd: number;
  /** Whether the record holds a 0A. */
  newline: boolean;
}

/** Gathers records into one raw frame. */
export interface FrameEncoder {
  readonly count: number;
  /** Bytes of records so far, line ends included. */
  readonly bodyBytes: number;
  /** Copies the record; answers its ordinal. */
  add(record: FrameInput): number;
  /** Writes the raw frame; the encoder is empty again. */
  take(out: ByteWriter): void;
}
