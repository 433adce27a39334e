/** Each write of a roster goes wrong in each way; afterwards the team before it or the new one may look at records, never another, and the rerun takes off whoever was to be taken off. */
import { describe, expect, it } from "@jest/globals";
import { putRoster, readRoster, readVaultDescription, verifyVault } from "#app/vault/index.ts";
import type { Roster } from "#app/vault/index.ts";
import { newTestVault, steadyClock } from "#tests/support/vault-kit.ts";
import { FAULTS, FaultyStore } from "./faulty-store.ts";
import type { Fault } from "./faulty-store.ts";

const said = (...responders: string[]): Pick<Roster, "shop" | "signIn" | "responders"> => ({ shop: "synthetic.myshopify.com", signIn: null, responders });
const BEFORE = ["both", "leaver"];
const AFTER = ["both"];

interface Prepared {
  readonly store: FaultyStore;
  readonly put: (responders: readonly string[]) => ReturnType<typeof putRoster>;
  readonly team: () => Promise<readonly string[] | null>;
  readonly findings: () => Promise<string[]>;
}

async function prepared(before: readonly string[] | null): Promise<Prepared> {
  const store = new FaultyStore();
  const { hostKeys } = await newTestVault(store, "rosters");
  const description = await readVaultDescription(store);
  const clock = steadyClock("2026-06-01T00:00:00.000Z");
  const put: Prepared["put"] = (responders) => putRoster({ store, description, signingKey: hostKeys.signingKey, clock }, said(...responders));
  if (before !== null) await put(before);
  store.writes = 0;
  return {
    store,
    put,
    team: async () => (await readRoster(store, description))?.responders ?? null,
    findings: async () => (await verifyVault({ store, readData: true })).findings.map(({ code, object }) => `${code} ${object}`),
  };
}

async function crash(fault: Fault, at: number, before: readonly string[] | null): Promise<void> {
  const { store, put, team, findings } = await prepared(before);
  store.failAt = at;
  store.fault = fault;
  const run = put(AFTER);
  run.catch(() => undefined);
  if (fault === "hang") await store.hanging;
  else await expect(run).rejects.toMatchObject({ code: "store.unreachable" });

  // The process is gone; another one looks.
  const written = store.failed as string;
  store.failAt = 0;
  expect(await team()).toEqual(fault === "after, answer lost" ? AFTER : before);
  const half = fault === "short body" ? [`roster.damaged ${written}`] : [];
  expect(await findings()).toEqual(half);

  const again = await put(AFTER);
  expect(await team()).toEqual(AFTER);
  // A name that is taken stays taken, by whatever lies there.
  expect(again.object === written).toBe(fault === "before" || fault === "hang");
  expect(await findings()).toEqual(half);
}

describe("a roster whose writer dies", () => {
  it("takes one write, under the next number", async () => {
    const { store, put } = await prepared(BEFORE);
    await put(AFTER);
    expect(store.written.slice(-store.writes)).toEqual(["access/roster/0000000002.json"]);
  });

  it.each(FAULTS)("at any write (%s) leaves the team before it or the new one, and a rerun that succeeds", async (fault) => {
    for (const before of [null, BEFORE]) {
      const good = await prepared(before);
      await good.put(AFTER);
      expect(good.store.writes).toBeGreaterThan(0);
      for (let at = 1; at <= good.store.writes; at++) await crash(fault, at, before);
    }
  });

  it("beside another host that takes its number meanwhile writes under the one after, and neither is lost", async () => {
    const { store, put, team, findings } = await prepared(BEFORE);
    const write = store.putIfAbsent.bind(store);
    let other: Promise<unknown> | null = null;
    store.putIfAbsent = async (key, body) => {
      if (other === null) await (other = put(["other"]));
      return write(key, body);
    };
    expect((await put(AFTER)).object).toBe("access/roster/0000000003.json");
    expect(await team()).toEqual(AFTER);
    expect([...store.objects.keys()].filter((key) => key.startsWith("access/"))).toHaveLength(3);
    expect(await findings()).toEqual([]);
  });
});
