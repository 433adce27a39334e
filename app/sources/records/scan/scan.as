/**
 * Finds lines, and the id, parent id and kind of the JSON object on each, sixteen bytes at a time.
 *
 * AssemblyScript; `node bin/build-scanner.ts` compiles it to wasm.ts. Nothing here decides against a line: one that is not
 * surely a record is "asked" about, which means that the reference (../identify.ts) judges it. What is surely a record is decided exactly:
 * RFC 8259, one object and nothing after it, last of two equal keys. That the bytes are UTF-8 is checked by the caller.
 *
 * A line always ends with "\n", and every loop below stops at one: it is neither blank, nor digit, nor allowed in a string. Vector loads
 * may read up to 15 bytes beyond it, so memory must go on for that long after the last line.
 */
import { blank, digit, escapes, number, string } from "./json";

// Where things lie in memory; wasm-scanner.ts reads the exported ones.

/** Where a kind is put to be asked for by `kind`; nothing stays here. */
export const SCRATCH: usize = 0x8000;
/** Seven numbers a record, as app/vault/record-batch.ts names them. */
export const ROWS: usize = 0x10000;
export const MAX_ROWS: i32 = 4096;
const ROW_BYTES: usize = 28;
/** Three numbers a line that the reference has to judge: row, line (0 is the first of this call), place in EXTRA kept for its names. */
export const ASKS: usize = ROWS + <usize>MAX_ROWS * ROW_BYTES;
const ASK_BYTES: usize = 12;
/** Names of kinds, one after the other; KIND_ENDS[n] is the end of kind n in it. */
export const KIND_TEXT: usize = ASKS + <usize>MAX_ROWS * ASK_BYTES;
const KIND_TEXT_BYTES: usize = 0x20000;
export const KIND_ENDS: usize = KIND_TEXT + KIND_TEXT_BYTES;
export const MAX_KINDS: i32 = 2048;
/** Open addressing: number of a kind plus one, or 0. */
const KIND_SLOTS: usize = KIND_ENDS + <usize>MAX_KINDS * 4;
const SLOTS: u32 = 8192;
/** Ids that are written with escapes in their line stand here without them. */
export const EXTRA: usize = KIND_SLOTS + SLOTS * 2;
const EXTRA_BYTES: usize = 0x40000;
/** From here on memory is the caller's. */
export const FREE: usize = EXTRA + EXTRA_BYTES + 64;

/** The vault's limit for a kind, an id or a parent id, in bytes of UTF-8. */
const MAX_NAME: usize = 4096;
/** What the names of one line take of EXTRA at most. */
const EXTRA_A_LINE: usize = 2 * MAX_NAME;

// Results of the last call of scan.
export let rows: i32 = 0;
export let asks: i32 = 0;
/** Lines passed, blank ones included. */
export let lines: i32 = 0;
export let extra: usize = 0;
/** Kinds known; only forgetKinds makes it less. */
export let kinds: i32 = 0;

// What the object under way says of itself. Types of values: 0 absent or null, 1 as written, 2 string with escapes, 3 cannot be a name.
const ABSENT = 0;
const PLAIN = 1;
const ESCAPED = 2;
const WRONG = 3;
let idType = 0;
let idAt: usize = 0;
let idTo: usize = 0;
let parentType = 0;
let parentAt: usize = 0;
let parentTo: usize = 0;
let typeType = 0;
let typeAt: usize = 0;
let typeTo: usize = 0;
/**
 * Scans the lines in [from, to); the byte before `to` is "\n". Stops early when a table is full. Returns where it stopped: the start of a line.
 * Ranges are counted from `from`; those in EXTRA go on after `to - from`. With `askAll` every line that is not blank is asked about.
 */
export function scan(from: usize, to: usize, maxLine: usize, askAll: bool): usize {
  rows = asks = lines = 0;
  extra = 0;
  let at = from;
  while (at < to) {
    if (rows == MAX_ROWS || extra + EXTRA_A_LINE > EXTRA_BYTES || kindsFull()) break;
    const start = blank(at);
    const extraBefore = extra;
    let end: usize = 0;
    if (load<u8>(start) == 0x7b && !askAll) {
      end = object(start);
      if (end != 0) {
        end = blank(end);
        if (load<u8>(end) != 0x0a || end - at > maxLine || !row(at, end, from, to - from)) {
          extra = extraBefore;
          end = 0;
        }
      }
    } else if (load<u8>(start) == 0x0a && start - at <= maxLine) {
      end = start;
    }
    if (end == 0) {
      end = newline(start);
      ask(at, end, from);
    }
    lines++;
    at = end + 1;
  }
  return at;
}

