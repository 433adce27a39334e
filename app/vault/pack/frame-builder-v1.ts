/** Raw frames of version 1, for vaults of format 1: records in order of arrival. Also the one encoder that old tests and vectors know. */
import { asBuffer } from "../format/bytes.ts";
import type { ByteWriter } from "../format/bytes.ts";
import { FrameBuilder as FirstBuilder } from "./frame.ts";
import type { FrameEncoder, FrameInput } from "./frame-record.ts";

export class FrameBuilderV1 implements FrameEncoder {
  private readonly builder = new FirstBuilder();
  private readonly nameOf: (kind: number) => string;
  constructor(nameOf: (kind: number) => string) {
    this.nameOf = nameOf;
  }
  get count(): number {
    return this.builder.count;
  }
  get bodyBytes(): number {
    return this.builder.bodyBytes;
  }
  add({ kind, bytes, start, end, idBytes, idStart, idEnd, parentBytes, parentStart, parentEnd }: FrameInput): number {
    const id = asBuffer(idBytes).toString("latin1", idStart, idEnd);
    const parentId = parentBytes === null ? null : asBuffer(parentBytes).toString("latin1", parentStart, parentEnd);
    return this.builder.add(this.nameOf(kind), id, parentId, bytes.subarray(start, end));
  }
  take(out: ByteWriter): void {
    out.put(this.builder.take());
  }
}
