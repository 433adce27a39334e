/** Whatever is done to a vault, a recovery ends with a report, and nothing it calls a member is anything but what the snapshot held. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { recover, type RecoverReport } from "#app/recover/index.ts";
import { steadyClock } from "#tests/support/vault-kit.ts";
import type { MemoryStore } from "#tests/support/memory-store.ts";
import { copyOf, damagedOnPurpose, type Shop } from "./support.ts";

const RUNS = process.env["SLOW"] === undefined ? 60 : 3000;

let shop: Shop;
let keys: string[];
let root = "";
beforeAll(async () => {
  shop = await damagedOnPurpose("property");
  keys = [...shop.store.objects.keys()].sort();
  root = mkdtempSync(path.join(tmpdir(), "holdfast-recover-property-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

type Harm = { readonly what: "remove" | "flip" | "cut" | "grow" | "swap" | "empty"; readonly key: number; readonly other: number; readonly at: number };

const harm: fc.Arbitrary<Harm> = fc.record({
  what: fc.constantFrom("remove", "flip", "cut", "grow", "swap", "empty"),
  key: fc.nat(),
  other: fc.nat(),
  at: fc.nat({ max: 1 << 24 }),
});

function hurt(store: MemoryStore, { what, key, other, at }: Harm): void {
  const name = keys[key % keys.length] as string;
  const bytes = store.objects.get(name);
  if (bytes === undefined) return;
  if (what === "remove") store.objects.delete(name);
  else if (what === "cut") store.objects.set(name, bytes.subarray(0, at % bytes.length));
  else if (what === "empty") store.objects.set(name, new Uint8Array(0));
  else if (what === "grow") store.objects.set(name, Buffer.concat([bytes, bytes.subarray(0, 1 + (at % 50))]));
  else if (what === "swap") store.objects.set(name, new Uint8Array(shop.store.objects.get(keys[other % keys.length] as string) as Uint8Array));
  else if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << (at % 8));
}

test("a recovery from any damage ends with a report and without lies", async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(harm, { minLength: 1, maxLength: 6 }), fc.constantFrom("latest", "latest~1", "latest~2"), async (harms, snapshot) => {
      const store = copyOf(shop.store);
      for (const one of harms) hurt(store, one);
      const out = path.join(root, String(++number));
      const { report } = await recover({
        store,
        opener: () => Promise.resolve(shop.opener),
        out,
        snapshot,
        program: { name: "test", version: "0" },
        clock: steadyClock(),
        signal: new AbortController().signal,
        onProgress: () => undefined,
      });
      const written = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as RecoverReport;
      expect(written).toEqual(JSON.parse(JSON.stringify(report)));
      expect(written.error?.code).not.toBe("unexpected");
      expect(readdirSync(out).filter((name) => name.endsWith(".partial"))).toEqual([]);
      if (written.snapshot !== null) {
        // Which snapshot it says it is decides what its members must be.
        const truth = shop.truth.find((records) => records.size === written.snapshot?.records) as ReadonlyMap<string, string>;
        const lines = readFileSync(path.join(out, "records.jsonl"), "utf8").split("\n").slice(0, -1);
        const held = new Set(truth.values());
        expect(lines.filter((line) => !held.has(line))).toEqual([]);
        expect(new Set(lines).size).toBe(lines.length);
        if (written.outcome === "whole") expect(lines).toHaveLength(truth.size);
      }
      rmSync(out, { recursive: true });
    }),
    { numRuns: RUNS },
  );
}, 600_000);