/** There is no room for the kind of one more line. */
export function kindsFull(): bool {
  return kinds == MAX_KINDS || kindEnd(kinds) + MAX_NAME > KIND_TEXT_BYTES;
}

export function forgetKinds(): void {
  kinds = 0;
  memory.fill(KIND_SLOTS, 0, SLOTS * 2);
}

/** The number of a kind whose name lies at [from, to); at most MAX_NAME bytes. There must be room for one more. */
export function kind(from: usize, to: usize): i32 {
  let hash: u32 = 0x811c9dc5;
  for (let p = from; p < to; p++) hash = (hash ^ load<u8>(p)) * 0x01000193;
  let slot = (hash ^ (hash >> 15)) & (SLOTS - 1);
  while (true) {
    const n: i32 = load<u16>(KIND_SLOTS + (slot << 1));
    if (n == 0) break;
    const start = kindEnd(n - 1);
    if (kindEnd(n) - start == to - from && memory.compare(KIND_TEXT + start, from, to - from) == 0) return n - 1;
    slot = (slot + 1) & (SLOTS - 1);
  }
  const end = kindEnd(kinds);
  memory.copy(KIND_TEXT + end, from, to - from);
  store<u32>(KIND_ENDS + (kinds << 2), <u32>(end + to - from));
  kinds++;
  store<u16>(KIND_SLOTS + (slot << 1), <u16>kinds);
  return kinds - 1;
}

/** Where the text of the first `count` kinds ends. */
// @ts-ignore: decorator
@inline
function kindEnd(count: i32): usize {
  return count == 0 ? 0 : load<u32>(KIND_ENDS - 4 + (count << 2));
}

function ask(at: usize, end: usize, from: usize): void {
  const to = ROWS + <usize>rows * ROW_BYTES;
  store<u32>(to, <u32>(at - from));
  store<u32>(to, <u32>(end - from), 4);
  const entry = ASKS + <usize>asks * ASK_BYTES;
  store<i32>(entry, rows);
  store<i32>(entry, lines, 4);
  store<u32>(entry, <u32>extra, 8);
  extra += min(end - at, EXTRA_A_LINE);
  rows++;
  asks++;
}

/** Writes the row of a line that is surely JSON. False: its names are for the reference to judge. */
function row(at: usize, end: usize, from: usize, length: usize): bool {
  if (idType == ABSENT || idType == WRONG || parentType == WRONG) return false;
  const to = ROWS + <usize>rows * ROW_BYTES;
  store<u32>(to, <u32>(at - from));
  store<u32>(to, <u32>(end - from), 4);
  if (!name(to + 12, idType, idAt, idTo, from, length)) return false;
  if (parentType == ABSENT) {
    store<i32>(to, -1, 20);
    store<i32>(to, -1, 24);
  } else if (!name(to + 20, parentType, parentAt, parentTo, from, length)) return false;
  const number = kindOf(nameAt(to, from, length), load<u32>(to, 16) - load<u32>(to, 12));
  if (number < 0) return false;
  store<i32>(to, number, 8);
  rows++;
  return true;
}

/** Where the id of the row at `to` lies in memory. */
function nameAt(to: usize, from: usize, length: usize): usize {
  const start: usize = load<u32>(to, 12);
  return start < length ? from + start : EXTRA + start - length;
}

function name(to: usize, type: i32, at: usize, end: usize, from: usize, length: usize): bool {
  if (at == end || end - at > MAX_NAME) return false;
  if (type == PLAIN) {
    store<u32>(to, <u32>(at - from));
    store<u32>(to, <u32>(end - from), 4);
    return true;
  }
  store<u32>(to, <u32>(length + extra));
  if (!unescape(at, end)) return false;
  store<u32>(to, <u32>(length + extra), 4);
  return true;
}

/** Appends a string's text to EXTRA. False where it holds \u, which may be half of a pair or NUL. */
function unescape(at: usize, end: usize): bool {
  for (let p = at; p < end; p++) {
    let c: u32 = load<u8>(p);
    if (c == 0x5c) {
      c = load<u8>(++p);
      if (c == 0x75) return false;
      if (c == 0x62) c = 0x08;
      else if (c == 0x66) c = 0x0c;
      else if (c == 0x6e) c = 0x0a;
      else if (c == 0x72) c = 0x0d;
      else if (c == 0x74) c = 0x09;
    }
    store<u8>(EXTRA + extra++, c);
  }
  return true;
}

