/** What capture does when a webhook comes: the family as the source has it goes into the journal. */
import { openJournalWriter, type JournalChange } from "#app/vault/index.ts";
import { familyOf, vaultOf, type PlanWorld } from "./world.ts";

export async function captured(world: PlanWorld, roots: readonly { readonly kind: string; readonly id: string }[]): Promise<void> {
  const { ports, store, source } = world;
  const [hostKeys] = ports.hostKeys.values();
  const { description } = await vaultOf(world);
  ports.time.advance(1000);
  const writer = await openJournalWriter({ store, description, hostKeys: hostKeys!, clock: ports.clock, random: ports.random });
  const now = ports.clock.now();
  const changes = roots.map(({ kind, id }): JournalChange => {
    const records = familyOf(source.records, kind, id);
    const times = { kind, id, occurredAt: null, receivedAt: now, fetchedAt: now };
    return records === null ? { ...times, change: "tombstone", last: [] } : { ...times, change: "upsert", records };
  });
  await writer.append(changes);
}
