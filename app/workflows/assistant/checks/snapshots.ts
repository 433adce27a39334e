/** Looks at snapshots: which one is good, whether the storage is sound, and to which seconds one can go back. Reads what is known here; opens nothing. */
import type { CatalogSnapshot, Ports, Run } from "../../ports.ts";
import { isOfChanges } from "../../coverage/exposure.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "../../verify/codes.ts";
import { VERIFY_EVERY_MS } from "../../verify/request-verify.ts";
import type { CheckAsked, CheckPorts, Found } from "./checks.ts";
import { fact, named } from "./facts.ts";

/** Snapshots looked through for one that is good. */
const LOOK_BACK = 500;
/** A check is weekly; a day's grace. */
const RECENT_MS = VERIFY_EVERY_MS + 24 * 3_600_000;
/** Recovery points are measured every minute; so far from the moment they still speak of it. */
const NEAR_MS = 10 * 60_000;

/** The newest whole snapshot that was finished before the damage began. */
export async function goodSnapshot({ catalog, runs }: CheckPorts, { shop, moment }: CheckAsked): Promise<Found> {
  const snapshots = await catalog.snapshots(shop, { limit: LOOK_BACK });
  const before = snapshots.filter(({ takenAt }) => moment === null || takenAt <= moment);
  const good = before.find(isWhole) ?? null;
  const checked = await lastCheck({ runs }, shop);
  const facts = [fact("snapshots", snapshots.length), fact("before", before.length)];
  if (good === null) return { outcome: "none", facts };
  facts.push(fact("snapshot", good.snapshotId), fact("takenAt", good.takenAt), fact("records", good.records));
  if (checked !== null) facts.push(fact("checkedAt", checked.finishedAt ?? checked.requestedAt), fact("check", checked.code ?? ""));
  return { outcome: checked?.code === VAULT_SOUND && (checked.finishedAt ?? checked.requestedAt) >= good.takenAt ? "good" : "unproven", facts };
}

/** Of changes only, and without a gap besides: it has what the one before it had. */
function isWhole(snapshot: CatalogSnapshot): boolean {
  return snapshot.complete || (isOfChanges(snapshot) && snapshot.gapCount <= snapshot.gaps.length && snapshot.gaps.every(({ code, reason }) => code === "stream.partial" && reason === "incremental"));
}

export async function storageSound({ runs, clock }: CheckPorts, { shop }: CheckAsked): Promise<Found | null> {
  const checked = await lastCheck({ runs }, shop);
  if (checked === null) return null;
  const at = checked.finishedAt ?? checked.requestedAt;
  const facts = [fact("checkedAt", at), fact("check", checked.code ?? ""), ...(checked.result === null || checked.code === VAULT_SOUND ? [] : [fact("finding", checked.result)])];
  if (checked.code === VAULT_FINDINGS) return { outcome: "damaged", facts };
  return { outcome: clock.now().getTime() - at.getTime() <= RECENT_MS ? "sound" : "unknown", facts };
}

/** The last one that came to an end. */
async function lastCheck({ runs }: Pick<Ports, "runs">, shop: string): Promise<Run | null> {
  return (await runs.list(shop, { kind: "verify", limit: 20 })).find(({ code }) => code === VAULT_SOUND || code === VAULT_FINDINGS) ?? null;
}

/** What was measured about that minute. */
export async function journalReach({ capture, clock }: CheckPorts, { shop, moment }: CheckAsked): Promise<Found | null> {
  if (capture === undefined) return null;
  const at = (moment ?? clock.now()).getTime();
  const rows = await capture.captureRecords.recoveryPoints(shop, new Date(at - NEAR_MS), new Date(at + NEAR_MS));
  const streams = new Map<string, boolean>();
  for (const { stream, basis } of rows) streams.set(stream, (streams.get(stream) ?? true) && basis === "capture");
  if (streams.size === 0) return null;
  const not = [...streams].filter(([, captured]) => !captured).map(([stream]) => stream).sort();
  return {
    outcome: not.length === 0 ? "every-second" : "snapshots-only",
    facts: [fact("streams", streams.size), fact("captured", streams.size - not.length), ...not.slice(0, 30).map((stream) => named("snapshotsOnly", stream, true))],
  };
}
