/** Capture's ports in memory: the list of what waits, a shop that can be asked record by record, and what was measured. */
import type { SourceRecord } from "#app/vault/index.ts";
import type {
  CaptureCatalogue, CapturedState, CaptureEvent, CaptureJournalHead, CapturePorts, CaptureQueue, CaptureRecords, CurrentState, EmergencySnapshot, EmergencySnapshots, PendingChange, Reconciliation, RecoveryPointRow, Sealed,
} from "#app/workflows/ports.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Row extends Mutable<PendingChange> {
  dueAt: Date;
  lastReceivedAt: Date;
  code: string | null;
}

const keyOf = ({ kind, recordId }: { readonly kind: string; readonly recordId: string }): string => `${kind} ${recordId}`;

export class FakeCaptureQueue implements CaptureQueue {
  readonly events: CaptureEvent[] = [];
  readonly pending = new Map<string, Map<string, Row>>();
  readonly records = new Map<string, Map<string, Sealed & { readonly vaultId: string }>>();
  readonly heads = new Map<string, Mutable<CaptureJournalHead>>();
  readonly leases = new Map<string, number>();
  private readonly seen = new Set<string>();

  /** What the webhook's statement does. Answers whether it was news. */
  receive(event: CaptureEvent): boolean {
    const marks = [`w ${event.webhookId} ${keyOf(event)}`, ...(event.eventId === null ? [] : [`e ${event.shop} ${event.eventId} ${event.topic} ${keyOf(event)}`])];
    if (marks.some((mark) => this.seen.has(mark))) return false;
    for (const mark of marks) this.seen.add(mark);
    this.events.push(event);
    const rows = this.rows(event.shop);
    const row = rows.get(keyOf(event));
    if (row === undefined) rows.set(keyOf(event), { kind: event.kind, recordId: event.recordId, version: 1, occurredAt: event.occurredAt, receivedAt: event.receivedAt, lastReceivedAt: event.receivedAt, attempts: 0, dueAt: event.receivedAt, code: null });
    else Object.assign(row, { version: row.version + 1, lastReceivedAt: event.receivedAt, dueAt: new Date(Math.min(row.dueAt.getTime(), event.receivedAt.getTime())) });
    return true;
  }

  private rows(shop: string): Map<string, Row> {
    let rows = this.pending.get(shop);
    if (rows === undefined) this.pending.set(shop, (rows = new Map()));
    return rows;
  }

