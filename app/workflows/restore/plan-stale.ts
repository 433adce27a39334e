/** Whether a plan still says what is so: it grows old, and the shop moves on. From the journal and the newer snapshots' indexes alone; nothing is opened. */
import { familyIndex, journalOverlay, type RestoreReader, type Vault } from "#app/vault/index.ts";
import { stateDigest } from "./plan-conflicts.ts";
import { plannedFamilies } from "./plan-store.ts";
import type { RestorePlan } from "./plan-types.ts";

/** A plan is approved and carried out on the day it was made, or it is made anew. */
export const PLAN_LIVES_MS = 24 * 3_600_000;

export type Staleness = { readonly stale: false } | { readonly stale: true; readonly code: "restore.plan_too_old" | "restore.shop_moved_on"; readonly records: number };

/** Stops counting here: one is reason enough. */
const ENOUGH = 1000;

export async function stalenessOf(reader: RestoreReader, vault: Pick<Vault, "snapshots">, plan: RestorePlan, now: Date): Promise<Staleness> {
  if (now.getTime() - Date.parse(plan.plannedAt) > PLAN_LIVES_MS) return { stale: true, code: "restore.plan_too_old", records: 0 };
  if (plan.target.kind !== "same-shop") return { stale: false };
  const snapshots = await vault.snapshots();
  const before = plan.before === null ? null : (snapshots.find(({ snapshotId }) => snapshotId === plan.before) ?? null);
  const seenAt = before?.startedAt ?? plan.plannedAt;
  // The newest snapshot that was begun after what the plan rests on, and what the journal has over it: or the journal alone.
  const newest = snapshots.find(({ startedAt }) => startedAt > seenAt) ?? before;
  const overlay = await journalOverlay({ ...reader, at: now, ...(newest === null ? {} : { base: newest }) });
  const moved = newest !== null && newest !== before;
  const touched = new Set([...overlay.roots.values()].filter(({ fetchedAt }) => fetchedAt.toISOString() > seenAt).map(({ kind, id }) => `${kind}\0${id}`));
  if (!moved && touched.size === 0) return { stale: false };
  const index = familyIndex(reader, { manifest: newest, overlay });
  let records = 0;
  for await (const { kind, id, nowId = id, seen } of plannedFamilies(reader, plan)) {
    if (!moved && !touched.has(`${kind}\0${nowId}`)) continue;
    const family = await index.family(kind, nowId);
    if (stateDigest(family) !== (seen ?? stateDigest([])) && ++records >= ENOUGH) break;
  }
  return records > 0 ? { stale: true, code: "restore.shop_moved_on", records } : { stale: false };
}
