/**
 * Raw frames of version 2 (docs/design.md 2.3): the names of records in columns that cost nothing where they follow from the record, and
 * the records of a kind next to each other, which is what a compressor likes.
 */
import { ByteWriter } from "../format/bytes.ts";
import type { FrameEncoder, FrameInput } from "./frame-record.ts";

const NEWLINE = 0x0a;
/** A record of many megabytes must not keep its room for the rest of the run. */
const KEPT_ROOM = 1024 * 1024;

/** One kind's share of the open frame. */
interface Group {
  readonly name: string;
  /** 1-based, in this frame; 0: not met yet. */
  number: number;
  body: ByteWriter;
  /** Of the first record of the kind; all others are compared with it. */
  idAt: number;
  idLength: number;
}

/** A name of the record before, kept as bytes. `length` -1: there is none. */
class Name {
  private bytes = new Uint8Array(64);
  length = -1;
  set(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[i] = from[start + i] as number;
    this.length = length;
  }
  copy(other: Name): void {
    if (other.length < 0) this.length = -1;
    else this.set(other.bytes, 0, other.length);
  }
  /** From the end, where ids differ. */
  equals(other: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this;
    if (end - start !== this.length) return false;
    for (let i = this.length - 1; i >= 0; i--) if (bytes[i] !== other[start + i]) return false;
    return true;
  }
}

export class FrameBuilder implements FrameEncoder {
  count = 0;
  bodyBytes = 0;
  private readonly groups: (Group | undefined)[] = [];
  private readonly nameOf: (kind: number) => string;
  private order: Group[] = [];
  private readonly kindColumn = new ByteWriter(512);
  private readonly idAtColumn = new ByteWriter(1024);
  private readonly idLengthColumn = new ByteWriter(1024);
  private readonly parentColumn = new ByteWriter(512);
  private readonly lengthColumn = new ByteWriter(1024);
  private readonly literals = new ByteWriter(1024);
  private idAtVaries = false;
  private idLengthVaries = false;
  private holdsNewline = false;
  private readonly idBefore = new Name();
  private readonly parentBefore = new Name();
  private readonly top = new Name();

  /** `nameOf`: a kind's name, as a byte string, by its number. */
  constructor(nameOf: (kind: number) => string) {
    this.nameOf = nameOf;
  }

  private group(kind: number): Group {
    let group = this.groups[kind];
    if (group === undefined) this.groups[kind] = group = { name: this.nameOf(kind), number: 0, body: new ByteWriter(4096), idAt: 0, idLength: 0 };
    return group;
  }

  add(record: FrameInput): number {
    const { bytes, start, end, idBytes, idStart, idEnd } = record;
    const group = this.group(record.kind);
    const idAt = idBytes === bytes && idStart >= start && idEnd <= end ? idStart - start + 1 : 0;
    const idLength = idEnd - idStart;
    if (group.number === 0) {
      this.order.push(group);
      group.number = this.order.length;
      group.idAt = idAt;
      group.idLength = idLength;
    } else {
      if (group.idAt !== idAt) this.idAtVaries = true;
      if (group.idLength !== idLength) this.idLengthVaries = true;
    }
    this.kindColumn.varint(group.number);
    this.idAtColumn.varint(idAt);
    this.idLengthColumn.varint(idLength);
    this.lengthColumn.varint(end - start);
    if (idAt === 0) this.literals.range(idBytes, idStart, idEnd);
    this.addParent(record);
    this.idBefore.set(idBytes, idStart, idEnd);
    if (record.parentBytes === null) this.top.copy(this.idBefore);
    if (record.newline) this.holdsNewline = true;
    group.body.range(bytes, start, end);
    group.body.u8(NEWLINE);
    this.bodyBytes += end - start + 1;
    return this.count++;
  }

  private addParent({ parentBytes, parentStart, parentEnd }: FrameInput): void {
    const { parentBefore, parentColumn } = this;
    if (parentBytes === null) {
      parentColumn.u8(0);
      parentBefore.length = -1;
      return;
    }
    if (parentBefore.equals(parentBytes, parentStart, parentEnd)) {
      parentColumn.u8(1);
      return;
    }
    if (this.idBefore.equals(parentBytes, parentStart, parentEnd)) parentColumn.u8(2);
    else if (this.top.equals(parentBytes, parentStart, parentEnd)) parentColumn.u8(3);
    else {
      parentColumn.u8(4);
      this.literals.varint(parentEnd - parentStart);
      this.literals.range(parentBytes, parentStart, parentEnd);
    }
    parentBefore.set(parentBytes, parentStart, parentEnd);
  }

  take(out: ByteWriter): void {
    out.varint(this.count);
    out.varint(this.order.length);
    for (const { name } of this.order) {
      out.varint(name.length);
      out.latin1(name);
    }
    out.put(this.kindColumn.view());
    this.putColumn(out, this.idAtVaries, this.idAtColumn, (group) => group.idAt);
    this.putColumn(out, this.idLengthVaries, this.idLengthColumn, (group) => group.idLength);
    out.put(this.parentColumn.view());
    out.u8(this.holdsNewline ? 1 : 0);
    if (this.holdsNewline) out.put(this.lengthColumn.view());
    out.varint(this.literals.length);
    out.put(this.literals.view());
    for (const group of this.order) out.put(group.body.view());
    this.empty();
  }

  private putColumn(out: ByteWriter, varies: boolean, column: ByteWriter, ofKind: (group: Group) => number): void {
    out.u8(varies ? 1 : 0);
    if (varies) out.put(column.view());
    else for (const group of this.order) out.varint(ofKind(group));
  }

  private empty(): void {
    for (const group of this.order) {
      group.number = 0;
      group.body.reset();
      if (group.body.bytes.length > KEPT_ROOM) group.body = new ByteWriter(4096);
    }
    this.order = [];
    for (const column of [this.kindColumn, this.idAtColumn, this.idLengthColumn, this.parentColumn, this.lengthColumn, this.literals]) column.reset();
    this.idAtVaries = this.idLengthVaries = this.holdsNewline = false;
    this.idBefore.length = this.parentBefore.length = this.top.length = -1;
    this.count = 0;
    this.bodyBytes = 0;
  }
}
