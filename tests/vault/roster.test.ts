import { describe, expect, test } from "@jest/globals";
import { putRoster, readRoster, readVaultDescription } from "#app/vault/index.ts";
import type { Roster } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, steadyClock } from "#tests/support/vault-kit.ts";

const SAID: Pick<Roster, "shop" | "signIn" | "responders"> = {
  shop: "aspen-synthetic.myshopify.com",
  signIn: { issuer: "https://id.example.com", clientId: "viewer", groupsClaim: "groups", groups: ["responders"], secret: false },
  responders: ["a".repeat(43)],
};

async function world(seed = "vault") {
  const store = new MemoryStore();
  const { hostKeys } = await newTestVault(store, seed);
  const description = await readVaultDescription(store);
  const put = (said = SAID) => putRoster({ store, description, signingKey: hostKeys.signingKey, clock: steadyClock() }, said);
  return { store, description, put, read: () => readRoster(store, description) };
}

describe("the roster in the vault", () => {
  test("is not there until it is written, and then says who may, by opaque ids only", async () => {
    const { put, read } = await world();
    expect(await read()).toBeNull();
    await put();
    expect(await read()).toMatchObject({ ...SAID, sequence: 1 });
  });

  test("the newest counts: somebody who was taken off is off", async () => {
    const { put, read } = await world();
    await put();
    await put({ ...SAID, responders: [] });
    expect(await read()).toMatchObject({ sequence: 2, responders: [] });
  });

  test("what another vault's key signed is nobody's roster, and locks nobody out", async () => {
    const { put, read, store } = await world();
    await put();
    const other = await world("other");
    await other.put({ ...SAID, responders: ["intruder"] });
    await other.put({ ...SAID, responders: ["intruder"] });
    const theirs = await other.store.get("access/roster/0000000002.json");
    await store.putIfAbsent("access/roster/0000000002.json", theirs!);
    await store.putIfAbsent("access/roster/9999999999.json", Buffer.from("{}"));
    expect(await read()).toMatchObject({ sequence: 1, responders: SAID.responders });
    await put({ ...SAID, responders: ["b".repeat(43)] });
    expect(await read()).toMatchObject({ sequence: 3, responders: ["b".repeat(43)] });
  });

  test("one in another number's place counts for nothing", async () => {
    const { put, read, store } = await world();
    await put({ ...SAID, responders: ["first"] });
    await put({ ...SAID, responders: [] });
    const first = await store.get("access/roster/0000000001.json");
    await store.putIfAbsent("access/roster/0000000003.json", first!);
    expect(await read()).toMatchObject({ sequence: 2, responders: [] });
  });

  test("two hosts at once are numbered one after the other", async () => {
    const { put, read } = await world();
    const sequences = (await Promise.all([put(), put({ ...SAID, responders: [] })])).map(({ roster }) => roster.sequence);
    expect(sequences.sort()).toEqual([1, 2]);
    expect((await read())?.sequence).toBe(2);
  });
});
