/** Raw frames of version 1, for vaults of format 1 and for packs rewritten by a redaction: records in order of arrival (docs/design.md 2.3). */
import { asBuffer, ByteWriter } from "../format/bytes.ts";
import type { FrameEncoder, FrameInput } from "./frame-record.ts";

export class RecordFrameBuilder {
  count = 0;
  /** Bytes of records so far. */
  bodyBytes = 0;
  private readonly kinds = new Map<string, number>();
  private readonly kindColumn = new ByteWriter(512);
  private readonly idColumn = new ByteWriter(1024);
  private readonly parentColumn = new ByteWriter(512);
  private readonly lengthColumn = new ByteWriter(1024);
  private readonly literals = new ByteWriter(1024);
  private readonly body = new ByteWriter(192 * 1024);
  private idBefore: string | null = null;
  private parentBefore: string | null = null;
  private topId: string | null = null;

  /** Copies the record; answers its ordinal. Names are byte strings. */
  add(kind: string, id: string, parentId: string | null, bytes: Uint8Array): number {
    let kindNumber = this.kinds.get(kind);
    if (kindNumber === undefined) this.kinds.set(kind, (kindNumber = this.kinds.size + 1));
    this.kindColumn.varint(kindNumber);
    const at = asBuffer(bytes).indexOf(id, 0, "latin1");
    this.idColumn.varint(at + 1);
    this.idColumn.varint(id.length);
    if (at < 0) this.literals.latin1(id);
    this.addParent(parentId);
    this.lengthColumn.varint(bytes.length);
    this.body.put(bytes);
    this.body.u8(0x0a);
    this.bodyBytes += bytes.length + 1;
    if (parentId === null) this.topId = id;
    this.idBefore = id;
    this.parentBefore = parentId;
    return this.count++;
  }

  private addParent(parentId: string | null): void {
    if (parentId === null) this.parentColumn.u8(0);
    else if (parentId === this.parentBefore) this.parentColumn.u8(1);
    else if (parentId === this.idBefore) this.parentColumn.u8(2);
    else if (parentId === this.topId) this.parentColumn.u8(3);
    else {
      this.parentColumn.u8(4);
      this.literals.varint(parentId.length);
      this.literals.latin1(parentId);
    }
  }

  /** The raw frame in a buffer of its own; the builder is empty again. */
  take(): Buffer {
    const head = new ByteWriter(256);
    head.varint(this.count);
    head.varint(this.kinds.size);
    for (const kind of this.kinds.keys()) {
      head.varint(kind.length);
      head.latin1(kind);
    }
    const middle = new ByteWriter(8);
    middle.varint(this.literals.length);
    const raw = Buffer.concat([head.view(), this.kindColumn.view(), this.idColumn.view(), this.parentColumn.view(), this.lengthColumn.view(), middle.view(), this.literals.view(), this.body.view()]);
    for (const column of [this.kindColumn, this.idColumn, this.parentColumn, this.lengthColumn, this.literals, this.body]) column.reset();
    // A record of many megabytes must not keep its room for the rest of the run.
    if (this.body.bytes.length > 1024 * 1024) this.body.bytes = Buffer.allocUnsafe(192 * 1024);
    this.kinds.clear();
    this.count = 0;
    this.bodyBytes = 0;
    this.idBefore = null;
    this.parentBefore = null;
    this.topId = null;
    return raw;
  }
}

/** The same behind the writer's interface. */
export class FrameBuilderV1 implements FrameEncoder {
  private readonly builder = new RecordFrameBuilder();
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
