/**
 * How old is the newest state that could be brought back, stream by stream? For what is captured: the age of the oldest change that is known, or may exist
 * unknown, and is not sealed. For everything else: the time since the last snapshot that has the whole stream began (docs/decisions/0025).
 */
import type { CapturePorts, CatalogSnapshot, Ports, Reconciliation, RecoveryBasis, RecoveryPointRow, SubscriptionState } from "../ports.ts";
import { PROPOSED } from "../overview/judge.ts";
import { adviseCadence, type Cadence } from "./advise-cadence.ts";
import { PROVEN_MS } from "./metafield-proof.ts";

export type MeasurePorts = Pick<Ports, "clock" | "catalog" | "links" | "capture">;

export interface MeasuredRecoveryPoint {
  readonly stream: string;
  readonly basis: RecoveryBasis;
  /** Null: there is nothing to go back to. */
  readonly ageMs: number | null;
  readonly objectiveMs: number;
  readonly measuredAt: Date;
  /** Known changes that are not sealed yet. */
  readonly pending: number;
  readonly changesPerHour: number;
  /** Minutes. */
  readonly advised: Cadence;
  /** Why a stream that the platform tells of is not counted as captured. */
  readonly why: "proven" | "no-topics" | "not-reconciled" | "missed" | "no-snapshot" | "not-subscribed" | "metafields-unconfirmed";
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** For so long the platform repeats a delivery that was not accepted (https://shopify.dev/changelog, 2024-09-10: 8 times over 4 hours). */
const REPEATED_MS = 4 * HOUR_MS;
/** Measured every minute; when so much is missing between two measurements, nobody was there to accept a message either. */
const AWAY_MS = 5 * MINUTE_MS;
/** Snapshots looked through for the newest that has a stream whole. */
const LOOKED_AT = 30;

/** Writes one row per stream and minute, and answers what it found. Nothing when the shop has no vault or nothing is captured here. */
export async function measureRecoveryPoints(ports: MeasurePorts, { shop }: { readonly shop: string }): Promise<readonly MeasuredRecoveryPoint[]> {
  const { capture, catalog, clock } = ports;
  if (capture === undefined || (await ports.links.get(shop)) === null) return [];
  const now = clock.now();
  const { captureRecords } = capture;
  const since = new Date(now.getTime() - REPEATED_MS);
  const [snapshots, waiting, rates, objectives, [reconciliation], recent] = await Promise.all([
    catalog.snapshots(shop, { limit: LOOKED_AT }), captureRecords.waiting(shop), captureRecords.rates(shop, new Date(now.getTime() - HOUR_MS)), captureRecords.objectives(shop),
    captureRecords.reconciliations(shop, 1), captureRecords.recoveryPoints(shop, since, now),
  ]);
  const [subscribed, proofs] = await Promise.all([capture.subscriptions?.records.get(shop) ?? null, captureRecords.metafieldProofs(shop)]);
  const streams = streamsOf(capture);
  const known = new Set(streams.flatMap(({ names }) => [...names]));
  const measured = streams.flatMap(({ stream, names, kinds, captured, perShop, metafields }): MeasuredRecoveryPoint[] => {
    const snapshot = snapshots.find((one) => isWhole(one, names, known)) ?? null;
    const objectiveMs = (objectives.get(stream) ?? PROPOSED.recoveryPointMs / MINUTE_MS) * MINUTE_MS;
    const waits = waiting.filter(({ kind }) => kinds.has(kind));
    const pending = waits.reduce((all, { count }) => all + count, 0);
    const changesPerHour = rates.filter(({ kind }) => kinds.has(kind)).reduce((all, { events }) => all + events, 0);
    const why = !captured ? (snapshot === null ? "no-snapshot" : "no-topics") : perShop ? proofOfOwn(reconciliation, stream, snapshot, subscribed) : proofOf(reconciliation, stream, snapshot);
    const basis: RecoveryBasis = snapshot === null ? "none" : why === "proven" ? "capture" : "snapshot";
    const unsealed = Math.min(...waits.map(({ oldest }) => oldest.getTime()), awaySince(recent.filter((row) => row.stream === stream).map(({ at }) => at), snapshot, now));
    const ageMs = snapshot === null ? null : basis === "capture" ? Math.max(0, now.getTime() - Math.min(now.getTime(), Math.max(unsealed, snapshot.startedAt.getTime()))) : now.getTime() - snapshot.startedAt.getTime();
    const row: MeasuredRecoveryPoint = { stream, basis, ageMs, objectiveMs, measuredAt: now, pending, changesPerHour, advised: adviseCadence({ basis, changesPerHour, objectiveMs, missedShare: shareOf(reconciliation, stream) }), why };
    // Their own count, until it was seen that a change of nothing but them is told: as old as the last reading of them.
    if (basis !== "capture" || snapshot === null || !metafields || now.getTime() - (proofs.get(stream)?.getTime() ?? 0) < PROVEN_MS) return [row];
    const own = objectives.get(metafieldsOf(stream));
    const objective = own === undefined ? objectiveMs : own * MINUTE_MS;
    return [row, { stream: metafieldsOf(stream), basis: "snapshot", ageMs: now.getTime() - snapshot.startedAt.getTime(), objectiveMs: objective, measuredAt: now, pending: 0, changesPerHour: 0, advised: adviseCadence({ basis: "snapshot", changesPerHour: 0, objectiveMs: objective, missedShare: null }), why: "metafields-unconfirmed" }];
  });
  const at = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  await captureRecords.putRecoveryPoints(shop, measured.map(({ stream, basis, ageMs, objectiveMs, pending, changesPerHour }): RecoveryPointRow => ({ stream, at, basis, ageMs, objectiveMs, pending, changesPerHour })));
  return measured;
}

/** What the metafields of a stream's records are called where they count for themselves. */
export function metafieldsOf(stream: string): string {
  return `${stream}-metafields`;
}

/** A breach: older than it may be, or nothing at all. */
export function isBreached({ ageMs, objectiveMs }: Pick<MeasuredRecoveryPoint, "ageMs" | "objectiveMs">): boolean {
  return ageMs === null || ageMs > objectiveMs;
}

interface Stream {
  readonly stream: string;
  /** What a gap of it may call it: its streams, and the kinds whose counts differ. */
  readonly names: Set<string>;
  readonly kinds: Set<string>;
  captured: boolean;
  perShop: boolean;
  metafields: boolean;
}

function streamsOf({ captureCatalogue }: CapturePorts): Stream[] {
  const streams = new Map<string, Stream>();
  for (const { kind, stream, streams: parts, hasTopics, fetch, perShop, metafields } of captureCatalogue.kinds) {
    const one = streams.get(stream) ?? { stream, names: new Set<string>(), kinds: new Set<string>(), captured: true, perShop: false, metafields: false };
    for (const name of [...parts, kind]) one.names.add(name);
    one.kinds.add(kind);
    if (!hasTopics || fetch === "none") one.captured = false;
    if (perShop === true) one.perShop = true;
    if (metafields === true) one.metafields = true;
    streams.set(stream, one);
  }
  return [...streams.values()];
}

/** A gap under a name that is nobody's may be anybody's. */
function isWhole({ complete, gaps, gapCount }: CatalogSnapshot, names: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  return complete || (gapCount <= gaps.length && gaps.every(({ stream, kind }) => known.has(stream) && !names.has(stream) && (kind === undefined || !names.has(kind))));
}

function proofOf(reconciliation: Reconciliation | undefined, stream: string, snapshot: CatalogSnapshot | null): MeasuredRecoveryPoint["why"] {
  if (snapshot === null) return "no-snapshot";
  const found = reconciliation?.streams[stream];
  if (reconciliation?.complete !== true || found === undefined) return "not-reconciled";
  return found.missed > 0 ? "missed" : "proven";
}

/** Only what was heard since the shop's own subscriptions have been there proves anything. */
function proofOfOwn(reconciliation: Reconciliation | undefined, stream: string, snapshot: CatalogSnapshot | null, subscribed: SubscriptionState | null): MeasuredRecoveryPoint["why"] {
  if (snapshot === null) return "no-snapshot";
  if (subscribed?.since == null) return "not-subscribed";
  return reconciliation !== undefined && reconciliation.startedAt < subscribed.since ? "not-reconciled" : proofOf(reconciliation, stream, snapshot);
}

function shareOf(reconciliation: Reconciliation | undefined, stream: string): number | null {
  const found = reconciliation?.streams[stream];
  return found === undefined || found.changed === 0 ? null : found.missed / found.changed;
}

/** Since when a change may have happened of which nobody heard: the beginning of the last absence, until messages of then cannot come any more or a snapshot has seen it. */
function awaySince(measuredAt: readonly Date[], snapshot: CatalogSnapshot | null, now: Date): number {
  const times = [...measuredAt.map((at) => at.getTime()), now.getTime()].sort((a, b) => a - b);
  for (let i = 1; i < times.length; i++) {
    const [from, to] = [times[i - 1] as number, times[i] as number];
    if (to - from <= AWAY_MS) continue;
    if (snapshot !== null && snapshot.startedAt.getTime() > to) continue;
    return from;
  }
  return Number.POSITIVE_INFINITY;
}