/** The kind of a record with this id: the type in a global id, else its __typename, else "record". -1: the reference has to say. */
function kindOf(at: usize, length: usize): i32 {
  const end = at + length;
  // gid://shop/Type/…: as in the reference, the shop and the type are not empty, and the type is a word.
  if (length > 9 && load<u32>(at) == 0x3a646967 && load<u16>(at, 4) == 0x2f2f) {
    let p = at + 6;
    while (p < end && load<u8>(p) != 0x2f) p++;
    const type = p + 1;
    if (p > at + 6 && type < end && letter(load<u8>(type))) {
      p = type + 1;
      while (p < end && (letter(load<u8>(p)) || digit(load<u8>(p)))) p++;
      if (p < end && load<u8>(p) == 0x2f) return kind(type, p);
    }
  }
  if (typeType == ESCAPED) return -1;
  if (typeType == PLAIN && typeTo > typeAt && typeTo - typeAt <= MAX_NAME) return kind(typeAt, typeTo);
  store<u64>(SCRATCH, 0x64726f636572);
  return kind(SCRATCH, SCRATCH + 6);
}

/** The end of the object that begins at `at`, or 0 where it is not surely one. */
function object(at: usize): usize {
  idType = parentType = typeType = ABSENT;
  let p = at + 1;
  let depth = 1;
  /** One bit a level, the innermost lowest: 1 an object, 0 an array. Deeper than 64 is for the reference. */
  let nest: u64 = 1;
  let inKey = true;
  p = blank(p);
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    let field = 0;
    p = blank(p);
    if (inKey) {
      if (load<u8>(p) != 0x22) return 0;
      const start = p + 1;
      p = string(start);
      if (p == 0) return 0;
      if (depth == 1) {
        // A key with escapes may be any key.
        if (escapes) return 0;
        field = member(start, p - start);
      }
      p = blank(p + 1);
      if (load<u8>(p) != 0x3a) return 0;
      p = blank(p + 1);
    }
    const c: u32 = load<u8>(p);
    if (c == 0x22) {
      const start = p + 1;
      p = string(start);
      if (p == 0) return 0;
      if (field != 0) set(field, escapes ? ESCAPED : PLAIN, start, p);
      p++;
    } else if (c == 0x7b || c == 0x5b) {
      if (field != 0) set(field, WRONG, p, p);
      if (depth == 64) return 0;
      depth++;
      inKey = c == 0x7b;
      nest = (nest << 1) | <u64>inKey;
      p = blank(p + 1);
      if (load<u8>(p) != c + 2) continue;
      // It is empty: the end of the level is found below.
    } else if (c == 0x2d || digit(c)) {
      const start = p;
      p = number(p);
      if (p == 0) return 0;
      // A type that is a number is no type.
      if (field != 0) set(field, field == TYPE ? WRONG : PLAIN, start, p);
    } else {
      if (field != 0) set(field, c == 0x6e ? ABSENT : WRONG, p, p);
      if (c == 0x74 && load<u32>(p) == 0x65757274) p += 4;
      else if (c == 0x66 && load<u32>(p, 1) == 0x65736c61) p += 5;
      else if (c == 0x6e && load<u32>(p) == 0x6c6c756e) p += 4;
      else return 0;
    }
    while (true) {
      p = blank(p);
      const after: u32 = load<u8>(p++);
      if (after == 0x2c) {
        inKey = (nest & 1) != 0;
        break;
      }
      if (after != (nest & 1 ? 0x7d : 0x5d)) return 0;
      nest >>= 1;
      if (--depth == 0) return p;
    }
  }
}

const ID = 1;
const PARENT = 2;
const TYPE = 3;

// @ts-ignore: decorator
@inline
function member(at: usize, length: usize): i32 {
  if (length == 2) return load<u16>(at) == 0x6469 ? ID : 0;
  if (length != 10) return 0;
  if (load<u64>(at) == 0x746e657261705f5f && load<u16>(at, 8) == 0x6449) return PARENT;
  return load<u64>(at) == 0x616e657079745f5f && load<u16>(at, 8) == 0x656d ? TYPE : 0;
}

function set(field: i32, type: i32, at: usize, to: usize): void {
  if (field == ID) {
    idType = type;
    idAt = at;
    idTo = to;
  } else if (field == PARENT) {
    parentType = type;
    parentAt = at;
    parentTo = to;
  } else {
    typeType = type;
    typeAt = at;
    typeTo = to;
  }
}

/** A letter of ASCII, or "_". */
// @ts-ignore: decorator
@inline
function letter(c: u32): bool {
  return (c | 0x20) - 0x61 < 26 || c == 0x5f;
}

/** The first "\n" from `p` on. */
function newline(p: usize): usize {
  while (true) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(0x0a)));
    if (mask != 0) return p + ctz(mask);
    p += 16;
  }
}
