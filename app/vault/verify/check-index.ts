/** With the index key: every block of every snapshot's index opens, in order, and gives the counts and the root that were signed. */
import { VaultError } from "../errors.ts";
import { fromByteString } from "../format/sort-key.ts";
import { treeKey } from "../format/names.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { ColumnCursor } from "../tree/column-cursor.ts";
import { NodeCache } from "../tree/node-cache.ts";
import { RunReader } from "../tree/run-reader.ts";
import type { RunDescription, SnapshotManifest } from "../types.ts";
import type { Audit } from "./audit.ts";
import type { PackLists } from "./audit.ts";
import { faultOf } from "./audit.ts";
import { countIndexes } from "./count-index.ts";
import type { Counted, OnEntry } from "./count-index.ts";

/** `onEntry`: for whoever checks records too; an entry may be told more than once. */
export async function checkIndex(audit: Audit, keys: IndexKeys, manifests: readonly SnapshotManifest[], lists: PackLists, onEntry: OnEntry | null = null): Promise<void> {
  /** A snapshot whose runs equal another's needs no second walk, only the same answer. */
  const alike = new Map<string, SnapshotManifest[]>();
  const walked = new Set<string>();
  for (const manifest of manifests) {
    if (manifest.runs.some((run) => isFaulty(audit, run))) continue;
    const name = manifest.runs.map((run) => run.id).join();
    alike.set(name, [...(alike.get(name) ?? []), manifest]);
    for (const run of manifest.runs) walked.add(run.id);
  }
  const groups = [...alike.values()];
  let done = 0;
  const tell = (group: readonly SnapshotManifest[], counted: Counted): void => {
    for (const manifest of group) compare(audit, manifest, counted, lists);
    audit.progress("index", (done += group.length), manifests.length);
  };
  const all = await attempt(audit, keys, groups.map((group) => group[0] as SnapshotManifest), onEntry);
  if (!(all instanceof VaultError)) groups.forEach((group, i) => tell(group, all[i] as Counted));
  // One that does not open must not speak for the others.
  else {
    for (const group of groups) {
      const one = await attempt(audit, keys, group.slice(0, 1), onEntry);
      if (!(one instanceof VaultError)) tell(group, one[0] as Counted);
      else for (const manifest of group) blame(audit, one, manifest.objectKey);
    }
  }
  if (onEntry === null) return;
  // Runs that only snapshots with a damaged one have: their records are still to be found.
  const left = new Map<string, RunDescription>();
  for (const manifest of manifests) for (const run of manifest.runs) if (!walked.has(run.id) && !isFaulty(audit, run)) left.set(run.id, run);
  for (const run of left.values()) await tellRun(audit, keys, run, onEntry);
}

function isFaulty(audit: Audit, run: RunDescription): boolean {
  return run.objects.some((object) => audit.faulty(treeKey(object.id)));
}

async function attempt(audit: Audit, keys: IndexKeys, manifests: readonly SnapshotManifest[], onEntry: OnEntry | null): Promise<Counted[] | VaultError> {
  try {
    return await countIndexes(audit.store, keys, manifests, (bytes) => (audit.bytesRead += bytes), onEntry);
  } catch (error) {
    return faultOf(error);
  }
}

function blame(audit: Audit, fault: VaultError, otherwise: string): void {
  audit.find(fault.code === "vault.missing_object" ? "tree.missing" : "tree.damaged", fault.object?.includes("/") === true ? fault.object : otherwise, fault.message);
}

async function tellRun(audit: Audit, keys: IndexKeys, run: RunDescription, onEntry: OnEntry): Promise<void> {
  const reader = new RunReader(audit.store, keys, run, new NodeCache(1024 * 1024), 512 * 1024);
  const cursor = new ColumnCursor([reader]);
  try {
    let more = await cursor.start();
    while (more) {
      const wait = cursor.leaf.isRemoval(cursor.at) ? null : onEntry(cursor.leaf, cursor.at);
      if (wait !== null) await wait;
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
  } catch (error) {
    blame(audit, faultOf(error), treeKey(run.objects[0]?.id ?? run.id));
  }
  audit.bytesRead += reader.blocks.bytesFetched;
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
