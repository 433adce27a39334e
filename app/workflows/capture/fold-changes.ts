/**
 * Changes of one shop into its journal: each record that changed is fetched as it is now, whatever its message said and in whatever order messages came, and
 * sealed into a segment. Only then does it stop waiting; a worker that dies in between leaves it waiting, and fetching twice changes nothing.
 */
import type { JournalChange, SourceRecord } from "#app/vault/index.ts";
import { VaultError } from "#app/vault/index.ts";
import { failureOf } from "../shared/failure.ts";
import { recordEvent } from "../shared/outbox.ts";
import type { CaptureCatalogue, CaptureRecords, CapturedState, CurrentState, PendingChange, Ports } from "../ports.ts";
import { provesMetafields, restOf } from "./metafield-proof.ts";
import type { JournalSession, JournalSessions, SessionPorts } from "./sessions.ts";

export type FoldPorts = SessionPorts & Pick<Ports, "metrics" | "signer" | "outbox"> & { readonly currentState: CurrentState; readonly captureCatalogue: CaptureCatalogue; readonly captureRecords: Pick<CaptureRecords, "putMetafieldProof"> };

export type FoldOutcome =
  /** `more`: there is more that is due now. */
  | { readonly kind: "folded"; readonly sealed: number; readonly failed: number; readonly more: boolean }
  /** Another process writes this shop's journal. */
  | { readonly kind: "leased-elsewhere" }
  /** The shop has no vault: the first snapshot will have everything. */
  | { readonly kind: "not-linked"; readonly dropped: number }
  | { readonly kind: "failed"; readonly code: string };

const LEASE_MS = 60_000;
/** Roots of one segment, and how many of them are fetched at once. */
const BATCH = 250;
const FETCHES = 8;
/** Bytes of records after which a segment is closed. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** After a failure: 2 s, doubling, at most 5 minutes. */
const BACKOFF_MS = 2_000;
const MOST_BACKOFF_MS = 300_000;
/** How often the vault's own log is told how far the journal is. */
const ENTER_MS = 15 * 60_000;
const ENTER_SEGMENTS = 500;

export async function foldChanges(ports: FoldPorts, sessions: JournalSessions, { shop, signal, batch = BATCH }: { readonly shop: string; readonly signal: AbortSignal; readonly batch?: number }): Promise<FoldOutcome> {
  const { clock, captureQueue, log } = ports;
  const began = clock.now();
  if (!(await captureQueue.lease(shop, began, new Date(began.getTime() + LEASE_MS)))) return { kind: "leased-elsewhere" };
  let taken: readonly PendingChange[] = [];
  try {
    const link = await ports.links.get(shop);
    if (link === null) return { kind: "not-linked", dropped: await captureQueue.drop(shop, { receivedBefore: new Date(began.getTime() + 1) }) };
    taken = await captureQueue.take(shop, began, batch);
    if (taken.length === 0) return { kind: "folded", sealed: 0, failed: 0, more: false };
    const session = await sessions.open(shop, link);
    const fetched = await fetchAll(ports, shop, taken, signal);
    const failed = await putOff(ports, shop, fetched);
    const sealed = await sealAll(ports, session, shop, fetched);
    await enterHead(ports, session, shop);
    return { kind: "folded", sealed, failed, more: taken.length === batch };
  } catch (error) {
    sessions.close(shop);
    const failure = failureOf(error);
    if (failure === null) {
      await delay(ports, shop, taken, "unexpected");
      throw error;
    }
    if (signal.aborted) return { kind: "failed", code: failure.code };
    // Somebody else wrote: the next round opens behind it.
    const contended = error instanceof VaultError && error.code === "vault.journal_contended";
    if (!contended) {
      await delay(ports, shop, taken, failure.code);
      log.warn("capture.failed", { shop, code: failure.code, waiting: taken.length });
    }
    return { kind: "failed", code: failure.code };
  } finally {
    await captureQueue.release(shop);
  }
}

interface Fetched {
  readonly pending: PendingChange;
  readonly state: { readonly records: readonly SourceRecord[] | null; readonly at: Date } | { readonly code: string };
}

