/** Before work on the whole vault with somebody's identity: the sealed keys that the browser must unwrap, and to whom they are sealed. */
import { actorName, mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import { currentRecipients, wrappedContentKeys } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";

/** More than a browser should be sent; a vault of so many runs is worked on from the command line. */
const MOST_KEYS = 5_000;

export type PreparedCustody =
  | {
      readonly kind: "ready";
      readonly snapshots: number;
      /** Thumbprints of the keys that can open it. */
      readonly recipients: readonly string[];
      /** JWE in General JSON serialization (RFC 7516): each opens to 32 bytes that the run needs. */
      readonly keys: readonly { readonly keyId: string; readonly jwe: string }[];
    }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "failed"; readonly code: string };

export async function prepareCustody(
  ports: Pick<Ports, "keyring" | "scratch" | "random" | "responseTeam"> & RefusalPorts,
  { shop, actor, action }: { readonly shop: string; readonly actor: Actor; readonly action: Extract<Action, "records.erase" | "records.disclose" | "keys.rotate"> },
): Promise<PreparedCustody> {
  const decision = mayRequest(action, actor, shop, { roles: (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [] });
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: action, code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  return await withShopVault(ports, shop, async ({ vault, store }): Promise<PreparedCustody> => {
    const [keys, snapshots, recipients] = await Promise.all([wrappedContentKeys(store, { all: action === "keys.rotate" }), vault.snapshots(), currentRecipients(store, vault.description)]);
    if (keys.size > MOST_KEYS) return { kind: "failed", code: "custody.too_many_keys" };
    return {
      kind: "ready",
      snapshots: snapshots.length,
      recipients: recipients.map(({ keyId }) => keyId),
      keys: [...keys].map(([keyId, jwe]) => ({ keyId, jwe: Buffer.from(jwe).toString("utf8") })),
    };
  });
}
