/**
 * Roots of many snapshots in one walk. Snapshots share most of their entries, so they share the open chunk of the Merkle tree (docs/design.md
 * 2.5) until one of them has an entry the others have not, and again from the end of the chunk on: what is equal is hashed once.
 */
import { DIGEST_BYTES, sha256Bytes } from "../crypto/digest.ts";
import { ByteWriter } from "../format/bytes.ts";
import type { LeafColumns } from "../tree/leaf-columns.ts";
import { MAX_CHUNK, RootLevels } from "../tree/root.ts";

/** An open chunk, and the snapshots that have it. */
interface Chunk {
  readonly bytes: ByteWriter;
  entries: number;
  readonly members: Set<number>;
}

export class SharedRoots {
  private readonly levels: RootLevels[];
  private readonly counts: number[];
  /** By snapshot. */
  private readonly chunks: Chunk[];
  /** Chunks of sets of snapshots that were asked for, until the division changes. */
  private readonly divided = new Map<readonly number[], Chunk[]>();
  constructor(snapshots: number) {
    this.levels = Array.from({ length: snapshots }, () => new RootLevels());
    this.counts = new Array<number>(snapshots).fill(0);
    const first = newChunk();
    this.chunks = Array.from({ length: snapshots }, (_, i) => {
      first.members.add(i);
      return first;
    });
  }

  /** Entry `i` of `leaf` is in these snapshots. Pass the same array for the same set: it is remembered by its identity. */
  add(leaf: LeafColumns, i: number, snapshots: readonly number[]): void {
    const start = leaf.keyStart[i] as number;
    const end = leaf.keyStart[i + 1] as number;
    const at = leaf.digestAt[i] as number;
    const place = leaf.place[i] as number;
    const chunks = this.chunksOf(snapshots);
    let ended: Chunk[] | null = null;
    for (const chunk of chunks) {
      const { bytes } = chunk;
      bytes.varint(end - start);
      bytes.range(leaf.keys, start, end);
      if (place < 0) bytes.u8(0);
      else {
        bytes.u8(1);
        bytes.varint(place);
      }
      bytes.range(leaf.digests, at, at + DIGEST_BYTES);
      if (++chunk.entries >= MAX_CHUNK || leaf.digests[at] === 0) (ended ??= []).push(chunk);
    }
    for (const snapshot of snapshots) this.counts[snapshot] = (this.counts[snapshot] as number) + 1;
    if (ended !== null) this.end(ended);
  }

  /** Chunks that hold exactly these snapshots; one that holds others too is copied for them. */
  private chunksOf(snapshots: readonly number[]): readonly Chunk[] {
    const known = this.divided.get(snapshots);
    if (known !== undefined) return known;
    const shares = new Map<Chunk, number[]>();
    for (const snapshot of snapshots) {
      const chunk = this.chunks[snapshot] as Chunk;
      const share = shares.get(chunk);
      if (share === undefined) shares.set(chunk, [snapshot]);
      else share.push(snapshot);
    }
    const chunks: Chunk[] = [];
    for (const [chunk, share] of shares) {
      if (share.length === chunk.members.size) {
        chunks.push(chunk);
        continue;
      }
      const own: Chunk = { bytes: new ByteWriter(Math.max(4096, chunk.bytes.length * 2)), entries: chunk.entries, members: new Set(share) };
      own.bytes.put(chunk.bytes.view());
      for (const snapshot of share) {
        chunk.members.delete(snapshot);
        this.chunks[snapshot] = own;
      }
      chunks.push(own);
      this.divided.clear();
    }
    this.divided.set(snapshots, chunks);
    return chunks;
  }

  private end(chunks: readonly Chunk[]): void {
    const hashes = chunks.map((chunk) => sha256Bytes(chunk.bytes.view()));
    const next = newChunk((chunks[0] as Chunk).bytes);
    for (const [i, chunk] of chunks.entries()) {
      for (const snapshot of chunk.members) {
        (this.levels[snapshot] as RootLevels).push(hashes[i] as string);
        this.chunks[snapshot] = next;
        next.members.add(snapshot);
      }
    }
    this.divided.clear();
  }

  count(snapshot: number): number {
    return this.counts[snapshot] as number;
  }

  /** Hex. Once per snapshot, after the last entry. */
  finish(snapshot: number): string {
    const chunk = this.chunks[snapshot] as Chunk;
    const levels = this.levels[snapshot] as RootLevels;
    if (chunk.entries > 0) levels.push(sha256Bytes(chunk.bytes.view()));
    return levels.finish(this.counts[snapshot] as number);
  }
}

/** `bytes`: room of a chunk that is done with. */
function newChunk(bytes = new ByteWriter(32 * 1024)): Chunk {
  bytes.reset();
  bytes.latin1("holdfast leaf v1\0");
  return { bytes, entries: 0, members: new Set() };
}
