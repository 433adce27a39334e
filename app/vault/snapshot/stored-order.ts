/**
 * All of a snapshot in the order of arrival, the fastest way to read it: the index first, filed by where it points, then each pack once,
 * on threads, every record held against its entry.
 */
import { deriveKey } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { packKey } from "../format/names.ts";
import { release } from "../format/release.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackReader } from "../pack/pack-reader.ts";
import type { CheckResult } from "../pack/check-frames.ts";
import type { ContentKeys } from "../ports.ts";
import type { Redactions } from "../retention/redactions.ts";
import { AddressRows } from "../scan/address-rows.ts";
import { PackScan, sizesOf, threadsFor } from "../scan/pack-scan.ts";
import { newSeed, RowFiler } from "../scan/row-filer.ts";
import { Scratch } from "../scratch/scratch.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { PackInfo, SnapshotManifest } from "../types.ts";
import { readPackList } from "./pack-list.ts";

const READ_AHEAD = 512 * 1024;

export interface StoredOrder {
  readonly store: ObjectStore;
  readonly indexKeys: IndexKeys;
  readonly manifest: SnapshotManifest;
  readonly keys: ContentKeys;
  readonly redactions: Redactions;
  readonly scratchDirectory: string;
  /** Default: as many as pay for themselves. 0: none. */
  readonly threads?: number;
  readonly wanted: "lines" | "records";
}

/** Throws vault.damaged_object when any record is missing or not what its entry says, and at the end when there were fewer than promised. */
export async function* inStoredOrder(options: StoredOrder): AsyncGenerator<CheckResult> {
  const { store, indexKeys, manifest, keys, redactions } = options;
  const list = await readPackList(store, manifest);
  const scratch = new Scratch(options.scratchDirectory);
  const rows = new AddressRows(scratch, list.map((pack) => pack.records));
  const packs = new PackReader(store, indexKeys.vaultId, keys);
  const seed = newSeed();
  const threads = options.threads ?? threadsFor(manifest.packs.bytes);
  const scan = new PackScan({ packs, digestKey: deriveKey(indexKeys.indexKey, null, "holdfast digest v1"), seed, wanted: options.wanted, threads });
  try {
    const erased = await fileIndex(options, list, rows, seed);
    let given = 0;
    for (const [number, info] of list.entries()) {
      const id = redactions.packFor(info.id);
      const pack = await packs.head(id);
      const sizes = sizesOf(pack);
      if (sizes.reduce((sum, size) => sum + size.records, 0) !== info.records) throw damaged(packKey(id), "it holds another number of records than its snapshot says");
      const { expected, misfit } = await rows.of(number, sizes);
      if (misfit !== null) throw damaged(packKey(id), "it does not hold the record the index says");
      for await (const result of scan.pack(id, pack, expected)) {
        if (result.fault !== null) throw damaged(packKey(id), result.fault.what === "pack" ? result.fault.message : `frame ${result.fault.frame}, record ${result.fault.ordinal}: ${result.fault.message}`);
        given += result.records;
        if (result.records === 0) continue;
        yield result;
        release(result.bytes);
      }
    }
    if (given + erased !== manifest.records) throw damaged(manifest.objectKey, `${manifest.records} records were promised and ${given} found`);
  } finally {
    await scan.close();
    await rows.close();
    await scratch.remove();
  }
}

/** Answers how many entries were erased on purpose. */
async function fileIndex({ store, indexKeys, manifest, redactions }: StoredOrder, list: readonly PackInfo[], rows: AddressRows, seed: Uint32Array): Promise<number> {
  const filer = new RowFiler(rows, seed, new Map(list.map((pack, number) => [pack.id, number])), redactions);
  const cursor = new IndexReader(store, indexKeys, manifest.runs, { readAhead: READ_AHEAD }).columns();
  let erased = 0;
  let more = await cursor.start();
  while (more) {
    if (!cursor.leaf.isRemoval(cursor.at)) {
      const filed = filer.file(cursor.leaf, cursor.at);
      if (filed === "full") await rows.spill();
      else if (filed === "erased") erased++;
      else if (filed === "unknown") throw damaged(manifest.objectKey, "its index points at a pack that its pack list lacks");
    }
    const next = cursor.next();
    more = typeof next === "boolean" ? next : await next;
  }
  return erased;
}