  due = (now: Date, limit: number): Promise<readonly string[]> => Promise.resolve([...this.pending].filter(([, rows]) => [...rows.values()].some((row) => row.dueAt <= now && row.recordId !== "*")).map(([shop]) => shop).slice(0, limit));
  lease = (shop: string, now: Date, until: Date): Promise<boolean> => {
    if ((this.leases.get(shop) ?? 0) > now.getTime()) return Promise.resolve(false);
    this.leases.set(shop, until.getTime());
    return Promise.resolve(true);
  };
  release = (shop: string): Promise<void> => Promise.resolve(void this.leases.delete(shop));
  take = (shop: string, now: Date, limit: number): Promise<readonly PendingChange[]> =>
    Promise.resolve([...this.rows(shop).values()].filter((row) => row.dueAt <= now && row.recordId !== "*").slice(0, limit).map((row) => ({ ...row })));
  add: CaptureQueue["add"] = (shop, changes, now) => {
    for (const { kind, recordId } of changes) {
      const row = this.rows(shop).get(keyOf({ kind, recordId }));
      if (row === undefined) this.rows(shop).set(keyOf({ kind, recordId }), { kind, recordId, version: 1, occurredAt: null, receivedAt: now, lastReceivedAt: now, attempts: 0, dueAt: now, code: null });
      else row.version++;
    }
    return Promise.resolve();
  };
  sealed: CaptureQueue["sealed"] = (shop, { head, records, handled }) => {
    if (head !== null) {
      const before = this.heads.get(shop);
      this.heads.set(shop, { ...head, entered: before?.vaultId === head.vaultId ? before.entered : 0 });
      const known = this.records.get(shop) ?? new Map<string, Sealed & { vaultId: string }>();
      this.records.set(shop, known);
      for (const record of records) if ((known.get(keyOf(record))?.fetchedAt ?? new Date(0)) <= record.fetchedAt) known.set(keyOf(record), { ...record, vaultId: head.vaultId });
    }
    for (const change of handled) {
      const row = this.rows(shop).get(keyOf(change));
      if (row?.version === change.version) this.rows(shop).delete(keyOf(change));
      else if (row !== undefined) Object.assign(row, { receivedAt: row.lastReceivedAt, occurredAt: null, attempts: 0, code: null });
    }
    return Promise.resolve();
  };
  failed: CaptureQueue["failed"] = (shop, changes, { code, dueAt }) => {
    for (const change of changes) {
      const row = this.rows(shop).get(keyOf(change));
      if (row !== undefined) Object.assign(row, { attempts: row.attempts + 1, dueAt, code });
    }
    return Promise.resolve();
  };
  drop: CaptureQueue["drop"] = (shop, { receivedBefore, onlyWhole = false }) => {
    let dropped = 0;
    for (const [key, row] of this.rows(shop)) if (row.lastReceivedAt < receivedBefore && (!onlyWhole || row.recordId === "*") && this.rows(shop).delete(key)) dropped++;
    return Promise.resolve(dropped);
  };
  head = (shop: string): Promise<CaptureJournalHead | null> => Promise.resolve(this.heads.get(shop) ?? null);
  entered = (shop: string, sequence: number): Promise<void> => {
    const head = this.heads.get(shop);
    if (head !== undefined) head.entered = sequence;
    return Promise.resolve();
  };
  captured = (shop: string, vaultId: string, records: readonly { readonly kind: string; readonly recordId: string }[]): Promise<readonly (CapturedState & { readonly kind: string; readonly recordId: string })[]> =>
    Promise.resolve(records.flatMap((record) => this.records.get(shop)?.get(keyOf(record)) ?? []).filter((row) => row.vaultId === vaultId));
  capturedBetween = (shop: string, after: Date, until: Date): Promise<readonly { readonly kind: string; readonly recordId: string }[]> =>
    Promise.resolve([...(this.records.get(shop)?.values() ?? [])].filter(({ fetchedAt }) => fetchedAt > after && fetchedAt <= until));
}

export class FakeCaptureRecords implements CaptureRecords {
  readonly points: (RecoveryPointRow & { readonly shop: string })[] = [];
  readonly goals = new Map<string, number>();
  readonly found: Reconciliation[] = [];
  private readonly queue: FakeCaptureQueue;
  constructor(queue: FakeCaptureQueue) {
    this.queue = queue;
  }
  waiting: CaptureRecords["waiting"] = (shop) => {
    const kinds = new Map<string, { kind: string; count: number; oldest: Date }>();
    for (const row of this.queue.pending.get(shop)?.values() ?? []) {
      const oldest = new Date(Math.min(row.receivedAt.getTime(), row.occurredAt?.getTime() ?? Number.POSITIVE_INFINITY));
      const known = kinds.get(row.kind);
      kinds.set(row.kind, { kind: row.kind, count: (known?.count ?? 0) + 1, oldest: known !== undefined && known.oldest < oldest ? known.oldest : oldest });
    }
    return Promise.resolve([...kinds.values()]);
  };
  rates: CaptureRecords["rates"] = (shop, since) => {
    const counts = new Map<string, number>();
    for (const event of this.queue.events) if (event.shop === shop && event.receivedAt > since) counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
    return Promise.resolve([...counts].map(([kind, events]) => ({ kind, events })));
  };
  putRecoveryPoints: CaptureRecords["putRecoveryPoints"] = (shop, rows) => {
    for (const row of rows) {
      const at = this.points.findIndex((point) => point.shop === shop && point.stream === row.stream && point.at.getTime() === row.at.getTime());
      if (at >= 0) this.points.splice(at, 1);
      this.points.push({ ...row, shop });
    }
    return Promise.resolve();
  };
  recoveryPoints: CaptureRecords["recoveryPoints"] = (shop, from, to) => Promise.resolve(this.points.filter((point) => point.shop === shop && point.at >= from && point.at <= to));
  objectives: CaptureRecords["objectives"] = () => Promise.resolve(this.goals);
  saveObjective: CaptureRecords["saveObjective"] = (_shop, stream, minutes) => {
    if (minutes === null) this.goals.delete(stream);
    else this.goals.set(stream, minutes);
    return Promise.resolve();
  };
  readonly proofs = new Map<string, Date>();
  metafieldProofs: CaptureRecords["metafieldProofs"] = () => Promise.resolve(this.proofs);
  putMetafieldProof: CaptureRecords["putMetafieldProof"] = (_shop, stream, at) => {
    if (at === null) this.proofs.delete(stream);
    else this.proofs.set(stream, at);
    return Promise.resolve();
  };
  putReconciliation = (row: Reconciliation): Promise<void> => Promise.resolve(void this.found.push(row));
  reconciliations: CaptureRecords["reconciliations"] = (shop, limit) => Promise.resolve([...this.found].reverse().filter((row) => row.shop === shop).slice(0, limit));
  forget = (): Promise<number> => Promise.resolve(0);
}