async function fetchAll(ports: FoldPorts, shop: string, taken: readonly PendingChange[], signal: AbortSignal): Promise<Fetched[]> {
  const { clock, currentState } = ports;
  const results: Fetched[] = [];
  const queue = taken.values();
  let stopped: string | null = null;
  await Promise.all(
    Array.from({ length: Math.min(FETCHES, taken.length) }, async () => {
      for (const pending of queue) {
        if (stopped !== null) {
          results.push({ pending, state: { code: stopped } });
          continue;
        }
        try {
          const at = clock.now();
          const records = await currentState.fetch(shop, pending.kind, pending.recordId, signal);
          // The state is one of the moments since the request was sent: the earliest of them is the honest one.
          results.push({ pending, state: { records, at } });
        } catch (error) {
          const failure = failureOf(error);
          if (failure === null || signal.aborted) throw error;
          // What concerns the whole shop is not tried 250 times.
          if (["source.unauthorized", "source.unreachable", "source.throttled"].includes(failure.code)) stopped = failure.code;
          results.push({ pending, state: { code: failure.code } });
        }
      }
    }),
  );
  return results;
}

/** Those that could not be fetched. Answers how many. */
async function putOff(ports: FoldPorts, shop: string, fetched: readonly Fetched[]): Promise<number> {
  const byCode = new Map<string, PendingChange[]>();
  for (const { pending, state } of fetched) if ("code" in state) byCode.set(state.code, [...(byCode.get(state.code) ?? []), pending]);
  for (const [code, changes] of byCode) {
    await delay(ports, shop, changes, code);
    ports.log.warn("capture.not_fetched", { shop, code, count: changes.length });
  }
  return [...byCode.values()].reduce((sum, changes) => sum + changes.length, 0);
}

async function delay({ captureQueue, clock }: FoldPorts, shop: string, changes: readonly PendingChange[], code: string): Promise<void> {
  const byAttempts = new Map<number, PendingChange[]>();
  for (const change of changes) byAttempts.set(change.attempts, [...(byAttempts.get(change.attempts) ?? []), change]);
  for (const [attempts, some] of byAttempts) {
    await captureQueue.failed(shop, some, { code, dueAt: new Date(clock.now().getTime() + Math.min(MOST_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(attempts, 8))) });
  }
}

async function sealAll(ports: FoldPorts, session: JournalSession, shop: string, fetched: readonly Fetched[]): Promise<number> {
  const { captureQueue } = ports;
  const { vaultId } = session.vault.description;
  const done = fetched.filter((one): one is Fetched & { state: { records: readonly SourceRecord[] | null; at: Date } } => !("code" in one.state));
  if (done.length === 0) return 0;
  const namesOf = ({ pending }: Fetched): readonly Named[] => names(ports.captureCatalogue, pending);
  const known = new Map((await captureQueue.captured(shop, vaultId, done.flatMap(namesOf))).map((row) => [`${row.kind} ${row.recordId}`, row]));
  let sealed = 0;
  let changes: Change[] = [];
  let handled: PendingChange[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (handled.length === 0) return;
    await sealSegment(ports, session, shop, changes, handled);
    sealed += changes.length;
    changes = [];
    handled = [];
    bytes = 0;
  };
  for (const one of done) {
    const { pending, state } = one;
    const change = await changeOf(session, pending, state, namesOf(one).map((name) => ({ ...name, known: known.get(`${name.kind} ${name.recordId}`) ?? null })));
    handled.push(pending);
    if (change !== null) changes.push({ ...change, rest: await heardOf(ports, session, shop, pending, change, known.get(`${change.kind} ${change.id}`) ?? null) });
    if (change?.change === "upsert") for (const record of change.records) bytes += record.bytes.length;
    if (bytes >= SEGMENT_BYTES) await flush();
  }
  await flush();
  return sealed;
}

type Change = JournalChange & { readonly rest: string | null };

/** Notes it when this shows that metafields are told of. Answers what the next change is held against. */
async function heardOf({ captureCatalogue, captureRecords, clock, log }: FoldPorts, session: JournalSession, shop: string, pending: PendingChange, change: JournalChange, previous: CapturedState | null): Promise<string | null> {
  const kind = captureCatalogue.kinds.find((one) => one.kind === pending.kind);
  if (change.change !== "upsert" || kind?.metafields !== true) return null;
  const rest = restOf(session.hostKeys.indexKey, change.records);
  if (!session.proven.has(kind.stream) && provesMetafields({ previous, rest, records: change.records, pending })) {
    await captureRecords.putMetafieldProof(shop, kind.stream, clock.now());
    session.proven.add(kind.stream);
    log.info("capture.metafields_told", { shop, stream: kind.stream });
  }
  return rest;
}

