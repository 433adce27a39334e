/** What Flow is given back for a run that has ended. Null: it did not come to a result. */
import type { Catalog, FlowAction, Run } from "../ports.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "../verify/codes.ts";
import type { FlowActionName, ReturnOf } from "./actions.ts";

export interface ResultPorts {
  readonly catalog: Pick<Catalog, "snapshot" | "drill">;
  readonly link: (shop: string, path: string) => string;
}

export async function resultOf({ catalog, link }: ResultPorts, { action }: Pick<FlowAction, "action">, { id, shop, state, code, result, finishedAt }: Run): Promise<ReturnOf<FlowActionName> | null> {
  switch (action) {
    case "take-snapshot": {
      const snapshot = state === "succeeded" && result !== null ? await catalog.snapshot(shop, result) : null;
      if (snapshot === null) return null;
      const { snapshotId, takenAt, complete, records, gapCount: gaps } = snapshot;
      return { snapshotId, takenAt: takenAt.toISOString(), complete, records, gaps, page: link(shop, `/app/snapshots/${snapshotId}`) } satisfies ReturnOf<"take-snapshot">;
    }
    case "verify-vault": {
      // Damage that was found is a result; a storage that did not answer is none.
      if (code !== VAULT_SOUND && code !== VAULT_FINDINGS) return null;
      return { sound: code === VAULT_SOUND, verifiedAt: finishedAt?.toISOString() ?? "", page: link(shop, `/app/runs?run=${id}`) } satisfies ReturnOf<"verify-vault">;
    }
    case "run-drill": {
      const drill = await catalog.drill(shop, result ?? id);
      if (drill === null) return null;
      const { drillId, passed, compared, rtoMs } = drill;
      return { drillId, passed, code: drill.code, compared, restoreSeconds: Math.round(rtoMs / 100) / 10, page: link(shop, `/app/drills/${drillId}`) } satisfies ReturnOf<"run-drill">;
    }
    default:
      return null;
  }
}
