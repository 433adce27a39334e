/**
 * Finds the known members of one JSON object and puts out their terms, without parsing the rest into anything.
 *
 * AssemblyScript; `node bin/build-scanner.ts` compiles it to wasm.ts. As with the scanner of lines, it either is sure or says that it is not, and then the record is parsed
 * (../record-terms.ts). It is sure only of a whole record: RFC 8259 from its first byte to its last, no known member twice, no escapes in a key where one may be known. A
 * value that is not plain ASCII is left to the caller by itself. Which members are known is a table that the caller puts into memory.
 */
import { blank, digit, escapes, number, string } from "../../sources/records/scan/json";

// Where things lie in memory; member-scanner.ts reads the exported ones.

/** Nodes of 16 members of 32 bytes: length of the name (0: no more), action, child, five unused, name. Node 0 knows nothing. */
export const NODES: usize = 0x4000;
export const NODE_MEMBERS: i32 = 16;
export const MEMBER_BYTES: usize = 32;
export const MAX_NODES: i32 = 32;
const NODE_BYTES: usize = <usize>NODE_MEMBERS * MEMBER_BYTES;
/** By depth: what is known of the object, and which of its members came already. */
const LEVELS: usize = NODES + <usize>MAX_NODES * NODE_BYTES;
const LEVEL_BYTES: usize = 8;
const MAX_DEPTH = 64;
/** What was found, until the end of the record is reached: action, whether it has escapes, from, to. */
const VALUES: usize = LEVELS + (MAX_DEPTH + 1) * LEVEL_BYTES;
const VALUE_BYTES: usize = 16;
const MAX_VALUES = 256;
/** Where each term ends in TEXT. */
export const TERMS: usize = VALUES + MAX_VALUES * VALUE_BYTES;
/** Words of a name at most, and far more than any record has. */
const MAX_TERMS = 4096;
/** Terms one after the other, each once: its type in one byte, then the term. */
export const TEXT: usize = TERMS + MAX_TERMS * 4;
const TEXT_BYTES: usize = 0x20000;
/** Values that the caller has to read: action, whether it has escapes, from, to, counted from `at`. */
export const LATER: usize = TEXT + TEXT_BYTES;
/** From here on memory is the caller's. */
export const FREE: usize = LATER + MAX_VALUES * VALUE_BYTES;

// Actions: types of terms, then what leads on to other members.
const EMAIL = 1;
const PHONE = 2;
const NAME = 3;
const ORDER = 4;
const CUSTOMER = 5;
export const INTO: i32 = 6;
export const EACH: i32 = 7;

/** As in ../normal.ts. */
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 400;
const MOST_WORDS = 12;
const LONGEST_ORDER: usize = 64;

// Results of the last call of find.
export let terms: i32 = 0;
export let later: i32 = 0;
let text: usize = 0;
let values: i32 = 0;

/**
 * The record lies in [at, to) and a "\n" behind it. `node`: what is known of it. True: sure of everything; its terms are put out, and values for the caller. What lay here is
 * overwritten as soon as nobody needs it: a customer's record does not wait in memory for the next.
 */
export function find(at: usize, to: usize, node: i32): bool {
  memory.fill(TEXT, 0, text);
  terms = later = values = 0;
  text = 0;
  const sure = read(at, to, node);
  if (!sure || later == 0) memory.fill(at, 0, to - at);
  return sure;
}

function read(at: usize, to: usize, node: i32): bool {
  const start = blank(at);
  if (load<u8>(start) != 0x7b) return false;
  const end = walk(start, node);
  if (end == 0 || blank(end) != to) return false;
  for (let i = 0; i < values; i++) {
    const value = VALUES + <usize>i * VALUE_BYTES;
    const action: i32 = load<i32>(value);
    const from: usize = load<u32>(value, 8);
    const until: usize = load<u32>(value, 12);
    if (terms + MOST_WORDS > MAX_TERMS || text + (until - from) * 2 + 2 * MOST_WORDS > TEXT_BYTES) return false;
    if (load<i32>(value, 4) != 0 || !isAscii(from, until)) {
      // A phone number is read by the country beside it.
      if (action == PHONE) return false;
      const entry = LATER + <usize>later * VALUE_BYTES;
      store<i32>(entry, action);
      store<i32>(entry, load<i32>(value, 4), 4);
      store<u32>(entry, <u32>(from - at), 8);
      store<u32>(entry, <u32>(until - at), 12);
      later++;
    } else if (action == NAME) {
      if (!name(from, until)) return false;
    }
    else if (action == EMAIL) email(from, until);
    else if (action == ORDER) order(from, until);
    else if (action == CUSTOMER) {
      const start = begin(CUSTOMER);
      for (let p = from; p < until; p++) put(load<u8>(p));
      term(start);
    } else if (!phone(from, until)) return false;
  }
  return true;
}

