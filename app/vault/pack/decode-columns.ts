/**
 * A raw frame opened into columns of positions in its own bytes (docs/design.md 2.3): the reader's hot path, no object per record.
 * Both layouts fill the same columns; one instance is filled again for every frame. Bytes are hostile: every position is checked.
 */
import { ByteReader } from "../format/bytes.ts";
import { MAX_NAME_BYTES } from "../format/sort-key.ts";
import { MAX_RECORD_BYTES } from "./frame.ts";
import type { FrameRecord } from "./frame.ts";

export const MAX_RECORDS = 1 << 22;

export class FrameColumns {
  raw: Buffer = Buffer.alloc(0);
  count = 0;
  /** Byte strings; kinds[0] is "", the kind of an erased record. `kindStart` and `kindEnd` say where they stand in `raw`. */
  kinds: string[] = [""];
  kindStart: number[] = [0];
  kindEnd: number[] = [0];
  /** Per record; 0: erased, and nothing else of it means anything. */
  kind = new Uint32Array(0);
  /** The record is [start, end) of `raw`; the byte at `end` is 0A. */
  start = new Uint32Array(0);
  end = new Uint32Array(0);
  idStart = new Uint32Array(0);
  idEnd = new Uint32Array(0);
  /** -1: no parent. */
  parentStart = new Int32Array(0);
  parentEnd = new Int32Array(0);

  /** Throws vault.damaged_object, said of `object`. `raw` is kept until the next load. */
  load(raw: Buffer, expected: number, layout: number, object: string): void {
    const reader = new ByteReader(raw, object);
    this.raw = raw;
    this.open(reader, expected, layout === 1 ? 6 : 2);
    if (layout === 1) this.loadFirst(reader);
    else this.loadSecond(reader);
  }

  private open(reader: ByteReader, expected: number, least: number): void {
    const count = reader.varint(MAX_RECORDS);
    if (count !== expected) reader.fail("a frame holds another number of records than its pack says");
    // What each record takes at the very least: refuse before anything of that size is made.
    if (count * least > this.raw.length) reader.fail("a frame is too short for its records");
    this.count = count;
    if (count > this.kind.length) {
      const room = Math.max(count, 512, Math.min(MAX_RECORDS, this.kind.length * 2));
      this.kind = new Uint32Array(room);
      this.start = new Uint32Array(room);
      this.end = new Uint32Array(room);
      this.idStart = new Uint32Array(room);
      this.idEnd = new Uint32Array(room);
      this.parentStart = new Int32Array(room);
      this.parentEnd = new Int32Array(room);
    }
    const kindCount = reader.varint(count);
    this.kinds = [""];
    this.kindStart = [0];
    this.kindEnd = [0];
    for (let i = 0; i < kindCount; i++) {
      const length = reader.varint(MAX_NAME_BYTES);
      if (length === 0) reader.fail("a kind has no name");
      this.kindStart.push(reader.at);
      this.kinds.push(reader.latin1(length));
      this.kindEnd.push(reader.at);
    }
    const { kind } = this;
    for (let i = 0; i < count; i++) kind[i] = reader.varint(kindCount);
  }

  /** Format 1: every column in full, records in order of arrival. */
  private loadFirst(reader: ByteReader): void {
    const { count, kind, start, end, idStart, idEnd } = this;
    for (let i = 0; i < count; i++) {
      idStart[i] = reader.varint(MAX_RECORD_BYTES);
      idEnd[i] = reader.varint(MAX_NAME_BYTES);
    }
    const parents = reader.take(count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const length = reader.varint(MAX_RECORD_BYTES);
      end[i] = length;
      total += length + 1;
    }
    const literals = this.literals(reader);
    if (reader.end - reader.at !== total) reader.fail("a frame's records do not fill it");
    let at = reader.at;
    for (let i = 0; i < count; i++) {
      const length = end[i] as number;
      start[i] = at;
      at += length;
      end[i] = at;
      if (this.raw[at++] !== 0x0a) reader.fail("a record does not end where its frame says");
      if (kind[i] === 0 && (length !== 0 || idStart[i] !== 0 || idEnd[i] !== 0 || parents[i] !== 0)) reader.fail("an erased record is not empty");
    }
    this.name(parents, literals);
  }

