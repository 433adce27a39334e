/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of many short messages, four at a time in the lanes of 128-bit vectors.
 *
 * AssemblyScript; `node bin/build-scanner.ts` compiles it to wasm.ts. For search tokens only: a call into the runtime's own HMAC costs more than the hash does, and a snapshot makes
 * millions. No branch and no address depends on a key or on what is hashed, but for lengths. Held against the runtime's in tests.
 */

// Where things lie in memory; many-hmacs.ts reads the exported ones.

/** 32 bytes: the key of `messages`. */
export const KEY: usize = 0x4000;
/** The schedule: 64 vectors. */
const W: usize = 0x4100;
/** Four blocks of 64 bytes under way. */
const BLOCKS: usize = 0x4500;
/** States of eight vectors: behind the inner pad, behind the outer, and the one under way. */
const INNER: usize = 0x4600;
const OUTER: usize = 0x4680;
const STATE: usize = 0x4700;
/** Where each message ends, in TEXT. */
export const ENDS: usize = 0x5000;
export const MAX_MESSAGES: i32 = 4096;
/** Messages one after the other; or jobs of 20 bytes, which are a key of 16 and a counter. */
export const TEXT: usize = ENDS + <usize>MAX_MESSAGES * 4;
/** More than as many of the longest as there may be. */
export const TEXT_BYTES: usize = 0x40000;
/** 32 bytes each. */
export const OUT: usize = TEXT + TEXT_BYTES;
export const OUT_END: usize = OUT + <usize>MAX_MESSAGES * 32;
/** Messages that leave room for the padding in one block (FIPS 180-4, 5.1.1). */
export const LONGEST: i32 = 55;
export const JOB_BYTES: i32 = 20;

const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const IV: usize = memory.data<u32>([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);

/** HMACs of `count` messages under the one key. One that is longer than LONGEST gets nonsense: it is the caller's to hash. */
export function messages(count: i32): void {
  for (let lane = 0; lane < 4; lane++) pad(<usize>lane, KEY, 32, 0x36);
  start(INNER);
  compress(INNER);
  for (let lane = 0; lane < 4; lane++) pad(<usize>lane, KEY, 32, 0x5c);
  start(OUTER);
  compress(OUTER);
  for (let i = 0; i < count; i += 4) {
    for (let lane = 0; lane < 4; lane++) {
      const n = i + lane;
      const from: usize = n == 0 || n >= count ? 0 : load<u32>(ENDS + ((<usize>n - 1) << 2));
      const to: usize = n >= count ? 0 : load<u32>(ENDS + (<usize>n << 2));
      message(<usize>lane, TEXT + from, to - from > <usize>LONGEST ? 0 : to - from);
    }
    memory.copy(STATE, INNER, 128);
    schedule();
    compress(STATE);
    finish(OUTER, i, count);
  }
}

/** HMACs of `count` jobs: each under a key of its own, of its counter's four bytes. */
export function jobs(count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const last = count - 1;
    for (let lane = 0; lane < 4; lane++) pad(<usize>lane, TEXT + <usize>min(i + lane, last) * JOB_BYTES, 16, 0x5c);
    start(OUTER);
    compress(OUTER);
    for (let lane = 0; lane < 4; lane++) pad(<usize>lane, TEXT + <usize>min(i + lane, last) * JOB_BYTES, 16, 0x36);
    start(STATE);
    compress(STATE);
    for (let lane = 0; lane < 4; lane++) message(<usize>lane, TEXT + <usize>min(i + lane, last) * JOB_BYTES + 16, 4);
    schedule();
    compress(STATE);
    finish(OUTER, i, count);
  }
}

/** Lets go of keys, of so many bytes that were hashed, and of so many results. */
export function wipe(text: usize, count: i32): void {
  memory.fill(KEY, 0, ENDS - KEY);
  memory.fill(TEXT, 0, text);
  memory.fill(OUT, 0, <usize>count << 5);
}

/** A block of the key and the pad. */
function pad(lane: usize, key: usize, length: usize, byte: u8): void {
  const block = BLOCKS + (lane << 6);
  memory.fill(block, byte, 64);
  for (let i: usize = 0; i < length; i++) store<u8>(block + i, load<u8>(key + i) ^ byte);
}

/** The last block of a message that stands behind a block of the key. */
function message(lane: usize, at: usize, length: usize): void {
  const block = BLOCKS + (lane << 6);
  memory.fill(block, 0, 64);
  memory.copy(block, at, length);
  store<u8>(block + length, 0x80);
  store<u32>(block, bswap<u32>(<u32>((64 + length) << 3)), 60);
}