/** The end of the object that begins at `at`, or 0 where it is not surely one. */
function walk(at: usize, root: i32): usize {
  let p = at + 1;
  let depth = 1;
  /** One bit a level, the innermost lowest: 1 an object, 0 an array. */
  let nest: u64 = 1;
  let inKey = true;
  /** Of an object what is known of it, of an array what of its elements. */
  let node = root;
  let seen: u32 = 0;
  p = blank(p);
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    let action = 0;
    let child = 0;
    p = blank(p);
    if (inKey) {
      if (load<u8>(p) != 0x22) return 0;
      const start = p + 1;
      p = string(start);
      if (p == 0) return 0;
      if (node != 0) {
        // A key with escapes may be any key.
        if (escapes) return 0;
        const number = member(node, start, p - start);
        if (number >= 0) {
          // The last of two counts, which nobody knows yet.
          if ((seen & (1 << number)) != 0) return 0;
          seen |= 1 << number;
          const entry = NODES + <usize>node * NODE_BYTES + <usize>number * MEMBER_BYTES;
          action = load<u8>(entry, 1);
          child = load<u8>(entry, 2);
        }
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
      if (action != 0 && action < INTO) {
        if (values == MAX_VALUES) return 0;
        const value = VALUES + <usize>values * VALUE_BYTES;
        store<i32>(value, action);
        store<i32>(value, escapes ? 1 : 0, 4);
        store<u32>(value, <u32>start, 8);
        store<u32>(value, <u32>p, 12);
        values++;
      }
      p++;
    } else if (c == 0x7b || c == 0x5b) {
      if (depth == MAX_DEPTH) return 0;
      const level = LEVELS + <usize>depth * LEVEL_BYTES;
      store<i32>(level, node);
      store<u32>(level, seen, 4);
      if (c == 0x7b) node = inKey ? (action == INTO ? child : 0) : node;
      else node = inKey && action == EACH ? child : 0;
      seen = 0;
      depth++;
      inKey = c == 0x7b;
      nest = (nest << 1) | <u64>inKey;
      p = blank(p + 1);
      if (load<u8>(p) != c + 2) continue;
      // It is empty: the end of the level is found below.
    } else if (c == 0x2d || digit(c)) {
      p = number(p);
      if (p == 0) return 0;
    } else if (c == 0x74 && load<u32>(p) == 0x65757274) p += 4;
    else if (c == 0x66 && load<u32>(p, 1) == 0x65736c61) p += 5;
    else if (c == 0x6e && load<u32>(p) == 0x6c6c756e) p += 4;
    else return 0;
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
      const level = LEVELS + <usize>depth * LEVEL_BYTES;
      node = load<i32>(level);
      seen = load<u32>(level, 4);
    }
  }
}

/** Which member of the node has this name; -1: none. */
function member(node: i32, at: usize, length: usize): i32 {
  const first = NODES + <usize>node * NODE_BYTES;
  for (let i = 0; i < NODE_MEMBERS; i++) {
    const entry = first + <usize>i * MEMBER_BYTES;
    const known: usize = load<u8>(entry);
    if (known == 0) return -1;
    if (known == length && load<u8>(entry, 8) == load<u8>(at) && memory.compare(entry + 8, at, length) == 0) return i;
  }
  return -1;
}

function isAscii(at: usize, to: usize): bool {
  let p = at;
  for (; p + 16 <= to; p += 16) if (i8x16.bitmask(v128.load(p)) != 0) return false;
  const rest = to - p;
  return rest == 0 || (i8x16.bitmask(v128.load(p)) & ((1 << <i32>rest) - 1)) == 0;
}

