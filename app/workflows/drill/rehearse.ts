/**
 * Rehearses a restore with nothing but the keys that were handed in: opens the snapshot, compares every record with its digest, restores it into
 * a fresh shop, reads that shop again and compares the two. Every step is timed. Says what happened; records nothing.
 */
import { neededKeyIds, readRedactions, type ContentKeys, type SnapshotManifest, type SnapshotReader, type Vault } from "#app/vault/index.ts";
import type { Ports, RunProgress } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { ShopComparison, type Difference } from "./compare-shops.ts";
import type { Step } from "./drill-entry.ts";
import { recordsOf } from "./records-of.ts";
import { restorable } from "./restorable.ts";

/** Points a second that Shopify Plus restores (https://shopify.dev/docs/api/usage/limits). */
const PLUS_POINTS_PER_SECOND = 1000;

export interface Rehearsal {
  readonly passed: boolean;
  readonly code: "drill.passed" | "drill.differs" | "drill.refused" | "drill.not_read_back";
  readonly compared: number;
  readonly restored: number;
  readonly refused: number;
  /** Records of the snapshot that were erased on purpose since. */
  readonly erased: number;
  readonly differences: readonly Difference[];
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string }[];
  readonly costPoints: number;
  readonly plusEstimateMs: number;
}

export interface RehearseInput {
  readonly vault: Vault;
  readonly manifest: SnapshotManifest;
  readonly keys: ContentKeys;
  readonly signal: AbortSignal;
  /** Filled as steps end, so that a drill that fails still tells how far it came. */
  readonly steps: { step: Step; ms: number }[];
  readonly seen: { compared: number };
  readonly onProgress: (progress: RunProgress) => void;
}

/** Times a step, also one that fails. */
export async function timedStep<T>(clock: Ports["clock"], o: Pick<RehearseInput, "steps" | "onProgress">, step: Step, work: () => Promise<T>): Promise<T> {
  o.onProgress({ step });
  const from = clock.now().getTime();
  try {
    return await work();
  } finally {
    o.steps.push({ step, ms: clock.now().getTime() - from });
  }
}

/** Opens the snapshot and compares every record with its keyed digest, within this process. Answers what of it may be restored, and how many records were erased since. */
export async function openAndCompare(ports: Pick<Ports, "clock">, o: RehearseInput): Promise<{ readonly reader: SnapshotReader; readonly erased: number }> {
  const { vault, manifest, signal, onProgress } = o;
  const { whole, reader } = await timedStep(ports.clock, o, "open", async () => {
    for (const keyId of await neededKeyIds(vault.store, vault.description, manifest)) {
      if ((await o.keys.get(keyId)) === null) throw new RunFailed("drill.key_missing", "a key that this snapshot needs was not handed in");
    }
    const opened = vault.read(manifest, o.keys);
    return { whole: opened, reader: restorable(opened, await vault.tombstones()) };
  });

  const erased = await timedStep(ports.clock, o, "compare", async () => {
    for await (const batch of whole.records({ order: "stored" })) {
      signal.throwIfAborted();
      o.seen.compared += batch.length;
      onProgress({ step: "compare", records: o.seen.compared, expected: manifest.records });
    }
    // The reader itself knows how many were erased on purpose since, and misses any other.
    const absent = manifest.records - o.seen.compared;
    const { size } = await readRedactions(vault.store, vault.description);
    if (absent < 0 || (size === 0 && absent > 0)) throw new RunFailed("drill.records_missing", "the snapshot holds fewer records than its manifest says");
    return absent;
  });
  return { reader, erased };
}

export async function rehearse(ports: Pick<Ports, "sandboxShops" | "scratch" | "clock" | "random">, o: RehearseInput): Promise<Rehearsal> {
  const { manifest, signal, onProgress } = o;
  const { reader, erased } = await openAndCompare(ports, o);
  const scratch = await ports.scratch.open();
  try {
    const shop = await ports.sandboxShops.start(signal);
    try {
      const outcome = await timedStep(ports.clock, o, "restore", () =>
        shop.target.apply(recordsOf(reader, manifest), { signal, onProgress: ({ records }) => onProgress({ step: "restore", records, expected: manifest.records }) }),
      );
      const comparison = await ShopComparison.open(ports, scratch, shop.comparison);
      const restored = await timedStep(ports.clock, o, "re-read", () =>
        comparison.restored(shop.source, outcome.ids, signal, (records) => onProgress({ step: "re-read", records, expected: manifest.records })),
      );
      const differences = await timedStep(ports.clock, o, "compare-roots", async () => comparison.differences(await comparison.original(reader, signal), restored.manifest));
      const code =
        restored.unread !== null ? "drill.not_read_back" : differences.length > 0 ? "drill.differs" : outcome.refused.length > 0 ? "drill.refused" : "drill.passed";
      return {
        passed: code === "drill.passed",
        code,
        compared: o.seen.compared,
        restored: outcome.created,
        refused: outcome.refused.length,
        erased,
        differences,
        losses: shop.comparison.losses,
        costPoints: outcome.costPoints,
        plusEstimateMs: Math.ceil((outcome.costPoints / PLUS_POINTS_PER_SECOND) * 1000),
      };
    } finally {
      await shop.stop();
    }
  } finally {
    await scratch.remove();
  }
}