/** The state before anything was hashed, and the blocks as its schedule. */
function start(state: usize): void {
  for (let i: usize = 0; i < 8; i++) v128.store(state + (i << 4), v128.load32_splat(IV + (i << 2)));
  schedule();
}

/** The four blocks into the first 16 vectors of the schedule. */
function schedule(): void {
  for (let i: usize = 0; i < 16; i++) {
    const at = BLOCKS + (i << 2);
    let v = v128.load32_zero(at);
    v = v128.load_lane<u32>(at + 64, v, 1);
    v = v128.load_lane<u32>(at + 128, v, 2);
    v = v128.load_lane<u32>(at + 192, v, 3);
    v128.store(W + (i << 4), swapped(v));
  }
}

// @ts-ignore: decorator
@inline
function swapped(v: v128): v128 {
  return i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Hashes the digests in STATE into the state at `outer`, and writes the results of this group. */
function finish(outer: usize, i: i32, count: i32): void {
  memory.copy(W, STATE, 128);
  v128.store(W + 128, i32x4.splat(0x80000000));
  memory.fill(W + 144, 0, 96);
  v128.store(W + 240, i32x4.splat((64 + 32) << 3));
  memory.copy(STATE, outer, 128);
  compress(STATE);
  for (let word: usize = 0; word < 8; word++) {
    const v = swapped(v128.load(STATE + (word << 4)));
    const to = OUT + (<usize>i << 5) + (word << 2);
    v128.store_lane<u32>(to, v, 0);
    if (i + 1 < count) v128.store_lane<u32>(to + 32, v, 1);
    if (i + 2 < count) v128.store_lane<u32>(to + 64, v, 2);
    if (i + 3 < count) v128.store_lane<u32>(to + 96, v, 3);
  }
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}
// @ts-ignore: decorator
@inline
function rotr(v: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(v, by), i32x4.shl(v, 32 - by));
}
// @ts-ignore: decorator
@inline
function t1(e: v128, f: v128, g: v128, h: v128, i: usize): v128 {
  const sigma = v128.xor(v128.xor(rotr(e, 6), rotr(e, 11)), rotr(e, 25));
  return add(add(add(h, sigma), v128.bitselect(f, g, e)), add(v128.load(W + (i << 4)), v128.load32_splat(K + (i << 2))));
}
// @ts-ignore: decorator
@inline
function t2(a: v128, b: v128, c: v128): v128 {
  const sigma = v128.xor(v128.xor(rotr(a, 2), rotr(a, 13)), rotr(a, 22));
  return add(sigma, v128.bitselect(c, b, v128.xor(a, b)));
}

/** FIPS 180-4, 6.2.2, of the first 16 vectors of the schedule into the state. */
function compress(state: usize): void {
  for (let i: usize = 16; i < 64; i++) {
    const at = W + (i << 4);
    const w15 = v128.load(at - 240);
    const w2 = v128.load(at - 32);
    const s0 = v128.xor(v128.xor(rotr(w15, 7), rotr(w15, 18)), i32x4.shr_u(w15, 3));
    const s1 = v128.xor(v128.xor(rotr(w2, 17), rotr(w2, 19)), i32x4.shr_u(w2, 10));
    v128.store(at, add(add(v128.load(at - 256), s0), add(v128.load(at - 112), s1)));
  }
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  for (let i: usize = 0; i < 64; i += 8) {
    h = t1(e, f, g, h, i);
    d = add(d, h);
    h = add(h, t2(a, b, c));
    g = t1(d, e, f, g, i + 1);
    c = add(c, g);
    g = add(g, t2(h, a, b));
    f = t1(c, d, e, f, i + 2);
    b = add(b, f);
    f = add(f, t2(g, h, a));
    e = t1(b, c, d, e, i + 3);
    a = add(a, e);
    e = add(e, t2(f, g, h));
    d = t1(a, b, c, d, i + 4);
    h = add(h, d);
    d = add(d, t2(e, f, g));
    c = t1(h, a, b, c, i + 5);
    g = add(g, c);
    c = add(c, t2(d, e, f));
    b = t1(g, h, a, b, i + 6);
    f = add(f, b);
    b = add(b, t2(c, d, e));
    a = t1(f, g, h, a, i + 7);
    e = add(e, a);
    a = add(a, t2(b, c, d));
  }
  v128.store(state, add(v128.load(state), a));
  v128.store(state, add(v128.load(state, 16), b), 16);
  v128.store(state, add(v128.load(state, 32), c), 32);
  v128.store(state, add(v128.load(state, 48), d), 48);
  v128.store(state, add(v128.load(state, 64), e), 64);
  v128.store(state, add(v128.load(state, 80), f), 80);
  v128.store(state, add(v128.load(state, 96), g), 96);
  v128.store(state, add(v128.load(state, 112), h), 112);
}
