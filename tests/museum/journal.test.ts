/** The journal of format 1, as it was written beside a vault of format 2: it verifies, gives back every moment, goes on; and broken, it is called what it is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openJournalWriter, readVaultDescription, stateAt, verifyVault } from "#app/vault/index.ts";
import type { HostKeys, StateAt } from "#app/vault/index.ts";
import { Bucket, cloneOf } from "#tests/faults/whole-vault.ts";
import { identityFrom, SCRATCH, seededRandom, steadyClock } from "#tests/support/vault-kit.ts";
import { allOf, customer, LATER } from "#tests/vault/journal/kit.ts";

const room = join(__dirname, "journal");
const expected = JSON.parse(readFileSync(join(room, "expected.json"), "utf8")) as { head: string; states: { at: string; sequence: number; lines: string[] }[] };
const keys = JSON.parse(readFileSync(join(room, "keys.json"), "utf8")) as { identity: { kty: string }; hostKeys: Omit<HostKeys, "indexKey"> & { indexKey: string } };
const hostKeys: HostKeys = { ...keys.hostKeys, indexKey: Buffer.from(keys.hostKeys.indexKey, "hex") };
const piece = new Bucket();
for (const entry of readdirSync(join(room, "vault"), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile()) piece.objects.set(path.slice(join(room, "vault").length + 1).replaceAll("\\", "/"), Uint8Array.from(readFileSync(path)));
}
const segments = [...piece.objects.keys()].filter((key) => key.startsWith("journal/")).sort();

async function stateOf(store: Bucket, at: Date): Promise<StateAt> {
  const { opener } = await identityFrom(keys.identity);
  return stateAt({ store, description: await readVaultDescription(store), indexKey: hostKeys.indexKey, keys: contentKeys(store, opener), at, scratchDirectory: SCRATCH });
}

async function findings(store: Bucket): Promise<string[]> {
  const { opener } = await identityFrom(keys.identity);
  return (await verifyVault({ store, readData: true, hostKeys, opener, scratchDirectory: SCRATCH, journal: { sequence: expected.states.length, digest: expected.head } })).findings.map(({ code, object }) => `${code} ${object}`);
}

describe("the journal in the museum", () => {
  it("is clean, to its head", async () => {
    expect(segments).toHaveLength(3);
    expect(await findings(piece)).toEqual([]);
  });

  it("gives back the shop at each of its moments, and as of the newest", async () => {
    for (const { at, lines } of expected.states) expect(await allOf(await stateOf(piece, new Date(at)))).toEqual(lines);
    expect(await allOf(await stateOf(piece, LATER))).toEqual(expected.states.at(-1)?.lines);
  });

  it("goes on where it ended", async () => {
    const store = cloneOf(piece);
    const at = new Date("2027-01-01T00:00:00.000Z");
    const writer = await openJournalWriter({ store, description: await readVaultDescription(store), hostKeys, clock: steadyClock(at.toISOString()), random: seededRandom("after") });
    const records = customer(9, "after", 0);
    const { segment } = await writer.append([{ change: "upsert", kind: "Customer", id: records[0]?.id ?? "", occurredAt: null, receivedAt: at, fetchedAt: at, records }]);
    expect(segment).toMatchObject({ sequence: 4, previous: { sequence: 3, digest: expected.head } });
    expect((await allOf(await stateOf(store, LATER))).length).toBe((expected.states.at(-1)?.lines.length ?? 0) + 1);
  });

  it.each([
    ["a segment flipped", 1, (body: Uint8Array) => body.map((byte, i) => (i === body.length >> 1 ? byte ^ 4 : byte)), "journal.damaged"],
    ["a segment in the middle gone", 1, null, "journal.missing"],
    ["the newest segment gone", 2, null, "journal.rolled_back"],
  ] as const)("broken, is called what it is: %s", async (_, which, change, code) => {
    const store = cloneOf(piece);
    const key = segments[which] as string;
    if (change === null) store.objects.delete(key);
    else store.objects.set(key, change(store.objects.get(key) as Uint8Array));
    expect((await findings(store)).some((finding) => finding.startsWith(code))).toBe(true);
  });
});
