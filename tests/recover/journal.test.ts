/** What was captured after the last snapshot comes out of a recovery too, change by change. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "@jest/globals";
import { recover } from "#app/recover/recover.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, snapshotOf } from "#tests/support/vault-kit.ts";
import { customer, upsert, writerOn } from "../vault/journal/kit.ts";

it("writes captured changes beside the snapshot's records, with their exact lines", async () => {
  const store = new MemoryStore();
  const kit = await newTestVault(store);
  await snapshotOf(kit.vault, customer(1, "snapshot"));
  await (await writerOn(kit, store)).append([upsert(kit, customer(1, "later")), upsert(kit, customer(2, "new", 0))]);
  const out = path.join(await mkdtemp(path.join(tmpdir(), "holdfast-recover-")), "out");
  try {
    const { report } = await recover({ store, opener: () => Promise.resolve(kit.identity.opener), out, snapshot: "latest", program: { name: "test", version: "1" }, clock: kit.clock, signal: new AbortController().signal, onProgress: () => undefined });
    expect(report).toMatchObject({ outcome: "whole", records: 2, findings: [] });
    const lines = (await readFile(path.join(out, "changes.jsonl"), "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line) as { change: string; id: string; records: { line: string }[] });
    expect(lines.map(({ change, id }) => `${change} ${id}`)).toEqual(["upsert gid://shopify/Customer/1", "upsert gid://shopify/Customer/2"]);
    expect(lines[0]?.records.map(({ line }) => line)).toEqual(customer(1, "later").map(({ bytes }) => Buffer.from(bytes).toString("utf8")));
  } finally {
    await rm(path.dirname(out), { recursive: true, force: true });
  }
});
