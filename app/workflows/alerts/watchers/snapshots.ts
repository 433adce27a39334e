/** What the newest snapshot lacks, stream by stream, what the one that is being taken is known to lack, and whether the last attempt made one at all. */
import type { Gap } from "#app/vault/index.ts";
import type { Alert, CatalogSnapshot, Run } from "../../ports.ts";
import { mayHoldPhi, streamSubject } from "../phi-streams.ts";
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";

/** A stream that was not read to its end; every other gap is about records within one. */
const STREAM_FAILED = /^stream\./;
/** The vault or its storage did not answer: earlier snapshots may be out of reach too. */
const OUT_OF_REACH = /^(?:vault|ledger)\.|^store\.(?:unreachable|refused|bad_address|failed)$/;

export async function watchSnapshots(ports: Pick<WatchPorts, "catalog" | "runs">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const [[newest], [full], runs, emergencies] = await Promise.all([ports.catalog.snapshots(shop, { limit: 1 }), ports.catalog.snapshots(shop, { limit: 1, only: "full" }), ports.runs.list(shop, { kind: "snapshot", limit: 10 }), ports.runs.list(shop, { kind: "emergency", limit: 10 })]);
  // One of changes only says nothing of streams and records that it did not look at: what the last full one lacks is lacking still.
  const looked = newest === undefined || newest.snapshotId === full?.snapshotId ? [full] : [newest, full];
  const ended = runs.find(({ state }) => state === "succeeded" || state === "failed");
  const urgent = emergencies.find(({ state }) => state === "succeeded" || state === "failed");
  const reading = [...runs, ...emergencies].filter(({ state, progress }) => state === "running" && (progress?.cut?.length ?? 0) > 0);
  if (newest === undefined && ended === undefined && urgent === undefined && reading.length === 0) return null;
  // In an emergency the state after it was asked for is wanted: a snapshot that had begun before does not make good for it.
  const emergency = urgent?.state === "failed" && ![newest, full].some((snapshot) => snapshot !== undefined && snapshot.startedAt > urgent.requestedAt) ? urgent : null;
  const failure = emergency ?? (ended?.state === "failed" && (newest === undefined || ended.requestedAt > newest.takenAt) ? ended : null);
  const lacking = new Map(looked.flatMap((snapshot) => (snapshot === undefined ? [] : missing(snapshot))).map((finding) => [`${finding.code} ${finding.subject}`, finding]));
  // Told while the rest is still being read, not at its end.
  for (const finding of reading.flatMap(cutSoFar)) lacking.set(`${finding.code} ${finding.subject}`, finding);
  const findings = [...lacking.values(), ...(failure === null ? [] : [failed(failure, newest !== undefined)])];
  // A failed attempt says nothing of the streams that the snapshot before it lacked.
  const asOf = failure?.requestedAt ?? full?.startedAt ?? newest?.startedAt ?? reading[0]?.requestedAt;
  // What an older snapshot lacked, or a run that is over, was seen as long as a newer one was being read; that it began before then does not matter.
  const over = ({ facts }: Pick<Alert, "facts">): boolean => {
    if (typeof facts["snapshot"] === "string") return !looked.some((snapshot) => snapshot?.snapshotId === facts["snapshot"]);
    const run = [...runs, ...emergencies].find(({ id }) => id === facts["run"]);
    if (run === undefined || run.state === "queued" || run.state === "running") return false;
    return run.state === "succeeded" || looked.some((snapshot) => snapshot !== undefined && snapshot.startedAt > run.requestedAt);
  };
  return asOf === undefined ? null : { codes: failure === null ? ["alert.stream_failed", "alert.gap", "alert.snapshot_failed"] : [], findings, asOf, over };
}

function cutSoFar({ id, progress }: Run): Finding[] {
  return (progress?.cut ?? []).map(({ stream, code }) => {
    const phi = mayHoldPhi(stream);
    return { code: "alert.stream_failed", subject: streamSubject(stream), severity: phi ? "critical" : "warning", facts: { gap: code, phi, run: id } };
  });
}

function missing({ gaps: all, gapCount, snapshotId: snapshot }: Pick<CatalogSnapshot, "gaps" | "gapCount" | "snapshotId">): Finding[] {
  // By plan, and no gap that anybody must look after.
  const gaps = all.filter(({ code, reason }) => !(code === "stream.partial" && reason === "incremental"));
  const total = gapCount - (all.length - gaps.length);
  const streams = new Map<string, Gap[]>();
  for (const gap of gaps) streams.set(gap.stream ?? "all", [...(streams.get(gap.stream ?? "all") ?? []), gap]);
  const findings = [...streams].flatMap(([stream, of]): Finding[] => {
    const cut = of.find(({ code }) => STREAM_FAILED.test(code));
    const others = of.filter(({ code }) => !STREAM_FAILED.test(code));
    const phi = mayHoldPhi(stream);
    const about = { subject: streamSubject(stream) };
    return [
      ...(cut === undefined ? [] : [{ ...about, code: "alert.stream_failed", severity: phi ? "critical" : "warning", facts: { gap: cut.code, phi, snapshot } } as const]),
      ...(others[0] === undefined ? [] : [{ ...about, code: "alert.gap", severity: "warning", facts: { gap: others[0].code, gaps: others.length, phi, snapshot } } as const]),
    ];
  });
  // Gaps beyond those that a manifest names, or one that names none.
  if (total > 0 && findings.length === 0) findings.push({ code: "alert.gap", subject: "stream:all", severity: "warning", facts: { gaps: total, phi: true, snapshot } });
  return findings;
}

function failed({ id, code, kind }: Run, earlier: boolean): Finding {
  const severity = !earlier || kind === "emergency" || OUT_OF_REACH.test(code ?? "") ? "critical" : "warning";
  return { code: "alert.snapshot_failed", subject: "snapshot", severity, facts: { run: id, cause: code ?? "unexpected" } };
}
