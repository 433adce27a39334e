import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { sortKeyOf } from "#app/vault/format/sort-key.ts";
import { LeafColumns } from "#app/vault/tree/leaf-columns.ts";
import { LeafBuilder } from "#app/vault/tree/leaf-builder.ts";
import { RootBuilder } from "#app/vault/tree/root.ts";
import { SharedRoots } from "#app/vault/verify/shared-roots.ts";

const SNAPSHOTS = 5;
/** One key: which snapshots hold which version of it. Digests that start with 00 end a chunk, so they are drawn often. */
const holding = fc.record({ versions: fc.array(fc.nat(3), { minLength: SNAPSHOTS, maxLength: SNAPSHOTS }), ends: fc.boolean(), place: fc.constantFrom(-1, 0, 300) });

function entryLeaf(key: string, digest: string, place: number): LeafColumns {
  const builder = new LeafBuilder();
  builder.add(key, { digest, place, pack: "ab".repeat(32), frame: 0, ordinal: 0 });
  const leaf = new LeafColumns();
  leaf.load(builder.take(0), "x");
  return leaf;
}

describe("roots of several snapshots in one walk", () => {
  it("are the roots that each snapshot has by itself, whatever they share", () => {
    fc.assert(
      fc.property(fc.array(holding, { maxLength: 60 }), (keys) => {
        const shared = new SharedRoots(SNAPSHOTS);
        const alone = Array.from({ length: SNAPSHOTS }, () => new RootBuilder());
        const sets = new Map<string, number[]>();
        keys.forEach(({ versions, ends, place }, n) => {
          const key = sortKeyOf("customers", `id${String(n).padStart(4, "0")}`, null);
          // Version 0: the snapshot does not have the key.
          for (const version of [1, 2, 3]) {
            const snapshots = versions.flatMap((held, i) => (held === version ? [i] : []));
            if (snapshots.length === 0) continue;
            const same = sets.get(snapshots.join()) ?? snapshots;
            sets.set(snapshots.join(), same);
            const digest = `${ends ? "\0" : "x"}${version}`.padEnd(16, String(n));
            shared.add(entryLeaf(key, digest, place), 0, same);
            for (const i of snapshots) (alone[i] as RootBuilder).add(key, digest, place);
          }
        });
        alone.forEach((root, i) => {
          expect(shared.count(i)).toBe(root.count);
          expect(shared.finish(i)).toBe(root.finish());
        });
      }),
      { numRuns: 300 },
    );
  });
});
