/** Hands out a sealed package, and enters into the ledger that it was fetched, and by whom. */
import { actorName, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { withPermittedVault, type Failed, type ShopVaultPorts } from "../shared/with-permitted-vault.ts";

export type FetchedPackage = { readonly kind: "package"; readonly sealed: string } | { readonly kind: "none" } | Failed;

export function fetchPackage(ports: ShopVaultPorts & Pick<Ports, "compliance">, { shop, actor, requestId }: { readonly shop: string; readonly actor: Actor; readonly requestId: string }): Promise<FetchedPackage> {
  return withPermittedVault<FetchedPackage>(ports, { shop, actor, asked: "records.disclose" }, async ({ store, ledger, link }) => {
    const request = await ports.compliance.get(shop, requestId);
    if (request?.object == null || request.topic !== "customers/data_request") return { kind: "none" };
    const sealed = await store.get(request.object);
    if (sealed === null) return { kind: "none" };
    await ledger.append([{ actor: actorName(actor), action: "disclosure.fetched", subject: { vault: link.vaultId, shop, request: requestId, ...(request.digest === null ? {} : { package: request.digest }) }, outcome: "done" }]);
    return { kind: "package", sealed: Buffer.from(sealed).toString("utf8") };
  });
}
