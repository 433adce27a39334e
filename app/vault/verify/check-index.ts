/** With the index key: every block of every snapshot's index opens, in order, and gives the counts and the root that were signed. */
import { fromByteString, partsOf } from "../format/sort-key.ts";
import { treeKey } from "../format/names.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import { NodeCache } from "../tree/node-cache.ts";
import { RootBuilder } from "../tree/root.ts";
import type { SnapshotManifest } from "../types.ts";
import type { Audit } from "./audit.ts";
import type { PackLists } from "./audit.ts";
import { faultOf } from "./audit.ts";

const READ_AHEAD = 512 * 1024;
const CACHE_BYTES = 16 * 1024 * 1024;

export async function checkIndex(audit: Audit, keys: IndexKeys, manifests: readonly SnapshotManifest[], lists: PackLists): Promise<void> {
  const cache = new NodeCache(CACHE_BYTES);
  /** A snapshot whose runs equal another's needs no second walk, only the same answer. */
  const roots = new Map<string, Counted>();
  for (const [i, manifest] of manifests.entries()) {
    const broken = manifest.runs.flatMap((run) => run.objects).find((object) => audit.faulty(treeKey(object.id)));
    if (broken === undefined) {
      try {
        const name = manifest.runs.map((run) => run.id).join();
        let counted = roots.get(name);
        if (counted === undefined) roots.set(name, (counted = await count(audit, keys, manifest, cache)));
        compare(audit, manifest, counted, lists);
      } catch (error) {
        const fault = faultOf(error);
        audit.find(fault.code === "vault.missing_object" ? "tree.missing" : "tree.damaged", fault.object?.includes("/") === true ? fault.object : manifest.objectKey, fault.message);
      }
    }
    audit.progress("index", i + 1, manifests.length);
  }
}

interface Counted {
  readonly root: string;
  readonly records: number;
  readonly kinds: ReadonlyMap<string, number>;
  readonly live: ReadonlyMap<string, number>;
}

async function count(audit: Audit, keys: IndexKeys, manifest: SnapshotManifest, cache: NodeCache): Promise<Counted> {
  const index = new IndexReader(audit.store, keys, manifest.runs, { cache, readAhead: READ_AHEAD });
  const root = new RootBuilder();
  const kinds = new Map<string, number>();
  const live = new Map<string, number>();
  const cursor = index.cursor();
  let more = await cursor.seek();
  while (more) {
    if (!cursor.removed) {
      const { digest, place, pack } = cursor.located;
      root.add(cursor.key, digest, place);
      const kind = (partsOf(cursor.key) as { kind: string }).kind;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      live.set(pack, (live.get(pack) ?? 0) + 1);
    }
    const next = cursor.next();
    more = typeof next === "boolean" ? next : await next;
  }
  audit.bytesRead += index.bytesFetched;
  return { root: root.finish(), records: root.count, kinds, live };
}

function compare(audit: Audit, manifest: SnapshotManifest, counted: Counted, lists: PackLists): void {
  const { objectKey } = manifest;
  if (counted.root !== manifest.root) audit.find("tree.root_mismatch", objectKey, "the index gives another root than the one signed");
  if (counted.records !== manifest.records) audit.find("tree.root_mismatch", objectKey, `${manifest.records} records were signed, the index has ${counted.records}`);
  for (const [kind, records] of counted.kinds) {
    const name = fromByteString(kind);
    const signed = Object.hasOwn(manifest.kinds, name) ? manifest.kinds[name]?.records : 0;
    if (signed !== records) audit.find("tree.root_mismatch", objectKey, "the index has other counts per kind than those signed");
  }
  const list = lists.get(manifest.packs.object);
  if (list === undefined) return;
  const listed = new Map(list.map((pack) => [pack.id, pack.live]));
  if (listed.size !== counted.live.size || [...counted.live].some(([pack, live]) => listed.get(pack) !== live)) audit.find("pack_list.damaged", treeKey(manifest.packs.object), "it does not list the packs the index points at");
}
