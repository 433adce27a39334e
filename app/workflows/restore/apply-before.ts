/**
 * Where no snapshot was taken before (a few chosen records), what the shop has of them is sealed into the journal before anything is written: a restore
 * can be undone like anything else.
 */
import type { ChangesOf } from "#app/sources/port.ts";
import { openJournalWriter, putRestoreObject, restoreObjectNames, VaultError, type HostKeys, type JournalChange, type ObjectStore, type RestoreKeeper, type Vault } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";

export interface KeepBefore {
  readonly ports: Pick<Ports, "clock" | "random">;
  /** Kinds whose records keep the order of arrival. */
  readonly orderedKinds: ReadonlySet<string>;
  readonly shop: string;
  readonly vault: Vault;
  readonly hostKeys: HostKeys;
  readonly store: ObjectStore;
  readonly planId: string;
  readonly keeper: RestoreKeeper;
  readonly changes: ChangesOf;
  readonly kinds: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

const SEGMENT_BYTES = 8 * 1024 * 1024;
const SEGMENT_CHANGES = 1_000;
/** The process that captures changes writes the same journal. */
const ATTEMPTS = 20;
/** Says that it was done: by then the shop may hold what this restore wrote. */
const KEPT = "before";

export async function keepBefore(o: KeepBefore): Promise<void> {
  if ((await restoreObjectNames(o.store, o.planId, KEPT)).includes(KEPT)) return;
  let changes: JournalChange[] = [];
  let bytes = 0;
  let families = 0;
  for await (const { now } of o.changes(o.kinds)) {
    o.signal.throwIfAborted();
    const root = now?.[0];
    if (now === null || root === undefined) continue;
    const at = o.ports.clock.now();
    changes.push({ change: "upsert", kind: root.kind, id: root.id, occurredAt: at, receivedAt: at, fetchedAt: at, records: now });
    families++;
    for (const record of now) bytes += record.bytes.length;
    if (bytes < SEGMENT_BYTES && changes.length < SEGMENT_CHANGES) continue;
    await append(o, changes);
    changes = [];
    bytes = 0;
  }
  if (changes.length > 0) await append(o, changes);
  if (!(await putRestoreObject(o.keeper, o.planId, KEPT, Buffer.from(JSON.stringify({ format: 1, families }))))) throw new RunFailed("restore.contended", "another process carries out this plan");
}

async function append({ ports, vault, hostKeys, store, orderedKinds }: KeepBefore, changes: readonly JournalChange[]): Promise<void> {
  const { clock, random } = ports;
  for (let attempt = 1; ; attempt++) {
    const writer = await openJournalWriter({ store, description: vault.description, hostKeys, clock, random, orderedKinds });
    try {
      await writer.append(changes);
      return;
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.journal_contended" || attempt >= ATTEMPTS) throw error;
    } finally {
      writer.close();
    }
  }
}
