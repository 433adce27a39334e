import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contentKeys, openVault } from "#app/vault/index.ts";
import type { SourceRecord, Vault } from "#app/vault/index.ts";
import { orderOf } from "#app/vault/snapshot/gathering.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, SCRATCH, seededNumbers, snapshotOf } from "#tests/support/vault-kit.ts";

const ORDERED = new Set(["LineItem"]);
const BATCH = 200;

/** Orders with two line items each, in order. */
function orders(count: number, text: (i: number) => string = () => "as it was"): SourceRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const id = `gid://synthetic/Order/${String(10_000 + i)}`;
    return [record("Order", id, `synthetic ${id} ${text(i)}`), ...[1, 0].map((n) => record("LineItem", `gid://synthetic/LineItem/${String(10_000 + i)}${String(n)}`, `synthetic line ${String(n)} of ${id}`, id))];
  }).flat();
}

/** In no order, but for line items, which stay in theirs. */
function shuffled(records: readonly SourceRecord[], seed: number): SourceRecord[] {
  const random = seededNumbers(seed);
  const drawn = records.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at);
  const waiting = new Map<string, SourceRecord[]>();
  for (const item of records) if (item.parentId !== null) waiting.set(item.parentId, [...(waiting.get(item.parentId) ?? []), item]);
  return drawn.map(({ item }) => (item.parentId === null ? item : ((waiting.get(item.parentId) as SourceRecord[]).shift() as SourceRecord)));
}

async function vaultOf(gatherBytes: number | undefined): Promise<{ store: MemoryStore; vault: Vault; keys: ReturnType<typeof contentKeys> }> {
  const store = new MemoryStore();
  const { hostKeys, clock, random, identity } = await newTestVault(store);
  const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, ...(gatherBytes === undefined ? {} : { tuning: { gatherBytes } }) });
  return { store, vault, keys: contentKeys(store, identity.opener) };
}

describe("records that come in no order", () => {
  it.each([
    ["one gathering", undefined],
    ["many gatherings", 60_000],
    ["a gathering for each batch", 1],
  ])("are compared as if they came in order: %s", async (_, gatherBytes) => {
    const { store, vault, keys } = await vaultOf(gatherBytes);
    const before = orders(1500);
    const first = await snapshotOf(vault, before, { batch: BATCH, orderedKinds: ORDERED });
    const packs = [...store.objects.keys()].filter((key) => key.startsWith("packs/")).length;
    expect(await snapshotOf(vault, shuffled(before, 3), { batch: BATCH, orderedKinds: ORDERED })).toMatchObject({ root: first.root, added: 0, changed: 0, moved: 0, removed: 0, unchanged: before.length, complete: true });
    expect([...store.objects.keys()].filter((key) => key.startsWith("packs/"))).toHaveLength(packs);

    const after = orders(1600, (i) => (i % 50 === 7 ? "changed" : "as it was")).filter((item) => !item.id.startsWith("gid://synthetic/Order/1049") && !(item.parentId ?? "").startsWith("gid://synthetic/Order/1049"));
    const twice = shuffled([...after], 4);
    const doubled = [...twice, twice[11] as SourceRecord];
    const summary = await snapshotOf(vault, doubled, { batch: BATCH, orderedKinds: ORDERED });
    expect(summary).toMatchObject({ added: 300, changed: 30, removed: 30, moved: 0, gapCount: 1, complete: false });
    expect(summary.gaps).toEqual([expect.objectContaining({ code: "record.duplicate", id: (twice[11] as SourceRecord).id })]);
    const texts = (records: readonly SourceRecord[]): string[] => records.map(({ bytes }) => Buffer.from(bytes).toString()).sort();
    expect(texts(await readAll(vault, "latest", keys))).toEqual(texts(after));
    expect((await snapshotOf(vault, after, { batch: BATCH, orderedKinds: ORDERED })).root).toBe(summary.root);
  });

  it("are told as read while they are held back, and as of their stream when they turn out to be doubled", async () => {
    const { vault } = await vaultOf(undefined);
    const all = orders(1500);
    await snapshotOf(vault, all, { batch: BATCH, orderedKinds: ORDERED });
    const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "synthetic" }, orderedKinds: ORDERED });
    const mixed = shuffled(all, 6);
    for (let at = 0; at < mixed.length; at += BATCH) await writer.write(mixed.slice(at, at + BATCH), "first");
    expect(writer.progress.records).toBe(all.length);
    expect(writer.progress.unchanged).toBeLessThan(all.length / 4);
    await writer.write(mixed.slice(0, 5), "second");
    const { gaps, complete } = await writer.commit();
    expect(complete).toBe(false);
    expect(gaps.map(({ code, stream }) => `${code} ${String(stream)}`)).toEqual(Array.from({ length: 5 }, () => "record.duplicate second"));
  });

  it("are sorted by their keys, equal ones in order of arrival, and every step down is counted", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary-ascii", maxLength: 5 }), { maxLength: 80 }), (texts) => {
        const starts = new Uint32Array(texts.length + 1);
        texts.forEach((text, i) => (starts[i + 1] = (starts[i] as number) + text.length));
        const { order, descents } = orderOf({ bytes: Buffer.from(texts.join(""), "latin1"), starts, count: texts.length });
        expect([...order]).toEqual(texts.map((_, i) => i).sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : (texts[a] as string) > (texts[b] as string) ? 1 : a - b)));
        expect(descents).toBe(texts.filter((text, i) => i > 0 && (texts[i - 1] as string) > text).length);
      }),
    );
  });
});
