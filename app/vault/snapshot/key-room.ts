/** Puts a sort key together as bytes (docs/design.md 2.5), in a buffer that is used again and again. */
import { MAX_NAME_BYTES } from "../format/sort-key.ts";

export class KeyRoom {
  readonly bytes = Buffer.alloc(3 * MAX_NAME_BYTES + 8);
  length = 0;
  /** Bytes of the anchor: the record's own id, or its parent's. */
  anchor = 0;

  private put(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i++) bytes[at++] = from[i] as number;
    this.length = at;
  }

  top(from: Uint8Array, idStart: number, idEnd: number, kind: Uint8Array): void {
    this.length = 0;
    this.put(from, idStart, idEnd);
    this.anchor = this.length;
    this.bytes[this.length++] = 0;
    this.bytes[this.length++] = 0;
    this.put(kind, 0, kind.length);
  }

  child(from: Uint8Array, parentStart: number, parentEnd: number, kind: Uint8Array, idStart: number, idEnd: number): void {
    this.length = 0;
    this.put(from, parentStart, parentEnd);
    this.anchor = this.length;
    this.bytes[this.length++] = 0;
    this.bytes[this.length++] = 1;
    this.put(kind, 0, kind.length);
    this.bytes[this.length++] = 0;
    this.put(from, idStart, idEnd);
  }
}
