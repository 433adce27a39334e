import { afterAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { AddressRows } from "#app/vault/scan/address-rows.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";

const scratch = new Scratch(SCRATCH);
afterAll(() => scratch.remove());

/** Packs of three frames of five records each. */
const SIZES = Array.from({ length: 3 }, () => ({ raw: 100, records: 5 }));
const address = fc.record({ pack: fc.nat(6), frame: fc.nat(2), ordinal: fc.nat(4) });

function digestOf(pack: number, frame: number, ordinal: number): Buffer {
  return Buffer.from([pack, frame, ordinal, 255, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 200]);
}

describe("rows filed by address", () => {
  it("come back pack by pack, each at its place, whether they stayed in memory or not", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(address, { selector: ({ pack, frame, ordinal }) => `${pack}/${frame}/${ordinal}` }), fc.constantFrom(1, 16 * 1024 * 1024), fc.constantFrom(15, 500_000), async (addresses, budget, records) => {
        const rows = new AddressRows(scratch, new Array<number>(7).fill(records), budget);
        for (const { pack, frame, ordinal } of addresses) if (rows.add(pack, frame, ordinal, digestOf(pack, frame, ordinal), 0, pack * 7 + frame, ordinal)) await rows.spill();
        for (let pack = 0; pack < 7; pack++) {
          const { expected, misfit } = await rows.of(pack, SIZES);
          expect(misfit).toBeNull();
          for (let slot = 0; slot < 15; slot++) {
            const [frame, ordinal] = [Math.floor(slot / 5), slot % 5];
            const there = addresses.some((each) => each.pack === pack && each.frame === frame && each.ordinal === ordinal);
            expect(expected.live[slot]).toBe(there ? 1 : 0);
            if (!there) continue;
            expect(Buffer.from(expected.digests.buffer, slot * 16, 16)).toEqual(digestOf(pack, frame, ordinal));
            expect([...expected.keys.subarray(slot * 2, slot * 2 + 2)]).toEqual([pack * 7 + frame, ordinal]);
          }
        }
        await rows.close();
      }),
      { numRuns: 60 },
    );
  });

  it("name the first entry that points at no record", async () => {
    const rows = new AddressRows(scratch, [15]);
    for (const [frame, ordinal] of [[9, 0], [2, 5], [1, 1]] as const) rows.add(0, frame, ordinal, digestOf(0, frame, ordinal), 0, 1, 1);
    const { expected, misfit } = await rows.of(0, SIZES);
    expect(misfit).toEqual({ what: "missing", frame: 2, ordinal: 5 });
    expect(expected.live.reduce((sum, each) => sum + each, 0)).toBe(1);
  });

  it("may say the same twice, but not two things of one record", async () => {
    const rows = new AddressRows(scratch, [15, 15]);
    for (const pack of [0, 0, 1]) rows.add(pack, 0, 3, digestOf(1, 1, 1), 0, 1, 1);
    rows.add(1, 0, 3, digestOf(1, 1, 2), 0, 1, 1);
    expect((await rows.of(0, SIZES)).misfit).toBeNull();
    expect((await rows.of(1, SIZES)).misfit).toEqual({ what: "damaged", frame: 0, ordinal: 3 });
    const other = new AddressRows(scratch, [15]);
    other.add(0, 0, 3, digestOf(1, 1, 1), 0, 1, 1);
    other.add(0, 0, 3, digestOf(1, 1, 1), 0, 1, 2);
    expect((await other.of(0, SIZES)).misfit).toEqual({ what: "damaged", frame: 0, ordinal: 3 });
  });
});