interface Named {
  readonly kind: string;
  readonly recordId: string;
}

/** What a record may be called in the vault: a message can call it by another type than the list that a snapshot reads. Its own name comes first. */
function names({ kinds }: CaptureCatalogue, { kind, recordId }: Named): readonly Named[] {
  const types = kinds.find((one) => one.kind === kind)?.types ?? [];
  const [, type, rest] = /^gid:\/\/shopify\/(\w+)\/(.+)$/.exec(recordId) ?? [];
  if (type === undefined || types.length < 2) return [{ kind, recordId }];
  return [type, ...types.filter((other) => other !== type)].map((one) => ({ kind: one, recordId: `gid://shopify/${one}/${rest ?? ""}` }));
}

/** Null: it is no news (it was known to be gone, or nobody ever knew it). */
async function changeOf(session: JournalSession, { occurredAt, receivedAt }: PendingChange, { records, at }: { readonly records: readonly SourceRecord[] | null; readonly at: Date }, named: readonly (Named & { readonly known: CapturedState | null })[]): Promise<JournalChange | null> {
  const root = records?.[0];
  const times = { occurredAt, receivedAt, fetchedAt: at };
  if (records != null && root !== undefined) return { change: "upsert", kind: root.kind, id: root.id, ...times, records };
  for (const { kind, recordId, known } of named) {
    if (known?.change === "tombstone") continue;
    const last = await session.lastState(kind, recordId, known?.sequence ?? null);
    if (last.length > 0) return { change: "tombstone", kind, id: recordId, ...times, last };
  }
  return null;
}

async function sealSegment(ports: FoldPorts, session: JournalSession, shop: string, changes: readonly Change[], handled: readonly PendingChange[]): Promise<void> {
  const { clock, captureQueue, metrics, log } = ports;
  const { vaultId } = session.vault.description;
  if (changes.length === 0) {
    await captureQueue.sealed(shop, { head: null, at: clock.now(), records: [], handled });
    return;
  }
  const { segment, entries } = await session.writer.append(changes.map(({ rest: _rest, ...change }) => change));
  const rests = new Map(changes.map(({ kind, id, rest }) => [`${kind} ${id}`, rest]));
  const at = clock.now();
  await captureQueue.sealed(shop, {
    head: { vaultId, sequence: segment.sequence, digest: segment.digest },
    at,
    records: entries.map(({ kind, id, change, fetchedAt, records }) => ({ kind, recordId: id, change, fetchedAt, sequence: segment.sequence, digest: Buffer.from(records[0]?.digest ?? []).toString("hex"), rest: rests.get(`${kind} ${id}`) ?? null })),
    handled,
  });
  for (const { receivedAt } of changes) metrics.observe("holdfast_capture_seal_seconds", Math.max(0, at.getTime() - receivedAt.getTime()) / 1000, {});
  metrics.count("holdfast_capture_changes_total", { change: "upsert" }, segment.upserts);
  metrics.count("holdfast_capture_changes_total", { change: "tombstone" }, segment.tombstones);
  log.info("journal.sealed", { shop, sequence: segment.sequence, upserts: segment.upserts, tombstones: segment.tombstones, records: segment.records });
}

/** The vault's own log names the journal's head from time to time: what it names cannot be taken away unseen. */
async function enterHead(ports: FoldPorts, session: JournalSession, shop: string): Promise<void> {
  const { clock, captureQueue } = ports;
  const { head } = session.writer;
  if (head === null) return;
  const { vaultId } = session.vault.description;
  const now = clock.now().getTime();
  const entered = (await captureQueue.head(shop))?.entered ?? 0;
  if (head.sequence <= entered || (now - session.enteredAt < ENTER_MS && head.sequence - entered < ENTER_SEGMENTS)) return;
  await recordEvent(ports, shop, { actor: "system", action: "journal.sealed", subject: { vault: vaultId, sequence: head.sequence, digest: head.digest }, outcome: "done" });
  session.enteredAt = now;
  await captureQueue.entered(shop, head.sequence);
}
