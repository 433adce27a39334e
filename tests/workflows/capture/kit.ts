/** A linked shop that is edited, whose messages arrive, and whose journal is written. */
import type { SourceRecord } from "#app/vault/index.ts";
import { contentKeys, readVaultDescription, stateAt } from "#app/vault/index.ts";
import { foldChanges, type FoldOutcome } from "#app/workflows/capture/fold-changes.ts";
import { reconcileJournal, type Reconciled } from "#app/workflows/capture/reconcile-journal.ts";
import { JournalSessions } from "#app/workflows/capture/sessions.ts";
import type { CaptureEvent } from "#app/workflows/ports.ts";
import { fakeCapture, type FakeCapture } from "#tests/support/fakes-capture.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { linkedShop, SHOP, snapshot, type LinkedShop } from "../support/linked-shop.ts";

let deliveries = 0;

export function family(n: number, version: string, children = 1): SourceRecord[] {
  const id = `gid://shopify/Customer/${n}`;
  const root: SourceRecord = { kind: "Customer", id, parentId: null, bytes: Buffer.from(JSON.stringify({ id, note: `SYNTHETIC ${version}` })) };
  return [
    root,
    ...Array.from({ length: children }, (_, i): SourceRecord => {
      const child = `gid://shopify/Metafield/${n}00${i}`;
      return { kind: "Metafield", id: child, parentId: id, bytes: Buffer.from(JSON.stringify({ id: child, value: `SYNTHETIC ${version}`, __parentId: id })) };
    }),
  ];
}

export interface CapturedShop extends LinkedShop {
  readonly capture: FakeCapture;
  readonly sessions: JournalSessions;
  readonly ports: LinkedShop["process"] & FakeCapture;
  event(n: number, o?: Partial<CaptureEvent>): CaptureEvent;
  fold(): Promise<FoldOutcome>;
  /** A snapshot of the model as it is now. */
  snapshot(): Promise<string>;
  reconcile(snapshotId: string): Promise<Reconciled>;
  lines(at?: Date): Promise<string[]>;
}

export function linesOf(records: readonly SourceRecord[]): string[] {
  return records.map(({ kind, id, parentId, bytes }) => `${kind} ${parentId ?? "-"} ${id} ${Buffer.from(bytes).toString("utf8")}`).sort();
}

export async function capturedShop(): Promise<CapturedShop> {
  const linked = await linkedShop([]);
  const capture = fakeCapture();
  const ports = Object.assign(linked.process, capture, { capture });
  const sessions = new JournalSessions(ports, SCRATCH);
  const { store, identity, source, process } = linked;
  return {
    ...linked,
    capture,
    sessions,
    ports,
    event: (n, o = {}) => ({
      webhookId: `w${++deliveries}`, eventId: null, shop: SHOP, topic: "customers/update", kind: "Customer", recordId: `gid://shopify/Customer/${n}`, action: "update", occurredAt: process.clock.now(), receivedAt: process.clock.now(), ...o,
    }),
    fold: () => foldChanges(ports, sessions, { shop: SHOP, signal: new AbortController().signal }),
    snapshot: async () => {
      source.records = capture.currentState.records;
      const outcome = await snapshot(linked);
      // What is fetched in the very millisecond in which a snapshot began is older than what it read.
      process.time.advance(1_000);
      if (outcome.kind !== "committed") throw new Error(`no snapshot: ${outcome.kind}`);
      return outcome.snapshot.snapshotId;
    },
    reconcile: (snapshotId) => reconcileJournal(ports, { shop: SHOP, snapshotId, scratchDirectory: SCRATCH }),
    lines: async (at = new Date("2999-01-01T00:00:00Z")) => {
      const description = await readVaultDescription(store);
      const hostKeys = await process.keyring.get(description.vaultId);
      if (hostKeys === null) throw new Error("no keys");
      const state = await stateAt({ store, description, indexKey: hostKeys.indexKey, keys: contentKeys(store, identity.opener), at, scratchDirectory: SCRATCH });
      const lines: SourceRecord[] = [];
      for await (const batch of state.records()) for (const record of batch) lines.push({ ...record, bytes: Uint8Array.from(record.bytes) });
      return linesOf(lines);
    },
  };
}
