/** New credentials for a shop's storage: tried out on it first, kept only when they work, and entered into the ledger without saying what they are. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, StorageCredential } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { vaultIsThere } from "../shared/vault-is-there.ts";
import { checkStorage } from "./check-storage.ts";

export type ChangedCredentials =
  | { readonly kind: "changed" }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-linked"; readonly code: "storage.not_linked" }
  /** They do not work there, or there is another vault behind them. Those that were kept stay. */
  | { readonly kind: "storage-refused"; readonly code: string };

export async function changeCredentials(
  ports: Pick<Ports, "links" | "stores" | "credentials" | "signer" | "outbox" | "clock" | "random" | "log">,
  { shop, actor, credential }: { readonly shop: string; readonly actor: Actor; readonly credential: StorageCredential },
): Promise<ChangedCredentials> {
  const decision = mayRequest("storage.credentials", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "storage.credentials", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked", code: "storage.not_linked" };
  try {
    const store = await ports.stores.open(link.storageUrl, { shop, credential });
    const check = await checkStorage(store, ports.random);
    if (!check.ok) return { kind: "storage-refused", code: check.code };
    if (!(await vaultIsThere(store, link.vaultId))) return { kind: "storage-refused", code: "vault.not_found" };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "storage-refused", code: failure.code };
  }
  await ports.credentials.save(shop, link.storageUrl, credential);
  await recordEvent(ports, shop, { actor: actorName(actor), action: "storage.credentials_changed", subject: { vault: link.vaultId, shop, store: credential.kind }, outcome: "done" });
  ports.log.info("storage.credentials_changed", { shop, store: credential.kind });
  return { kind: "changed" };
}
