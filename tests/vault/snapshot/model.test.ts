import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { SourceRecord } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, snapshotOf } from "#tests/support/vault-kit.ts";

/** A shop as a map from key to (text, place). Line items are ordered among their siblings. */
const ORDERED = new Set(["lines"]);
const line = fc.record({ kind: fc.constantFrom("customers", "metafields", "lines"), id: fc.integer({ min: 0, max: 60 }).map((n) => `gid://synthetic/${n}`), parent: fc.constantFrom("gid://synthetic/1", "gid://synthetic/2", "p3"), text: fc.constantFrom("a", "b", "c\u{1f600}", "") });
const shop = fc.array(line, { maxLength: 120 });

const nameOf = (item: SourceRecord): string => JSON.stringify([item.kind, item.id, item.parentId]);

function toRecords(lines: readonly { kind: string; id: string; parent: string; text: string }[]): SourceRecord[] {
  return lines.map(({ kind, id, parent, text }) => record(kind, id, `${text} synthetic ${id}`, kind === "customers" ? null : parent));
}

function modelOf(records: readonly SourceRecord[]): Map<string, { text: string; place: number }> {
  const model = new Map<string, { text: string; place: number }>();
  const siblings = new Map<string, number>();
  for (const item of records) {
    const name = nameOf(item);
    if (model.has(name)) continue;
    const group = `${item.kind} ${item.parentId}`;
    const place = ORDERED.has(item.kind) ? (siblings.get(group) ?? 0) : -1;
    siblings.set(group, place + 1);
    model.set(name, { text: Buffer.from(item.bytes).toString(), place });
  }
  return model;
}

const texts = (records: readonly SourceRecord[]): [string, string][] => records.map((item): [string, string] => [nameOf(item), Buffer.from(item.bytes).toString()]).sort(([a], [b]) => (a < b ? -1 : 1));

describe("a series of snapshots of a changing shop", () => {
  it("says what was added, changed, removed and doubled, gives every state back, and has one root for one content", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shop, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 50 }), async (shops, batch) => {
        const store = new MemoryStore();
        const { vault, keys, hostKeys, identity } = await newTestVault(store);
        let before = new Map<string, { text: string; place: number }>();
        const taken: { id: string; records: SourceRecord[]; model: typeof before }[] = [];
        for (const lines of shops) {
          const records = toRecords(lines);
          const model = modelOf(records);
          const summary = await snapshotOf(vault, records, { batch, orderedKinds: ORDERED });
          const same = (name: string): boolean => before.get(name)?.text === model.get(name)?.text;
          const stays = (name: string): boolean => before.get(name)?.place === model.get(name)?.place;
          const names = [...model.keys()];
          expect(summary).toMatchObject({
            records: model.size,
            added: names.filter((name) => !before.has(name)).length,
            changed: names.filter((name) => before.has(name) && !same(name)).length,
            unchanged: names.filter((name) => before.has(name) && same(name)).length,
            moved: names.filter((name) => before.has(name) && same(name) && !stays(name)).length,
            removed: [...before.keys()].filter((name) => !model.has(name)).length,
            gapCount: records.length - model.size,
            complete: records.length === model.size,
            carried: 0,
          });
          taken.push({ id: summary.snapshotId, records, model });
          before = model;
        }
        for (const { id, model } of taken) {
          const stored = await readAll(vault, id, keys, "stored");
          const byKey = await readAll(vault, id, keys, "key");
          const truth = [...model].map(([name, { text }]): [string, string] => [name, text]).sort(([a], [b]) => (a < b ? -1 : 1));
          expect(texts(stored)).toEqual(truth);
          expect(texts(byKey)).toEqual(truth);
          // Line items come in their order.
          const places = byKey.filter((item) => item.kind === "lines").map((item): [string, number] => [String(item.parentId), model.get(nameOf(item))?.place ?? -1]);
          for (const parent of new Set(places.map(([name]) => name))) expect(places.filter(([name]) => name === parent).map(([, place]) => place)).toEqual([...places.filter(([name]) => name === parent).keys()]);
        }
        // The same content, taken alone into another vault under the same index key, has the same root.
        const last = taken[taken.length - 1] as (typeof taken)[number];
        const other = await newTestVault(new MemoryStore(), "other", identity, hostKeys.indexKey);
        expect((await snapshotOf(other.vault, last.records, { orderedKinds: ORDERED })).root).toBe((await vault.resolve("latest")).root);
        // Diff of any two is the difference of their models.
        const manifests = await vault.snapshots();
        const [a, b] = [taken[0] as (typeof taken)[number], last];
        const diff = await vault.diff(manifests[manifests.length - 1] as never, manifests[0] as never);
        const both = [...b.model].flatMap(([name, now]) => (a.model.has(name) ? [{ now, then: a.model.get(name) }] : []));
        expect([diff.added, diff.removed, diff.changed, diff.moved]).toEqual([
          [...b.model.keys()].filter((name) => !a.model.has(name)).length,
          [...a.model.keys()].filter((name) => !b.model.has(name)).length,
          both.filter(({ now, then }) => then?.text !== now.text).length,
          both.filter(({ now, then }) => then?.text === now.text && then.place !== now.place).length,
        ]);
      }),
      { numRuns: Number(process.env["SLOW"] === "1" ? 400 : 30) },
    );
  }, 60_000);
});
