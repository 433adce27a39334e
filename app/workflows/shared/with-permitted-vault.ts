/** Work on a shop's vault that takes the host's keys and nothing else, by somebody who may ask for it, with the ledger at hand. */
import { actorName, mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ledger } from "#app/ledger/index.ts";
import type { Ports } from "../ports.ts";
import { recordRefusal } from "./record-refusal.ts";
import { vaultLedger } from "./vault-ledger.ts";
import { withShopVault, type FailedWork, type OpenedShopVault } from "./with-shop-vault.ts";

export type ShopVaultPorts = Pick<Ports, "links" | "keyring" | "stores" | "signer" | "outbox" | "scratch" | "clock" | "random" | "log" | "responseTeam" | "refusals">;

export type Failed = { readonly kind: "refused"; readonly code: AccessRefusal } | FailedWork;

export interface OpenedWithLedger extends OpenedShopVault {
  readonly ledger: Ledger;
}

/** `asked` null: whoever may see the screen may see this. */
export async function withPermittedVault<T>(ports: ShopVaultPorts, { shop, actor, asked }: { readonly shop: string; readonly actor: Actor; readonly asked: Action | null }, work: (opened: OpenedWithLedger) => Promise<T>): Promise<T | Failed> {
  if (asked !== null) {
    const decision = mayRequest(asked, actor, shop, { roles: (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [] });
    if (!decision.allowed) {
      await recordRefusal(ports, { shop, actor, asked, code: decision.code });
      return { kind: "refused", code: decision.code };
    }
  }
  return await withShopVault(ports, shop, async (opened) => await work({ ...opened, ledger: await vaultLedger(ports, opened.link.vaultId, opened.store) }));
}
