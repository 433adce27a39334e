/**
 * The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1 is the same tree): hashes, roots, and proofs made and checked.
 *
 * Proofs are made by the recursions that define them and checked by the loops of RFC 9162, so that one is a test of the other.
 * Sizes are JavaScript integers up to 2^53; no bit operators, which would stop at 2^31.
 */
import { createHash } from "node:crypto";

/** SHA-256, 32 bytes. */
export type Hash = Uint8Array;

/** The hash over the 2^level leaves that begin at leaf index * 2^level; only asked for where all of them exist. */
export type Nodes = (level: number, index: number) => Hash | Promise<Hash>;

export const EMPTY_ROOT: Hash = createHash("sha256").digest();

export function leafHash(entry: Uint8Array): Hash {
  return createHash("sha256").update(LEAF_PREFIX).update(entry).digest();
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return createHash("sha256").update(NODE_PREFIX).update(left).update(right).digest();
}

/** MTH of the first `size` leaves. */
export async function rootHash(size: number, nodes: Nodes): Promise<Hash> {
  return size === 0 ? EMPTY_ROOT : subtreeHash(0, size, nodes);
}

/** PATH(index, D[size]): RFC 6962 section 2.1.1. */
export async function inclusionProof(index: number, size: number, nodes: Nodes): Promise<Hash[]> {
  if (!(index >= 0 && index < size)) throw new RangeError("There is no such leaf in a tree of that size.");
  return path(index, 0, size, nodes);
}

/** PROOF(from, D[to]): RFC 6962 section 2.1.2. Empty when from is 0 or equals to. */
export async function consistencyProof(from: number, to: number, nodes: Nodes): Promise<Hash[]> {
  if (!(from >= 0 && from <= to)) throw new RangeError("A tree cannot be consistent with a larger one.");
  return from === 0 || from === to ? [] : subproof(from, 0, to, true, nodes);
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!(index >= 0 && index < size)) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalHash(r, root);
}

/** RFC 9162 section 2.1.4.2; every tree is consistent with the empty one. */
export function verifyConsistency(from: number, to: number, fromRoot: Hash, toRoot: Hash, proof: readonly Hash[]): boolean {
  if (!(from >= 0 && from <= to)) return false;
  if (from === to) return proof.length === 0 && equalHash(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && equalHash(fromRoot, EMPTY_ROOT);
  const nodes = isPowerOfTwo(from) ? [fromRoot, ...proof] : [...proof];
  const first = nodes.shift();
  if (first === undefined) return false;
  let fn = from - 1;
  let sn = to - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  let fr = first;
  let sr = first;
  for (const c of nodes) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalHash(fr, fromRoot) && equalHash(sr, toRoot);
}

export function equalHash(a: Hash, b: Hash): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Leaves [begin, end) of the recursion, where begin is a multiple of the largest power of two in the range's size or the range is the right edge. */
async function subtreeHash(begin: number, end: number, nodes: Nodes): Promise<Hash> {
  const size = end - begin;
  if (isPowerOfTwo(size)) return nodes(Math.log2(size), begin / size);
  const middle = begin + split(size);
  return nodeHash(await subtreeHash(begin, middle, nodes), await subtreeHash(middle, end, nodes));
}

async function path(index: number, begin: number, end: number, nodes: Nodes): Promise<Hash[]> {
  if (end - begin === 1) return [];
  const middle = begin + split(end - begin);
  return index < middle
    ? [...(await path(index, begin, middle, nodes)), await subtreeHash(middle, end, nodes)]
    : [...(await path(index, middle, end, nodes)), await subtreeHash(begin, middle, nodes)];
}

async function subproof(from: number, begin: number, end: number, whole: boolean, nodes: Nodes): Promise<Hash[]> {
  if (from === end) return whole ? [] : [await subtreeHash(begin, end, nodes)];
  const middle = begin + split(end - begin);
  return from <= middle
    ? [...(await subproof(from, begin, middle, whole, nodes)), await subtreeHash(middle, end, nodes)]
    : [...(await subproof(from, middle, end, false, nodes)), await subtreeHash(begin, middle, nodes)];
}

/** The largest power of two smaller than n (n > 1). */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function isPowerOfTwo(n: number): boolean {
  let k = 1;
  while (k < n) k *= 2;
  return k === n;
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
