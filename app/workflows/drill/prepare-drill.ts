/** Before a drill: which snapshot, and which sealed keys the browser must unwrap with the identity that the person picks. */
import type { AccessRefusal, Actor } from "#app/access/index.ts";
import { currentRecipients, neededKeyIds, wrappedContentKey } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";
import { refusedDrill, type DrillAccessPorts } from "./access.ts";

export type PreparedDrill =
  | {
      readonly kind: "ready";
      readonly snapshotId: string;
      readonly takenAt: string;
      readonly records: number;
      /** Thumbprints of the keys that can open it, to tell a person at once that an identity file is another one's. */
      readonly recipients: readonly string[];
      /** JWE in General JSON serialization (RFC 7516): each opens to 32 bytes that the run needs. */
      readonly keys: readonly { readonly keyId: string; readonly jwe: string }[];
    }
  | { readonly kind: "no-snapshot" }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "failed"; readonly code: string };

export async function prepareDrill(
  ports: Pick<Ports, "keyring" | "scratch" | "random"> & DrillAccessPorts,
  { shop, actor, snapshot = "latest" }: { readonly shop: string; readonly actor: Actor; readonly snapshot?: string },
): Promise<PreparedDrill> {
  const refused = await refusedDrill(ports, "drill.run", { shop, actor });
  if (refused !== null) return refused;
  const prepared = await withShopVault(ports, shop, async ({ vault, store }): Promise<PreparedDrill> => {
    const manifest = await vault.resolve(snapshot);
    const keys = await Promise.all(
      (await neededKeyIds(store, vault.description, manifest)).map(async (keyId) => {
        const jwe = await wrappedContentKey(store, keyId);
        return jwe === null ? null : { keyId, jwe: Buffer.from(jwe).toString("utf8") };
      }),
    );
    if (keys.includes(null)) return { kind: "failed", code: "vault.missing_object" };
    return {
      kind: "ready",
      snapshotId: manifest.snapshotId,
      takenAt: manifest.takenAt,
      records: manifest.records,
      recipients: (await currentRecipients(store, vault.description)).map(({ keyId }) => keyId),
      keys: keys.filter((key) => key !== null),
    };
  });
  return prepared.kind === "failed" && prepared.code === "vault.no_such_snapshot" ? { kind: "no-snapshot" } : prepared;
}