export class FakeEmergencies implements EmergencySnapshots {
  /** Whether a run of the assistant is open. */
  openRuns: (shop: string, runId: string) => boolean = () => true;
  readonly rows = new Map<string, Mutable<EmergencySnapshot>>();
  add = (row: EmergencySnapshot): Promise<void> => Promise.resolve(void (this.rows.has(row.runId) || this.rows.set(row.runId, { ...row })));
  get = (runId: string): Promise<EmergencySnapshot | null> => Promise.resolve(this.rows.get(runId) ?? null);
  update: EmergencySnapshots["update"] = (runId, change) => Promise.resolve(void Object.assign(this.rows.get(runId) ?? {}, change));
  list: EmergencySnapshots["list"] = (shop, limit) => Promise.resolve([...this.rows.values()].reverse().filter((row) => row.shop === shop).slice(0, limit));
  due: EmergencySnapshots["due"] = (now, limit) => Promise.resolve([...this.rows.values()].filter((row) => row.state === "held" && ((row.holdUntil !== null && row.holdUntil <= now) || (row.assistantRun !== null && !this.openRuns(row.shop, row.assistantRun)))).slice(0, limit));
  ofIncident: EmergencySnapshots["ofIncident"] = (shop, incident) => Promise.resolve([...this.rows.values()].filter((row) => row.shop === shop && row.incident === incident && (row.state === "waiting" || row.state === "held")));
}

/** A shop that is edited: families by root id. Fails, for a while, when told to. */
export class ModelShop implements CurrentState {
  readonly families = new Map<string, readonly SourceRecord[]>();
  fetches = 0;
  fault: ((kind: string, id: string) => Error | null) | null = null;
  /** Called before the state is read, as something that happens meanwhile. */
  onFetch: () => void = () => undefined;

  put(records: readonly SourceRecord[]): void {
    this.families.set((records[0] as SourceRecord).id, records);
  }
  delete(id: string): void {
    this.families.delete(id);
  }
  get records(): SourceRecord[] {
    return [...this.families.values()].flat();
  }
  fetch = (_shop: string, kind: string, id: string): Promise<readonly SourceRecord[] | null> => {
    this.fetches++;
    this.onFetch();
    const fault = this.fault?.(kind, id) ?? null;
    if (fault !== null) return Promise.reject(fault);
    return Promise.resolve(this.families.get(id) ?? null);
  };
}

export const CAPTURED: CaptureCatalogue = {
  kinds: [
    { kind: "Customer", stream: "customers", streams: ["customers", "customer-details"], types: ["Customer"], kinds: ["Customer", "Metafield"], hasTopics: true, fetch: "record" },
    { kind: "Order", stream: "orders", streams: ["orders", "order-details"], types: ["Order"], kinds: ["Order", "LineItem", "Metafield"], hasTopics: true, fetch: "record" },
    { kind: "GiftCard", stream: "gift-cards", streams: ["gift-cards"], types: ["GiftCard"], kinds: ["GiftCard"], hasTopics: false, fetch: "record" },
  ],
  orderedKinds: new Set(["LineItem"]),
};

export interface FakeCapture extends CapturePorts {
  readonly captureQueue: FakeCaptureQueue;
  readonly captureRecords: FakeCaptureRecords;
  readonly currentState: ModelShop;
  readonly emergencies: FakeEmergencies;
}

export function fakeCapture(): FakeCapture {
  const captureQueue = new FakeCaptureQueue();
  return {
    captureQueue,
    captureRecords: new FakeCaptureRecords(captureQueue),
    capturedChanges: { between: () => Promise.resolve(null) },
    currentState: new ModelShop(),
    captureCatalogue: CAPTURED,
    emergencies: new FakeEmergencies(),
  };
}
