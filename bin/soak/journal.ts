/**
 * The journal's own proof, after the last snapshot: the shop goes on changing for a while, its webhooks late, twice, overtaken and old ones again, none lost; no
 * snapshot is taken. Then that snapshot and over it the journal must give the shop as it is, in the kinds that are captured record by record. (Of others a
 * webhook says only that the whole kind must be read again, which the next snapshot does. And of a draft order whose customer is deleted there is no word at all: the
 * draft names the customer until that snapshot.)
 */
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "#app/platform/database/connect.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { contentKeys, openHostKeys, stateAt } from "#app/vault/index.ts";
import type { KeyOpener, ObjectStore, SnapshotManifest, SourceRecord, Vault } from "#app/vault/index.ts";
import { compareRecords } from "./compare.ts";
import type { Comparison } from "./compare.ts";
import type { ShopProcess } from "./processes.ts";
import { kindOf, readShop } from "./shop-records.ts";

const SECONDS = 15;
const SETTLED_WITHIN_MS = 180_000;
/** So long nothing may wait for the changes to count as all in: longer than the latest webhook. */
const QUIET_MS = 8_000;

const CAPTURED = CATALOGUE.filter(({ one, topics }) => one !== null && topics.length > 0 && topics.every(({ whole }) => whole !== true));
const ROOTS = new Set(CAPTURED.flatMap(({ types }) => types));
const PARENTS = new Set([...ROOTS, ...CAPTURED.flatMap(({ children }) => children.map(({ kind }) => kind))]);

export interface JournalProof {
  readonly kinds: readonly string[];
  readonly edits: number;
  /** Records whose newest state came from the journal. */
  readonly roots: number;
  readonly segments: number;
  readonly settledMs: number;
  readonly comparison: Comparison;
}

export async function proveJournal(o: {
  readonly shop: ShopProcess;
  readonly home: string;
  readonly vault: Vault;
  readonly store: ObjectStore;
  readonly opener: KeyOpener;
  readonly base: SnapshotManifest;
  readonly perSecond: number;
  readonly seed: string;
  readonly scratch: string;
}): Promise<JournalProof> {
  await o.shop.control("faults", { duplicateWebhook: 0.3, reorderWebhook: 0.3, delayWebhook: { fraction: 0.3, milliseconds: 3_000 }, replayWebhook: 0.2, throttle: 0.05, serverError: 0.02 });
  await o.shop.control("edits/start", { perSecond: o.perSecond, seed: `${o.seed}/journal`, kinds: [...ROOTS] });
  await pause(SECONDS * 1000);
  const report = await o.shop.control<{ changed: string[]; added: string[]; deleted: string[] }>("edits/stop");
  const stopped = performance.now();
  await settled(o.home);
  const settledMs = Math.round(performance.now() - stopped);
  await o.shop.control("faults", {});
  const { description } = o.vault;
  const { indexKey } = await openHostKeys(o.store, o.opener, description);
  const state = await stateAt({ store: o.store, description, indexKey, keys: contentKeys(o.store, o.opener, description), at: new Date(), base: o.base, scratchDirectory: o.scratch });
  const reading = readShop(o.shop, CAPTURED);
  const comparison = await compareRecords(() => captured(reading.records()), () => captured(state.records({ order: "key" })), o.scratch, new Set(report.deleted));
  return { kinds: [...ROOTS], edits: report.changed.length + report.added.length + report.deleted.length, roots: state.overlay.roots.size, segments: state.overlay.segments, settledMs, comparison };
}

/** Records of the captured kinds, and what hangs below them. */
async function* captured(records: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<readonly SourceRecord[]> {
  for await (const batch of records) yield batch.filter(({ id, parentId }) => (parentId === null ? ROOTS.has(kindOf(id)) : PARENTS.has(kindOf(parentId))));
}

/** Until no change has waited to be sealed for a while. The app's own tables say so; nothing else of them is read. */
async function settled(home: string): Promise<void> {
  const { pool, close } = await openDatabase({ home, process: "soak" });
  try {
    const until = performance.now() + SETTLED_WITHIN_MS;
    for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS; await pause(500)) {
      const { rows } = await pool.query<{ waiting: string }>(`SELECT count(*) AS waiting FROM "CapturePending" WHERE "recordId" <> '*'`);
      if (Number(rows[0]?.waiting) > 0) quietSince = performance.now();
      if (performance.now() > until) throw new Error(`${rows[0]?.waiting ?? "?"} changes were not sealed within ${String(SETTLED_WITHIN_MS / 1000)} s`);
    }
  } finally {
    await close();
  }
}
