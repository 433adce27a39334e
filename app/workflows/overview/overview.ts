/** Could we get our customers' data back right now? The answer, what it rests on, and what to do next. */
import type { Alert, CatalogDrill, CatalogSnapshot, Ports, Run } from "../ports.ts";
import { revalidation } from "../coverage/revalidation.ts";
import { proofsOf } from "../drill/proofs.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "../verify/codes.ts";
import { judge, PROPOSED, type Judgement, type Objectives } from "./judge.ts";

export interface Overview extends Judgement {
  readonly linked: boolean;
  /** Of the link; null when there is none. Never with a secret in it. */
  readonly storageUrl: string | null;
  readonly lastSnapshot: CatalogSnapshot | null;
  /** The moment to which the data can be brought back: when reading of the newest snapshot began. */
  readonly recoveryPoint: Date | null;
  /** The newest of all, passed or failed. */
  readonly lastDrill: CatalogDrill | null;
  /** The newest that opened a real snapshot and found every record as it was kept. */
  readonly lastProof: CatalogDrill | null;
  /** The newest that restored made-up data, and opened no snapshot. */
  readonly lastRehearsal: CatalogDrill | null;
  /** The last check of the storage that came to an end. */
  readonly lastVerify: Run | null;
  /** Open or acknowledged, worst first. */
  readonly alerts: readonly Alert[];
  /** Newest first. */
  readonly running: readonly Run[];
  readonly objectives: Objectives;
  readonly now: Date;
}

/** How far back a drill of a real snapshot is looked for: made-up data is rehearsed every week, and as often as anybody likes. */
const LOOK_BACK = 200;

export async function overview(
  ports: Pick<Ports, "links" | "keyring" | "catalog" | "runs" | "clock" | "alertRecords"> & Partial<Pick<Ports, "platforms">>,
  { shop, objectives = PROPOSED }: { readonly shop: string; readonly objectives?: Objectives },
): Promise<Overview> {
  const [link, [newest], [whole], [full], drills, runs, checks, alerts, platform] = await Promise.all([
    ports.links.get(shop),
    ports.catalog.snapshots(shop, { limit: 1 }),
    ports.catalog.snapshots(shop, { limit: 1, only: "complete" }),
    ports.catalog.snapshots(shop, { limit: 1, only: "full" }),
    ports.catalog.drills(shop, { limit: LOOK_BACK }),
    ports.runs.list(shop, { limit: 20 }),
    ports.runs.list(shop, { kind: "verify", limit: 10 }),
    ports.alertRecords.unresolved(shop),
    ports.platforms?.get(shop) ?? null,
  ]);
  const hostKeys = link !== null && (await ports.keyring.get(link.vaultId)) !== null;
  const snapshot = newest ?? null;
  const now = ports.clock.now();
  const over = runs.filter(({ kind, state }) => (kind === "snapshot" || kind === "emergency") && (state === "succeeded" || state === "failed"));
  const { real, rehearsal, failed } = proofsOf(drills);
  const verified = checks.find(({ code }) => code === VAULT_SOUND || code === VAULT_FINDINGS) ?? null;
  const judgement = judge(
    { linked: link !== null, hostKeys, snapshot, complete: whole ?? null, lastRun: over[0] ?? null, proof: real, failedDrill: failed, verified, alerts, now, full: full ?? null, revalidation: revalidation(platform, drills) },
    objectives,
  );
  return {
    ...judgement,
    linked: link !== null,
    storageUrl: link?.storageUrl ?? null,
    lastSnapshot: snapshot,
    recoveryPoint: snapshot?.startedAt ?? null,
    lastDrill: drills[0] ?? null,
    lastProof: real,
    lastRehearsal: rehearsal,
    lastVerify: verified,
    alerts,
    running: runs.filter(({ state }) => state === "queued" || state === "running"),
    objectives,
    now,
  };
}
