/** What the browser needs before a drill, from what the workflow prepared. Pure. */
import type { PreparedDrill } from "#app/workflows/drill/prepare-drill.ts";
import type { DrillNewModel, GeneralJwe } from "../models.ts";
import type { VaultKeysModel } from "../models/privacy.ts";

export function presentDrillKeys(prepared: PreparedDrill | null): Pick<DrillNewModel, "snapshot" | "problem"> {
  if (prepared === null || prepared.kind === "no-snapshot") return { snapshot: null };
  if (prepared.kind !== "ready") return { snapshot: null, problem: { code: prepared.code } };
  const sealedKeys = prepared.keys.map(({ keyId, jwe }) => ({ keyId, jwe: envelope(jwe) }));
  if (!sealedKeys.every(isWhole)) return { snapshot: null, problem: { code: "vault.damaged_object" } };
  return {
    snapshot: {
      snapshotId: prepared.snapshotId,
      takenAt: prepared.takenAt,
      records: prepared.records,
      recipientKeyIds: prepared.recipients,
      sealedKeys,
    },
  };
}

/** The same for work on the whole vault. Null: one of them is no JWE. */
export function presentVaultKeys({ recipients, keys }: { readonly recipients: readonly string[]; readonly keys: readonly { readonly keyId: string; readonly jwe: string }[] }): VaultKeysModel | null {
  const sealedKeys = keys.map(({ keyId, jwe }) => ({ keyId, jwe: envelope(jwe) }));
  return sealedKeys.every(isWhole) ? { recipientKeyIds: recipients, sealedKeys } : null;
}

/** Null: the object in the storage is no JWE. Whether it opens is seen in the browser. */
function envelope(text: string): GeneralJwe | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "recipients" in value && Array.isArray(value.recipients) ? (value as GeneralJwe) : null;
  } catch {
    return null;
  }
}

function isWhole(key: { keyId: string; jwe: GeneralJwe | null }): key is { keyId: string; jwe: GeneralJwe } {
  return key.jwe !== null;
}
