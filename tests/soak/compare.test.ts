/** The soak's judge: what it must see, and the one thing that it counts apart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { SourceRecord } from "#app/vault/index.ts";
import { compareRecords } from "../../bin/soak/compare.ts";

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "compare-test-"));
});
afterEach(() => {
  rmSync(room, { recursive: true });
});

const GONE = "gid://shopify/Customer/9";
const record = (id: number, fields: object): SourceRecord => ({ kind: "DraftOrder", id: `gid://shopify/DraftOrder/${String(id)}`, parentId: null, bytes: Buffer.from(JSON.stringify(fields)) });
async function* one(records: readonly SourceRecord[]): AsyncGenerator<readonly SourceRecord[]> {
  yield await Promise.resolve(records);
}
const compare = (shop: readonly SourceRecord[], vault: readonly SourceRecord[], deleted: readonly string[] = []) => compareRecords(() => one(shop), () => one(vault), room, new Set(deleted));

describe("shop and vault held against each other", () => {
  it("counts what is missing, extra, different and there twice, and names kind and field only", async () => {
    const found = await compare(
      [record(1, { note: "a" }), record(2, { note: "b" }), record(4, { note: "d" }), record(4, { note: "d" })],
      [record(1, { note: "x" }), record(3, { note: "c" }), record(4, { note: "d" })],
    );
    expect(found).toMatchObject({ missing: 1, extra: 1, differing: 1, repeated: 1, unhooked: 0 });
    expect(found.differences).toContainEqual({ kind: "DraftOrder", field: "note", records: 1 });
  });

  it("counts apart a record that differs only in naming one that the shop deleted", async () => {
    const now = record(1, { id: "1", customer: null });
    const then = record(1, { id: "1", customer: { id: GONE } });
    expect(await compare([now], [then], [GONE])).toMatchObject({ differing: 0, unhooked: 1, differences: [] });
    expect(await compare([now], [then])).toMatchObject({ differing: 1, unhooked: 0 });
    expect(await compare([record(1, { id: "1", note: "b", customer: null })], [record(1, { id: "1", note: "a", customer: { id: GONE } })], [GONE])).toMatchObject({ differing: 1, unhooked: 0 });
    expect(await compare([record(1, { id: "1", customer: { id: "gid://shopify/Customer/8" } })], [then], [GONE])).toMatchObject({ differing: 1, unhooked: 0 });
  });
});
