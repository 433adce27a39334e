/** Tests a shop's storage thoroughly, in a folder of its own that is removed again, and enters into the ledger that it was done and how it ended. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, StorageReport, StorageTests } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";

export type TestedStorage =
  | { readonly kind: "tested"; readonly report: StorageReport }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-linked" }
  /** It could not be reached or used at all. */
  | { readonly kind: "storage-refused"; readonly code: string };

export async function testStorage(
  ports: Pick<Ports, "links" | "stores" | "signer" | "clock" | "outbox" | "log">,
  tests: StorageTests,
  { shop, actor }: { readonly shop: string; readonly actor: Actor },
): Promise<TestedStorage> {
  // Whoever may have the vault verified may have its storage tested: neither changes anything that stays.
  const decision = mayRequest("vault.verify", actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked" };
  try {
    const report = await tests.test(link.storageUrl, { shop });
    const ledger = await vaultLedger(ports, link.vaultId, await ports.stores.open(link.storageUrl, { shop }));
    const { store, passed, failed, usable } = report;
    await ledger.append([{ actor: actorName(actor), action: "storage.tested", subject: { vault: link.vaultId, shop, store, passed, failed }, outcome: usable ? "done" : "failed" }]);
    ports.log.info("storage.tested", { shop, vault: link.vaultId, usable, failed });
    return { kind: "tested", report };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || !failure.code.startsWith("store.")) throw error;
    return { kind: "storage-refused", code: failure.code };
  }
}
