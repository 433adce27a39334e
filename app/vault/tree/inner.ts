/** Inner blocks of a run or of a locator: separators and where the children lie (docs/design.md 2.5). */
import { ByteReader, ByteWriter } from "../format/bytes.ts";
import { readKeys, sharedPrefix } from "./leaf.ts";
import type { BlockRef } from "../types.ts";

export const FAN_OUT = 64;

export interface Child {
  readonly key: string;
  readonly ref: BlockRef;
}
export interface Inner {
  readonly keys: readonly string[];
  readonly refs: readonly BlockRef[];
  readonly weight: number;
}

/** The shortest string above `before` and not above `key` (before < key). */
export function separator(before: string, key: string): string {
  return key.slice(0, sharedPrefix(before, key) + 1);
}

function follows(a: BlockRef, b: BlockRef): boolean {
  return a.object === b.object && a.block + 1 === b.block && a.offset + a.length === b.offset;
}

export function encodeInner(children: readonly Child[]): Buffer {
  const out = new ByteWriter(4096);
  out.varint(children.length);
  let before = "";
  for (const { key } of children) {
    const shared = sharedPrefix(before, key);
    out.varint(shared);
    out.varint(key.length - shared);
    out.latin1(key.slice(shared));
    before = key;
  }
  let last: BlockRef | null = null;
  for (const { ref } of children) {
    out.varint(ref.length);
    if (last !== null && follows(last, ref)) out.u8(1);
    else {
      out.u8(0);
      out.varint(ref.object);
      out.varint(ref.block);
      out.varint(ref.offset);
    }
    last = ref;
  }
  return out.copy();
}

export function decodeInner(bytes: Uint8Array, object: string): Inner {
  const reader = new ByteReader(bytes, object);
  const count = reader.varint(FAN_OUT);
  if (count === 0) reader.fail("an inner block is empty");
  const keys = readKeys(reader, count);
  const refs: BlockRef[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.varint(0xffffffff);
    const mode = reader.u8();
    const last = refs[i - 1];
    if (mode === 1 && last !== undefined) refs.push({ object: last.object, block: last.block + 1, offset: last.offset + last.length, length });
    else if (mode === 0) refs.push({ object: reader.varint(0xffff), block: reader.varint(0xffffffff), offset: reader.varint(), length });
    else reader.fail("a child reference is malformed");
  }
  reader.finish();
  return { keys, refs, weight: 256 + bytes.length * 4 };
}

/** Index of the last child whose key is not above `key`; 0 when all are. */
export function childFor(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((keys[middle] as string) <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}
