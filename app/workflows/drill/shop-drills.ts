/** What a shop's people may take away about its drills: the report of a period, and a drill's signed record as it is stored. Opens no record and takes no key. */
import { readDrillObjects, readVaultDescription } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { reportDrills, type DrillReport } from "./report.ts";

type ShopPorts = Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock">;

export type ShopDrillReport = { readonly kind: "report"; readonly report: DrillReport } | { readonly kind: "not-linked" } | { readonly kind: "failed"; readonly code: string };

export async function shopDrillReport(ports: ShopPorts, { shop, from, to }: { readonly shop: string; readonly from?: Date; readonly to?: Date }): Promise<ShopDrillReport> {
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked" };
  try {
    const store = await ports.stores.open(link.storageUrl, { shop });
    const description = await readVaultDescription(store);
    const ledger = await vaultLedger(ports, link.vaultId, store);
    return { kind: "report", report: await reportDrills({ store, description, ledger, now: ports.clock.now(), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { kind: "failed", code: failure.code };
  }
}

/** The envelopes of one drill: its result, then whoever answered for it, as stored. Null: there is no such drill. */
export async function drillEnvelopes(ports: ShopPorts, { shop, drillId }: { readonly shop: string; readonly drillId: string }): Promise<readonly { readonly object: string; readonly text: string }[] | null> {
  const link = await ports.links.get(shop);
  if (link === null) return null;
  const store = await ports.stores.open(link.storageUrl, { shop });
  const { results, certifications } = await readDrillObjects(store, await readVaultDescription(store), { drillId });
  if (!results.some(({ statement }) => statement.predicate["shop"] === shop)) return null;
  return [...results, ...certifications].map(({ object, bytes }) => ({ object, text: Buffer.from(bytes).toString("utf8") }));
}
