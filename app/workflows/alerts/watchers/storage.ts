/** Whether the storage answers, and the vault is where it was: one small read. */
import { StoreError } from "#app/vault/index.ts";
import { failureOf } from "../../shared/failure.ts";
import { vaultIsThere } from "../../shared/vault-is-there.ts";
import type { Watched, WatchContext, WatchPorts } from "../watch.ts";

/** A store has its own patience with each call; this is how long a look may take in all. */
const WITHIN_MS = 20_000;
/** One look that fails may be a moment's trouble of the network; after this it is not. */
export const STILL_AWAY_MS = 110_000;

export async function watchStorage(ports: Pick<WatchPorts, "clock" | "links" | "stores">, { shop, unresolved }: WatchContext): Promise<Watched | null> {
  const link = await ports.links.get(shop);
  if (link === null) return null;
  const codes = ["alert.storage_unreachable"] as const;
  const asOf = ports.clock.now();
  const cause = await trouble(ports, link);
  if (cause === null) return { codes, findings: [], asOf };
  const known = unresolved.find(({ code }) => code === codes[0]);
  const still = known !== undefined && asOf.getTime() - known.firstSeen.getTime() >= STILL_AWAY_MS;
  return { codes, findings: [{ code: codes[0], subject: "storage", severity: still || cause.startsWith("vault.") ? "critical" : "warning", facts: { cause } }], asOf };
}

async function trouble({ stores }: Pick<WatchPorts, "stores">, { shop, storageUrl, vaultId }: { readonly shop: string; readonly storageUrl: string; readonly vaultId: string }): Promise<string | null> {
  try {
    return (await within(WITHIN_MS, stores.open(storageUrl, { shop }).then((store) => vaultIsThere(store, vaultId)))) ? null : "vault.not_found";
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return failure.code;
  }
}

/** Throws store.unreachable when it takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreError("store.unreachable", "the storage did not answer in time", { retry: "later" })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
