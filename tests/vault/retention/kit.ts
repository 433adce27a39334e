/** A vault whose clock is set by hand, on a store that can lock and fail. */
import { expect } from "@jest/globals";
import { contentKeys, createVault, openVault, parsePolicy, prune, redact, verifyVault } from "#app/vault/index.ts";
import type { Clock, PruneOutcome, RedactInput, RedactOutcome, SnapshotManifest, SourceRecord, Vault, VerifyReport } from "#app/vault/index.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";
import { newTestVault, readAll, record, SCRATCH, seededRandom, snapshotOf, testIdentity } from "#tests/support/vault-kit.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";

export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;
const tuning = { frameBytes: 2_000, packBytes: 5_000 };

export class Hand implements Clock {
  time = Date.parse("2026-03-02T00:00:00.000Z");
  now(): Date {
    return new Date(this.time++);
  }
  pass(ms: number): void {
    this.time += ms;
  }
}

export interface Kept {
  readonly store: RetentionStore;
  readonly test: Pick<TestVault, "hostKeys" | "identity" | "random">;
  readonly clock: Hand;
  readonly open: (store?: RetentionStore) => Promise<Vault>;
  /** What each snapshot held when it was taken, by its id: text by record id. */
  readonly truth: Map<string, Map<string, string>>;
  readonly take: (records: readonly SourceRecord[], store?: RetentionStore) => Promise<SnapshotManifest>;
}

export async function keptVault(seed = "kept", parity = false): Promise<Kept> {
  const store = new RetentionStore();
  const test = parity ? await withParity(store, seed) : await newTestVault(store, seed);
  const clock = new Hand();
  const random = seededRandom(`${seed} runs`);
  const open = (from: RetentionStore = store): Promise<Vault> => openVault({ store: from, hostKeys: test.hostKeys, clock, random, scratchDirectory: SCRATCH, tuning });
  const truth: Kept["truth"] = new Map();
  const take = async (records: readonly SourceRecord[], from = store): Promise<SnapshotManifest> => {
    const { manifest } = await snapshotOf(await open(from), records);
    truth.set(manifest.snapshotId, textsOf(records));
    return manifest;
  };
  return { store, test, clock, open, truth, take };
}

async function withParity(store: RetentionStore, seed: string): Promise<Kept["test"]> {
  const identity = await testIdentity();
  const random = seededRandom(seed);
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock: new Hand(), random, parity: true });
  return { hostKeys, identity, random };
}

export function textsOf(records: readonly SourceRecord[]): Map<string, string> {
  return new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]));
}

/** Customers, each with two children; `version` changes a part of them. Every text says who it is about. */
export function people(from: number, to: number, version: (n: number) => number = () => 1): SourceRecord[] {
  const records: SourceRecord[] = [];
  for (let n = from; n < to; n++) {
    const noise = Buffer.from(seededRandom(`${n}/${version(n)}`)(90)).toString("hex");
    records.push(record("customers", `person-${n}`, `synthetic person-${n} version ${version(n)} canary-${n}x ${noise}`));
    for (const field of ["a", "b"]) records.push(record("metafields", `field-${n}-${field}`, `synthetic field of canary-${n}x ${noise.slice(0, 60)} ${version(n)}`, `person-${n}`));
  }
  return records;
}

export function pruneWith(kept: Kept, keep: string, more: { graceMs?: number; dryRun?: boolean; verified?: readonly string[]; store?: RetentionStore } = {}): Promise<PruneOutcome> {
  const policy = parsePolicy(keep);
  if (policy === null) throw new Error(`no policy: ${keep}`);
  return (async () =>
    prune({
      store: more.store ?? kept.store,
      description: (await kept.open(more.store)).description,
      signingKey: kept.test.hostKeys.signingKey,
      clock: kept.clock,
      policy,
      actor: "test",
      verified: new Set(more.verified ?? []),
      ...(more.graceMs === undefined ? {} : { graceMs: more.graceMs }),
      ...(more.dryRun === undefined ? {} : { dryRun: more.dryRun }),
    }))();
}

let redactionsTried = 0;

export async function redactIn(kept: Kept, ids: readonly string[], more: Partial<RedactInput> & { store?: RetentionStore } = {}): Promise<RedactOutcome> {
  const store = more.store ?? kept.store;
  const { hostKeys, identity } = kept.test;
  return redact({
    description: (await kept.open(store)).description,
    indexKey: hostKeys.indexKey,
    signingKey: hostKeys.signingKey,
    contentKeys: contentKeys(store, identity.opener),
    clock: kept.clock,
    random: seededRandom(`redact ${redactionsTried++}`),
    ids,
    tree: false,
    actor: "test",
    reason: "request 17",
    ...more,
    store,
  });
}

/** Everything is checked, every byte and record; what a sweep has still to remove is no fault. */
export async function verified(kept: Kept, store = kept.store): Promise<VerifyReport> {
  const { hostKeys, identity } = kept.test;
  const report = await verifyVault({ store, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH });
  expect(report.findings).toEqual([]);
  return report;
}

/** Verify is clean and every snapshot there is gives back what it held, `erased` ids excepted. Answers the ids of the snapshots. */
export async function expectWhole(kept: Kept, { store = kept.store, erased = new Set<string>() }: { store?: RetentionStore; erased?: ReadonlySet<string> } = {}): Promise<string[]> {
  await verified(kept, store);
  const vault = await kept.open(store);
  const keys = contentKeys(store, kept.test.identity.opener);
  const ids: string[] = [];
  for (const { snapshotId } of await vault.snapshots()) {
    const expected = new Map([...(kept.truth.get(snapshotId) as Map<string, string>)].filter(([id]) => !erased.has(id)));
    for (const order of ["stored", "key"] as const) expect(textsOf(await readAll(vault, snapshotId, keys, order))).toEqual(expected);
    ids.push(snapshotId);
  }
  return ids;
}

/** Places where a text stands in the store in clear. There must never be any. */
export function inClear(store: RetentionStore, text: string): string[] {
  return [...store.objects].filter(([, body]) => Buffer.from(body).includes(text)).map(([key]) => key);
}
