/** A small vault of three snapshots with several packs, frames and runs each, and a recovery whose results are held in memory. */
import { openVault, salvage } from "#app/vault/index.ts";
import type { HostKeys, KeyOpener, ObjectStore, RecordKey, SalvageOptions, SalvageReport, SourceRecord } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, SCRATCH, seededRandom, snapshotOf } from "#tests/support/vault-kit.ts";

export interface Shop {
  readonly store: MemoryStore;
  readonly opener: KeyOpener;
  readonly hostKeys: HostKeys;
  /** Records of each snapshot, oldest first: bytes by id. */
  readonly truth: readonly ReadonlyMap<string, string>[];
}

const noise = seededRandom("recover");

function shop(from: number, to: number, version: number): SourceRecord[] {
  const records: SourceRecord[] = [];
  for (let i = from; i < to; i++) {
    const parent = i % 3 === 0 ? null : `id${i - (i % 3)}`;
    records.push(record(i % 3 === 0 ? "customers" : "metafields", `id${i}`, JSON.stringify({ id: `id${i}`, synthetic: true, version, noise: Buffer.from(noise(80)).toString("hex") }), parent));
  }
  return records;
}

/** 150 records; then 60 more; then a third of the first changed and some gone. */
export async function damagedOnPurpose(seed = "recover"): Promise<Shop> {
  const store = new MemoryStore();
  const made = await newTestVault(store, seed);
  const vault = await openVault({ store, hostKeys: made.hostKeys, clock: made.clock, random: made.random, scratchDirectory: SCRATCH, tuning: { frameBytes: 3000, packBytes: 9000 } });
  const first = shop(0, 150, 1);
  const second = [...first, ...shop(150, 210, 1)];
  const changed = shop(0, 30, 2);
  const third = [...changed, ...second.slice(30, 190)];
  for (const records of [first, second, third]) await snapshotOf(vault, records);
  const truth = [first, second, third].map((records) => new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString("utf8")])));
  return { store, opener: made.identity.opener, hostKeys: made.hostKeys, truth };
}

export interface Salvaged {
  readonly report: SalvageReport;
  readonly members: Map<string, string>;
  /** How often a member came out; more than once would be a lie about the count. */
  readonly memberLines: number;
  readonly unproven: readonly { readonly id: string; readonly text: string }[];
  readonly lost: readonly string[];
}

export async function salvaged(store: ObjectStore, opener: KeyOpener, options: Partial<SalvageOptions> = {}): Promise<Salvaged> {
  const members = new Map<string, string>();
  const unproven: { id: string; text: string }[] = [];
  const lost: string[] = [];
  let memberLines = 0;
  const text = ({ bytes }: SourceRecord): string => Buffer.from(bytes).toString("utf8");
  const report = await salvage({
    store,
    opener,
    snapshot: "latest",
    sink: {
      members: (records) => {
        for (const item of records) members.set(item.id, text(item));
        memberLines += records.length;
        return Promise.resolve();
      },
      unproven: (records) => Promise.resolve(void unproven.push(...records.map((item) => ({ id: item.id, text: text(item) })))),
      lost: (keys: readonly RecordKey[]) => Promise.resolve(void lost.push(...keys.map(({ id }) => id))),
    },
    ...options,
  });
  return { report, members, memberLines, unproven, lost };
}

export function copyOf(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore();
  for (const [key, bytes] of store.objects) copy.objects.set(key, new Uint8Array(bytes));
  return copy;
}

export function keysOf(store: MemoryStore, pattern: RegExp): string[] {
  return [...store.objects.keys()].filter((key) => pattern.test(key)).sort();
}
export const PACK = /^packs\/..\/[0-9a-f]{64}$/;
export const PACK_KEY = /^packs\/..\/[0-9a-f]{64}\.key$/;
export const MANIFEST = /^snapshots\//;
export const CONTENT_KEY = /^keys\/[0-9a-f]{32}\.jwe$/;
export const INDEX_KEY = /^keys\/index-/;

/** tree/ holds blocks of the index, which start with a magic, and pack lists, which are clear text. */
export function isIndex(store: MemoryStore, key: string): boolean {
  return key.startsWith("tree/") && Buffer.from(store.objects.get(key) as Uint8Array).subarray(0, 6).toString("latin1") === "HFTREE";
}
export function isPackList(store: MemoryStore, key: string): boolean {
  return key.startsWith("tree/") && !isIndex(store, key);
}
