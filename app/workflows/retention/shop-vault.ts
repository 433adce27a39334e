/** Work on a shop's vault that takes the host's keys and nothing else, from opening to closing. */
import { mayRequest, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ledger } from "#app/ledger/index.ts";
import type { Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault, type ShopVault } from "../shared/open-shop-vault.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";

export type ShopVaultPorts = Pick<Ports, "links" | "keyring" | "stores" | "signer" | "outbox" | "scratch" | "clock" | "random" | "log">;

export type Failed = { readonly kind: "refused"; readonly code: AccessRefusal } | { readonly kind: "failed"; readonly code: string };

export interface OpenedShopVault extends ShopVault {
  readonly ledger: Ledger;
  readonly scratchDirectory: string;
}

/** `asked` null: whoever may see the screen may see this. */
export async function withShopVault<T>(ports: ShopVaultPorts, { shop, actor, asked }: { readonly shop: string; readonly actor: Actor; readonly asked: Action | null }, work: (opened: OpenedShopVault) => Promise<T>): Promise<T | Failed> {
  if (asked !== null) {
    const decision = mayRequest(asked, actor, shop);
    if (!decision.allowed) {
      await recordRefusal(ports, { shop, actor, asked, code: decision.code });
      return { kind: "refused", code: decision.code };
    }
  }
  const scratch = await ports.scratch.open();
  try {
    const opened = await openShopVault(ports, shop, scratch.directory);
    return await work({ ...opened, ledger: await vaultLedger(ports, opened.link.vaultId, opened.store), scratchDirectory: scratch.directory });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "failed", code: failure.code };
  } finally {
    await scratch.remove();
  }
}