// @ts-ignore: decorator
@inline
function put(c: u32): void {
  store<u8>(TEXT + text++, c);
}

/** Where a term of this type begins. */
// @ts-ignore: decorator
@inline
function begin(type: i32): usize {
  put(type);
  return text - 1;
}

/** What was put since `begin` is a term, unless it is empty, or there already: a record has a handful. */
function term(start: usize): void {
  const length = text - start;
  let from: usize = 0;
  for (let i = 0; i < terms && length > 1; i++) {
    const end: usize = load<u32>(TERMS + (<usize>i << 2));
    if (end - from == length && same(TEXT + from, TEXT + start, length)) {
      text = start;
      return;
    }
    from = end;
  }
  if (length == 1) {
    text = start;
    return;
  }
  store<u32>(TERMS + (<usize>terms << 2), <u32>text);
  terms++;
}

// @ts-ignore: decorator
@inline
function same(one: usize, other: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(one + i) != load<u8>(other + i)) return false;
  return true;
}

// @ts-ignore: decorator
@inline
function lower(c: u32): u32 {
  return c - 0x41 < 26 ? c | 0x20 : c;
}

/** Words: letters and digits; an apostrophe joins. More than twelve are for the caller: which count depends on which are alike. */
function name(at: usize, to: usize): bool {
  if (to - at > LONGEST_NAME) return true;
  let words = 0;
  let start = begin(NAME);
  for (let p = at; p <= to; p++) {
    // Behind the value stands its quote, which ends a word as any sign does.
    const c = lower(load<u8>(p));
    if (c - 0x61 < 26 || digit(c)) {
      put(c);
      continue;
    }
    if (p < to && (c == 0x27 || c == 0x60)) continue;
    if (text - start > 1) {
      if (++words > MOST_WORDS) return false;
      term(start);
      start = begin(NAME);
    }
  }
  text = start;
  return true;
}

/** One "@" with something on either side, and no space but around it. */
function email(at: usize, to: usize): void {
  let from = at;
  let end = to;
  while (from < end && load<u8>(from) == 0x20) from++;
  while (from < end && load<u8>(end - 1) == 0x20) end--;
  if (end - from > LONGEST_EMAIL) return;
  const start = begin(EMAIL);
  let sign: usize = 0;
  for (let p = from; p < end; p++) {
    const c: u32 = load<u8>(p);
    if (c == 0x20 || (c == 0x40 && sign != 0)) {
      text = start;
      return;
    }
    if (c == 0x40) sign = p;
    put(lower(c));
  }
  if (sign == 0 || sign == from || sign == end - 1) text = start;
  else term(start);
}

/** E.164 as it stands; whatever else may be meant is not for here to say. */
function phone(at: usize, to: usize): bool {
  const digits = to - at - 1;
  if (to - at < 8 || digits > 15 || load<u8>(at) != 0x2b || load<u8>(at, 1) == 0x30) return false;
  for (let p = at + 1; p < to; p++) if (!digit(load<u8>(p))) return false;
  const start = begin(PHONE);
  for (let p = at; p < to; p++) put(load<u8>(p));
  term(start);
  return true;
}

/** Without "#" and spaces; and its number alone where there is one that stands among other signs. */
function order(at: usize, to: usize): void {
  if (to - at > LONGEST_ORDER) return;
  const start = begin(ORDER);
  let runs = 0;
  let from: usize = 0;
  let until: usize = 0;
  for (let p = at; p < to; p++) {
    const c = lower(load<u8>(p));
    if (c == 0x20 || c == 0x23) continue;
    if (digit(c)) {
      if (until != text || runs == 0) {
        runs++;
        from = text;
      }
      until = text + 1;
    }
    put(c);
  }
  const end = text;
  term(start);
  // Where it was there already, its number was too.
  if (text == start || runs != 1 || until - from < 3 || until - from == end - start - 1) return;
  const number = begin(ORDER);
  for (let p = from; p < until; p++) put(load<u8>(TEXT + p));
  term(number);
}
