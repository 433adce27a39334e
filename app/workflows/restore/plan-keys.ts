/** Before planning or applying: whether what the shop has now is known, and which sealed keys the browser must unwrap with the identity that the person picks. */
import type { Action, Actor } from "#app/access/index.ts";
import { currentRecipients, journalOverlay, neededKeyIds, readRedactions, restoreKeyIds, wrappedContentKey, familyIndex, type SnapshotManifest } from "#app/vault/index.ts";
import type { Ports, RestorePlanRow, Run } from "../ports.ts";
import { askKeyService, type KeyService } from "../shared/key-service.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";
import { refusedRestore, type Refused, type RestoreAccessPorts } from "./access.ts";
import { isWide } from "./plan-candidates.ts";

export type PreparedRestore =
  | {
      readonly kind: "ready";
      /** "opens": the host's own key service does, and nobody need be asked for anything. The sealed keys are there all the same: whoever has an identity may use it. */
      readonly keyService: KeyService;
      readonly recipients: readonly string[];
      readonly keys: readonly { readonly keyId: string; readonly jwe: string }[];
    }
  /** The snapshot of what the shop has now is being taken. */
  | { readonly kind: "waiting"; readonly run: Run | null }
  /** That snapshot was not taken. */
  | { readonly kind: "failed"; readonly code: string }
  | Refused;

type PreparePorts = RestoreAccessPorts & Pick<Ports, "keyring" | "scratch" | "random" | "runs" | "unattended">;

/** `asked`: what the keys are for. `patienceMs`: how long the key service is waited for. */
export async function prepareRestore(ports: PreparePorts, { shop, actor, row, asked, patienceMs }: { readonly shop: string; readonly actor: Actor; readonly row: RestorePlanRow; readonly asked: Extract<Action, "restore.plan" | "restore.apply">; readonly patienceMs?: number }): Promise<PreparedRestore> {
  const refused = await refusedRestore(ports, asked, { shop, actor, planId: row.planId, target: row.target });
  if (refused !== null) return refused;
  return withShopVault(ports, shop, async ({ vault, store }): Promise<PreparedRestore> => {
    const { description, indexKey } = vault;
    const wide = needsSnapshot(row);
    const before = wide ? beforeOf(row, await vault.snapshots()) : null;
    if (wide && before === null) {
      const run = row.runId === null ? null : await ports.runs.get(row.runId);
      if (run !== null && (run.state === "failed" || run.state === "cancelled")) return { kind: "failed", code: run.code ?? "snapshot.failed" };
      return { kind: "waiting", run };
    }
    const recipients = (await currentRecipients(store, description)).map(({ keyId }) => keyId);
    const redactions = await readRedactions(store, description);
    const overlay = await journalOverlay({ store, description, indexKey, at: row.at });
    const ids = new Set<string>();
    const chosen = row.selection.scope === "records" || row.selection.scope === "field" ? row.selection.ids : null;
    if (chosen === null) {
      for (const manifest of [overlay.base, before]) if (manifest !== null) for (const id of await neededKeyIds(store, description, manifest)) ids.add(id);
      const packs = new Set([...overlay.roots.values()].flatMap(({ records }) => records.map(({ pack }) => pack)));
      for (const id of await restoreKeyIds(store, redactions, packs)) ids.add(id);
    } else {
      // A few records: the keys of the packs they lie in, and no others.
      const then = familyIndex({ store, description, indexKey }, { manifest: overlay.base, overlay });
      const packs = new Set<string>();
      for (const id of chosen) {
        const above = await then.rootsWith(id);
        const roots = above.length > 0 ? above : [await then.rootAbove(id)].filter((root) => root !== null);
        for (const root of roots) for (const { pack } of await then.family(root.kind, root.id)) packs.add(pack);
      }
      for (const id of await restoreKeyIds(store, redactions, packs)) ids.add(id);
    }
    const keys = await Promise.all([...ids].map(async (keyId) => ({ keyId, jwe: await wrappedContentKey(store, keyId) })));
    if (keys.some(({ jwe }) => jwe === null)) return { kind: "failed", code: "vault.missing_object" };
    const keyService = await askKeyService(ports, shop, keys[0]?.jwe ?? null, patienceMs);
    return { kind: "ready", keyService, recipients, keys: keys.map(({ keyId, jwe }) => ({ keyId, jwe: Buffer.from(jwe!).toString("utf8") })) };
  });
}

export function needsSnapshot({ selection, target }: Pick<RestorePlanRow, "selection" | "target">): boolean {
  return isWide(selection) && target.kind === "same-shop";
}

/** The snapshot that says what the shop has now: the one the plan has, or the oldest whole reading that began after the plan was asked for. */
export function beforeOf({ before, createdAt }: Pick<RestorePlanRow, "before" | "createdAt">, snapshots: readonly SnapshotManifest[]): SnapshotManifest | null {
  if (before !== null) return snapshots.find(({ snapshotId }) => snapshotId === before) ?? null;
  return [...snapshots].reverse().find(({ startedAt, gaps }) => startedAt >= createdAt.toISOString() && !gaps.some(({ reason }) => reason === "incremental")) ?? null;
}

