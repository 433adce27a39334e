/**
 * Which families differ between two states of a shop, from the index alone: nothing is opened, and memory does not grow with the shop. What the runs of the two
 * indexes do not share is compared; each difference is traced to its root; roots are sorted (spilling to sealed files), so that each is told once.
 */
import { fromByteString, nameBytes, partsOf, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { RowSorter } from "../scratch/row-sorter.ts";
import { Scratch } from "../scratch/scratch.ts";
import { differences, sameBytes, type DiffEntry } from "../snapshot/diff.ts";
import type { VaultDescription } from "../types.ts";
import { familyIndex, sameFamily, type FamilyEntry, type FamilyIndex, type StateOfIndex } from "./family-index.ts";

export interface ChangedRoots {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly then: StateOfIndex;
  readonly now: StateOfIndex;
  /** Root kinds that matter; null: all. */
  readonly kinds: ReadonlySet<string> | null;
  readonly scratchDirectory: string;
  readonly signal: AbortSignal;
  /** Hears how many differences were found so far. */
  readonly onProgress?: (differences: number) => void;
}

export interface ChangedRoot {
  readonly kind: string;
  readonly id: string;
  /** Empty: it did not exist then. */
  readonly then: readonly FamilyEntry[];
  /** Empty: it is gone. */
  readonly now: readonly FamilyEntry[];
}

const NONE = new Uint8Array(0);
const EVERY = 1024;

/** In the order of their ids' bytes. Throws vault.damaged_object, vault.missing_object. */
export async function* changedRoots(o: ChangedRoots): AsyncGenerator<ChangedRoot> {
  const keys = { vaultId: Buffer.from(o.description.vaultId, "hex"), indexKey: o.indexKey };
  const then = familyIndex(o, o.then);
  const now = familyIndex(o, o.now);
  const scratch = new Scratch(o.scratchDirectory);
  const sorter = new RowSorter(scratch, 0);
  try {
    const trace = tracer(o, then, now, sorter);
    await differences(o.store, keys, o.then.manifest ?? { runs: [] }, o.now.manifest ?? { runs: [] }, trace.note);
    for (const { overlay } of [o.then, o.now]) for (const key of overlay?.roots.keys() ?? []) await trace.add(key);
    let last = "";
    for await (const block of sorter.sorted()) {
      for (let i = 0; i < block.count; i++) {
        const key = block.bytes.toString("latin1", block.keyAt[i], block.keyEnd[i]);
        if (key === last) continue;
        last = key;
        const parts = partsOf(key) as { kind: string; id: string };
        const [kind, id] = [fromByteString(parts.kind), fromByteString(parts.id)];
        if (o.kinds !== null && !o.kinds.has(kind)) continue;
        o.signal.throwIfAborted();
        const [was, is] = [await then.family(kind, id), await now.family(kind, id)];
        if (!sameFamily(was, is)) yield { kind, id, then: was, now: is };
      }
    }
  } finally {
    await scratch.remove();
  }
}

function tracer(o: ChangedRoots, then: FamilyIndex, now: FamilyIndex, sorter: RowSorter): { note: (key: DiffEntry, before: DiffEntry | null, after: DiffEntry | null) => Promise<void> | void; add: (key: string) => Promise<void> } {
  let found = 0;
  // Siblings come one after another: what their parent belongs to is looked up once.
  let parent = "";
  let root: string | null = null;
  const add = async (key: string): Promise<void> => {
    const bytes = Buffer.from(key, "latin1");
    if (sorter.full(bytes.length)) await sorter.spill();
    sorter.add(bytes, bytes.length, NONE);
  };
  const rootOf = async (parentId: string): Promise<string | null> => {
    const text = fromByteString(parentId);
    const above = (await now.rootAbove(text)) ?? (await then.rootAbove(text));
    return above === null ? null : topKey(nameBytes(above.id, "id"), nameBytes(above.kind, "kind"));
  };
  return {
    add,
    note: (entry, before, after) => {
      if (before === null ? after === null : after !== null && sameBytes(before, after) && before.leaf.place[before.at] === after.leaf.place[after.at]) return;
      if (++found % EVERY === 0) {
        o.signal.throwIfAborted();
        o.onProgress?.(found);
      }
      const key = Buffer.from(entry.leaf.keys.subarray(entry.leaf.keyStart[entry.at], entry.leaf.keyStart[entry.at + 1])).toString("latin1");
      const { parentId } = partsOf(key) as { parentId: string | null };
      if (parentId === null) return add(key);
      if (parentId === parent) return root === null ? undefined : add(root);
      return rootOf(parentId).then((above) => {
        parent = parentId;
        root = above;
        // A record whose parent is in neither state belongs to no family that could be put back.
        return above === null ? undefined : add(above);
      });
    },
  };
}
