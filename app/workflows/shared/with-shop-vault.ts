/** Work on a shop's vault as the host, from opening to closing: what fails in a way that a person can be told of is a value. */
import type { Ports } from "../ports.ts";
import { failureOf } from "./failure.ts";
import { openShopVault, type ShopVault } from "./open-shop-vault.ts";

export interface OpenedShopVault extends ShopVault {
  /** Gone when the work is over. */
  readonly scratchDirectory: string;
}

export interface FailedWork {
  readonly kind: "failed";
  readonly code: string;
}

/** Throws only what is nobody's expectation. */
export async function withShopVault<T>(ports: Pick<Ports, "links" | "keyring" | "stores" | "scratch" | "clock" | "random">, shop: string, work: (opened: OpenedShopVault) => Promise<T>): Promise<T | FailedWork> {
  const scratch = await ports.scratch.open();
  try {
    return await work({ ...(await openShopVault(ports, shop, scratch.directory)), scratchDirectory: scratch.directory });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "failed", code: failure.code };
  } finally {
    await scratch.remove();
  }
}
