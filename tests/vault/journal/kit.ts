/** What journal tests share: changes, a writer over a memory store, and what a reader sees. */
import { contentKeys, openJournalWriter, stateAt } from "#app/vault/index.ts";
import type { JournalChange, JournalHead, JournalWriter, ObjectStore, SourceRecord, StateAt } from "#app/vault/index.ts";
import { record, SCRATCH, type TestVault } from "#tests/support/vault-kit.ts";

export const LATER = new Date("2999-01-01T00:00:00.000Z");

export function customer(n: number, version: string, children = 1): SourceRecord[] {
  const id = `gid://shopify/Customer/${n}`;
  return [
    record("Customer", id, JSON.stringify({ id, firstName: "SYNTHETIC", note: version })),
    ...Array.from({ length: children }, (_, i) => {
      const child = `gid://shopify/Metafield/${n}00${i}`;
      return record("Metafield", child, JSON.stringify({ id: child, value: `synthetic ${version}`, __parentId: id }), id);
    }),
  ];
}

export function upsert(kit: TestVault, records: readonly SourceRecord[], at = kit.clock.now()): JournalChange {
  const root = records[0] as SourceRecord;
  return { change: "upsert", kind: root.kind, id: root.id, occurredAt: at, receivedAt: at, fetchedAt: at, records };
}

export async function writerOn(kit: TestVault, store: ObjectStore, known?: JournalHead | null, keyLifeMs?: number): Promise<JournalWriter> {
  return openJournalWriter({ store, description: kit.vault.description, hostKeys: kit.hostKeys, clock: kit.clock, random: kit.random, ...(known === undefined ? {} : { known }), ...(keyLifeMs === undefined ? {} : { keyLifeMs }), orderedKinds: new Set(["LineItem"]) });
}

export function stateOf(kit: TestVault, store: ObjectStore, at = LATER, onFault?: (object: string, fault: string) => void): Promise<StateAt> {
  return stateAt({ store, description: kit.vault.description, indexKey: kit.hostKeys.indexKey, keys: contentKeys(store, kit.identity.opener), at, scratchDirectory: SCRATCH, ...(onFault === undefined ? {} : { onFault }) });
}

/** Lines by kind, parent and id, sorted: two shops are the same when these are. */
export async function allOf(state: StateAt): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of state.records()) for (const { kind, id, parentId, bytes } of batch) lines.push(`${kind} ${parentId ?? "-"} ${id} ${Buffer.from(bytes).toString("utf8")}`);
  return lines.sort();
}

export function linesOf(records: readonly SourceRecord[]): string[] {
  return records.map(({ kind, id, parentId, bytes }) => `${kind} ${parentId ?? "-"} ${id} ${Buffer.from(bytes).toString("utf8")}`).sort();
}
