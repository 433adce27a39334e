/** Search parts as they were first written, with an erasure and a rebuild behind them: they verify, and find what they found. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contentKeys, findInVault, rebuildSearch, readVaultDescription, searchKeys, verifyVault } from "#app/vault/index.ts";
import type { FindOutcome, HostKeys, SearchQuery } from "#app/vault/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { Bucket, cloneOf } from "#tests/faults/whole-vault.ts";
import { identityFrom, SCRATCH, seededRandom } from "#tests/support/vault-kit.ts";

const room = join(__dirname, "search");
const expected = JSON.parse(readFileSync(join(room, "expected.json"), "utf8")) as { at: string; answers: ({ query: SearchQuery } & Pick<FindOutcome, "found" | "unsearched" | "faults">)[] };
const keys = JSON.parse(readFileSync(join(room, "keys.json"), "utf8")) as { identity: { kty: string }; hostKeys: Omit<HostKeys, "indexKey"> & { indexKey: string } };
const hostKeys: HostKeys = { ...keys.hostKeys, indexKey: Buffer.from(keys.hostKeys.indexKey, "hex") };
const piece = new Bucket();
for (const entry of readdirSync(join(room, "vault"), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile()) piece.objects.set(path.slice(join(room, "vault").length + 1).replaceAll("\\", "/"), Uint8Array.from(readFileSync(path)));
}
const parts = [...piece.objects.keys()].filter((key) => key.startsWith("search/"));

async function ask(store: Bucket, query: SearchQuery): Promise<Pick<FindOutcome, "found" | "unsearched" | "faults">> {
  const { opener } = await identityFrom(keys.identity);
  const description = await readVaultDescription(store);
  const { found, unsearched, faults } = await findInVault({ store, description, indexKey: hostKeys.indexKey, at: new Date(expected.at), searchKeys: searchKeys(store, description, contentKeys(store, opener)), query });
  return { found, unsearched, faults };
}

describe("the search in the museum", () => {
  it("is clean, with parts of both sorts: written with their packs, and made anew", async () => {
    const { opener } = await identityFrom(keys.identity);
    expect((await verifyVault({ store: piece, readData: true, hostKeys, opener, scratchDirectory: SCRATCH })).findings).toEqual([]);
    expect(parts.map((key) => key.split(".")[1]).sort()).toEqual(["0", "0", "1"]);
  });

  it.each(expected.answers.map((answer) => [JSON.stringify(answer.query), answer] as const))("finds what it found: %s", async (_, { query, ...answer }) => {
    expect(await ask(piece, query)).toEqual(answer);
  });

  it("needs nothing made anew as long as terms are found in the same way", async () => {
    const { opener } = await identityFrom(keys.identity);
    const store = cloneOf(piece);
    const description = await readVaultDescription(store);
    expect(await rebuildSearch({ store, description, contentKeys: contentKeys(store, opener), terms: recordTerms, random: seededRandom("museum") })).toMatchObject({ opened: recordTerms.version === 1 ? 0 : 3, unopened: 0, damaged: [] });
  });

  it("does not find what a part that is gone would have found, and says so", async () => {
    for (const key of parts) {
      const store = cloneOf(piece);
      store.objects.delete(key);
      const { opener } = await identityFrom(keys.identity);
      const { findings } = await verifyVault({ store, readData: false, hostKeys, opener, scratchDirectory: SCRATCH });
      const { unsearched } = await ask(store, [[{ type: 3, term: "synthetic" }]]);
      expect(unsearched).toBe(1);
      // What was made anew is named by no list.
      expect(findings.map(({ code, object }) => `${code} ${object}`)).toEqual(key.split(".")[1] === "1" ? [] : [`search.missing ${key}`]);
    }
  });
});
