/** What one person has in a vault: every version, wherever it lies, and nothing of anybody else. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, findRecords, redact } from "#app/vault/index.ts";
import type { FoundRecords } from "#app/vault/index.ts";
import { record } from "#tests/support/vault-kit.ts";
import { DAY, keptVault, people } from "./kit.ts";
import type { Kept } from "./kit.ts";

const draft = (n: number, customer: string, note = "") => record("drafts", `draft-${n}`, JSON.stringify({ synthetic: true, id: `draft-${n}`, customer: { id: customer }, note }));
const REFERENCES = { ids: ["person-3"], kinds: ["drafts"] };

async function prepared(): Promise<Kept> {
  const kept = await keptVault();
  await kept.take([...people(0, 10), draft(1, "person-3"), draft(2, "person-4"), draft(3, "person-4", 'asks about "person-3" and about nothing else')]);
  kept.clock.pass(DAY);
  await kept.take([...people(0, 10, (n) => (n === 3 ? 2 : 1)), draft(1, "person-8"), draft(2, "person-4")]);
  // What a run that died left behind is there, too.
  kept.store.rearm(4, "before");
  await expect(kept.take(people(3, 30, () => 7))).rejects.toMatchObject({ code: "store.unreachable" });
  kept.store.rearm();
  return kept;
}

async function found(kept: Kept, ids = ["person-3"], references: typeof REFERENCES | null = REFERENCES): Promise<FoundRecords> {
  const { description } = await kept.open();
  return findRecords({ store: kept.store, description, indexKey: kept.test.hostKeys.indexKey, contentKeys: contentKeys(kept.store, kept.test.identity.opener), ids, ...(references === null ? {} : { references }) });
}

describe("finding a person's records", () => {
  it("gives every version with the snapshots that hold it, children and referring records with them", async () => {
    const kept = await prepared();
    const { versions, unopened } = await found(kept);
    expect(unopened).toBe(0);
    const snapshots = (await (await kept.open()).snapshots()).map(({ snapshotId }) => snapshotId);
    const told = versions.map(({ record: { id, bytes }, snapshots: held }) => [id, Buffer.from(bytes).toString(), held.map(({ snapshotId }) => snapshots.indexOf(snapshotId))] as const);
    const of = (id: string) => told.filter(([name]) => name === id).map(([, , held]) => held);
    expect(new Set(told.map(([id]) => id))).toEqual(new Set(["person-3", "field-3-a", "field-3-b", "draft-1"]));
    expect(of("person-3").filter((held) => held.length > 0)).toEqual([[1], [0]]);
    // The draft that names somebody else by now was this person's once: both versions are told.
    expect(of("draft-1")).toEqual([[1], [0]]);
    // Of the run that died, whatever of this person reached the store; no snapshot has it.
    expect(of("person-3").filter((held) => held.length === 0).length).toBeLessThanOrEqual(1);
  });

  it("does not take a mention in somebody's words for a reference", async () => {
    expect((await found(await prepared())).versions.some(({ record: { id } }) => id === "draft-3")).toBe(false);
  });

  it("looks at referring records only where it is told to", async () => {
    expect((await found(await prepared(), ["person-3"], null)).versions.some(({ record: { id } }) => id.startsWith("draft"))).toBe(false);
  });

  it("finds what an erasure erases: afterwards there is nothing", async () => {
    const kept = await prepared();
    const { description } = await kept.open();
    const { hostKeys, identity, random } = kept.test;
    const keys = contentKeys(kept.store, identity.opener);
    const before = (await found(kept)).versions.length;
    const done = await redact({ store: kept.store, description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: keys, clock: kept.clock, random, ids: ["person-3"], references: REFERENCES, tree: true, actor: "cli", reason: "request" });
    expect(done).toMatchObject({ kind: "done", report: { records: 4 } });
    expect(before).toBeGreaterThan(5);
    expect((await found(kept)).versions).toEqual([]);
    expect((await found(kept, ["person-4"], { ids: ["person-4"], kinds: ["drafts"] })).versions.filter(({ record: { id } }) => id.startsWith("draft")).map(({ record: { id } }) => id)).toEqual(["draft-2", "draft-3"]);
  });
});