  /** Format 2: one value for all records of a kind where one will do, records by kind. */
  private loadSecond(reader: ByteReader): void {
    const { count, kind, start, end, idStart, idEnd, raw } = this;
    this.perKind(reader, idStart, MAX_RECORD_BYTES);
    this.perKind(reader, idEnd, MAX_NAME_BYTES);
    const parents = reader.take(count);
    const mode = reader.u8();
    if (mode > 1) reader.fail("a frame's column is packed in an unknown way");
    if (mode === 1) for (let i = 0; i < count; i++) end[i] = reader.varint(MAX_RECORD_BYTES);
    const literals = this.literals(reader);
    let at = reader.at;
    for (const i of this.byKind()) {
      if (kind[i] === 0) {
        if ((mode === 1 && end[i] !== 0) || idStart[i] !== 0 || idEnd[i] !== 0 || parents[i] !== 0) reader.fail("an erased record is not empty");
        start[i] = end[i] = 0;
        continue;
      }
      const stop = mode === 1 ? at + (end[i] as number) : raw.indexOf(0x0a, at);
      if (stop < 0 || stop >= raw.length || raw[stop] !== 0x0a) reader.fail("a record does not end where its frame says");
      if (stop - at > MAX_RECORD_BYTES) reader.fail("a record is too large");
      start[i] = at;
      end[i] = stop;
      at = stop + 1;
    }
    if (at !== raw.length) reader.fail("a frame's records do not fill it");
    this.name(parents, literals);
  }

  /** Numbers of the records in the order of the body: kind after kind, each in order of arrival. */
  private byKind(): Uint32Array {
    const { count, kind } = this;
    const next = new Uint32Array(this.kinds.length + 1);
    for (let i = 0; i < count; i++) {
      const k = (kind[i] as number) + 1;
      next[k] = (next[k] as number) + 1;
    }
    for (let k = 1; k < next.length; k++) next[k] = (next[k] as number) + (next[k - 1] as number);
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const k = kind[i] as number;
      order[next[k] as number] = i;
      next[k] = (next[k] as number) + 1;
    }
    return order;
  }

  private perKind(reader: ByteReader, column: Uint32Array, max: number): void {
    const { count, kind } = this;
    const mode = reader.u8();
    if (mode === 1) {
      for (let i = 0; i < count; i++) column[i] = reader.varint(max);
      return;
    }
    if (mode !== 0) reader.fail("a frame's column is packed in an unknown way");
    const values = [0];
    for (let each = 1; each < this.kinds.length; each++) values.push(reader.varint(max));
    for (let i = 0; i < count; i++) column[i] = values[kind[i] as number] as number;
  }

  private literals(reader: ByteReader): ByteReader {
    const length = reader.varint(this.raw.length);
    const from = reader.at;
    reader.take(length);
    return new ByteReader(this.raw, reader.object, from, from + length);
  }

  /** Turns id positions into places in `raw`, and parent codes into places of names. */
  private name(parents: Uint8Array, literals: ByteReader): void {
    const { count, kind, start, end, idStart, idEnd, parentStart, parentEnd } = this;
    let before = -1;
    let top = -1;
    for (let i = 0; i < count; i++) {
      if (kind[i] === 0) {
        parentStart[i] = -1;
        continue;
      }
      const at = idStart[i] as number;
      const length = idEnd[i] as number;
      let from: number;
      if (at > 0) {
        from = (start[i] as number) + at - 1;
        if (from + length > (end[i] as number)) literals.fail("a record's id lies outside it");
      } else {
        from = literals.at;
        literals.take(length);
      }
      if (length === 0) literals.fail("a record's id lies outside it");
      idStart[i] = from;
      idEnd[i] = from + length;
      const code = parents[i] as number;
      if (code === 0) {
        parentStart[i] = -1;
        top = i;
      } else if (code === 1 && before >= 0 && (parentStart[before] as number) >= 0) {
        parentStart[i] = parentStart[before] as number;
        parentEnd[i] = parentEnd[before] as number;
      } else if (code === 2 && before >= 0) {
        parentStart[i] = idStart[before] as number;
        parentEnd[i] = idEnd[before] as number;
      } else if (code === 3 && top >= 0) {
        parentStart[i] = idStart[top] as number;
        parentEnd[i] = idEnd[top] as number;
      } else if (code === 4) {
        const size = literals.varint(MAX_NAME_BYTES);
        if (size === 0) literals.fail("a record's parent is malformed");
        parentStart[i] = literals.at;
        literals.take(size);
        parentEnd[i] = literals.at;
      } else literals.fail("a record's parent is malformed");
      before = i;
    }
    literals.finish();
  }

  /** One record as an object, its bytes a view of the frame. An erased record has kind "" and nothing else. */
  record(i: number): FrameRecord {
    const { raw, kind, start, end, idStart, idEnd, parentStart, parentEnd } = this;
    const text = (from: number, to: number): string => raw.toString("latin1", from, to);
    const parent = parentStart[i] as number;
    return {
      kind: this.kinds[kind[i] as number] as string,
      id: kind[i] === 0 ? "" : text(idStart[i] as number, idEnd[i] as number),
      parentId: parent < 0 ? null : text(parent, parentEnd[i] as number),
      bytes: raw.subarray(start[i], end[i]),
    };
  }

  records(): FrameRecord[] {
    return Array.from({ length: this.count }, (_, i) => this.record(i));
  }
}
