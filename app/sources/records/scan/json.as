/**
 * What JSON is made of (RFC 8259), sixteen bytes at a time: shared by the scanners that are written in AssemblyScript. Each function answers 0 where it is not sure.
 *
 * The text must end with "\n", and every loop below stops at one. Vector loads may read up to 15 bytes beyond it, so memory must go on for that long.
 */

/** The string last passed had a backslash in it. */
export let escapes = false;

/** The closing quote of the string whose text begins at `p`, or 0. */
// @ts-ignore: decorator
@inline
export function string(p: usize): usize {
  escapes = false;
  while (true) {
    const v = v128.load(p);
    const quote = i8x16.eq(v, i8x16.splat(0x22));
    const slash = i8x16.eq(v, i8x16.splat(0x5c));
    let mask: u32 = i8x16.bitmask(v128.or(v128.or(quote, slash), i8x16.le_u(v, i8x16.splat(0x1f))));
    let next = p + 16;
    if (mask != 0) {
      const quotes: u32 = i8x16.bitmask(quote);
      const slashes: u32 = mask ^ quotes;
      const escaped = slashes << 1;
      // JSON inside JSON is full of \": a block where every backslash has its quote, and no control character stands, is settled at once.
      if ((escaped & ~quotes) == 0 && slashes == <u32>i8x16.bitmask(slash)) {
        const closing = quotes & ~escaped;
        if (closing != 0) {
          if ((slashes & (closing ^ (closing - 1))) != 0) escapes = true;
          return p + ctz(closing);
        }
        if (slashes != 0) escapes = true;
        p = next;
        continue;
      }
    }
    while (mask != 0) {
      const i = ctz(mask);
      const c: u32 = load<u8>(p + i);
      if (c == 0x22) return p + i;
      if (c != 0x5c || !escape(p + i + 1)) return 0;
      escapes = true;
      // Neither this backslash nor what it escapes counts any more, be it in this block or the first of the next.
      mask &= ~(<u32>3 << i);
      if (i == 15) next++;
    }
    p = next;
  }
}

/** What follows a backslash is what JSON allows there. */
// @ts-ignore: decorator
@inline
function escape(p: usize): bool {
  const c: u32 = load<u8>(p);
  if (c == 0x22 || c == 0x2f || c == 0x5c) return true;
  if (c == 0x75) return hex(load<u8>(p, 1)) && hex(load<u8>(p, 2)) && hex(load<u8>(p, 3)) && hex(load<u8>(p, 4));
  // b f n r t
  return c - 0x62 < 19 && ((0x51011 >> (c - 0x62)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
function hex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}

/** The end of a number, or 0. */
export function number(at: usize): usize {
  let p = at;
  let c: u32 = load<u8>(p);
  if (c == 0x2d) c = load<u8>(++p);
  if (c == 0x30) c = load<u8>(++p);
  else if (digit(c)) do c = load<u8>(++p); while (digit(c));
  else return 0;
  if (c == 0x2e) {
    c = load<u8>(++p);
    if (!digit(c)) return 0;
    do c = load<u8>(++p); while (digit(c));
  }
  if ((c | 0x20) == 0x65) {
    c = load<u8>(++p);
    if (c == 0x2b || c == 0x2d) c = load<u8>(++p);
    if (!digit(c)) return 0;
    do c = load<u8>(++p); while (digit(c));
  }
  return p;
}

// @ts-ignore: decorator
@inline
export function digit(c: u32): bool {
  return c - 0x30 < 10;
}

/** The first byte from `p` on that is neither space, tab nor "\r". */
// @ts-ignore: decorator
@inline
export function blank(p: usize): usize {
  let c: u32 = load<u8>(p);
  while (c == 0x20 || c == 0x09 || c == 0x0d) c = load<u8>(++p);
  return p;
}
