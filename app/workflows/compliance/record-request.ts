/**
 * Keeps a privacy request of the platform (customers/data_request, customers/redact, shop/redact) with its 30-day clock. Idempotent by delivery.
 * The ledger's entry names the request and its dates, never the person.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { ComplianceTopic, Ports } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";

/** Shopify: act within 30 days of receipt (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance). */
const DUE_MS = 30 * 24 * 3_600_000;

export type RecordedRequest =
  | { readonly kind: "recorded"; readonly dueAt: Date; /** False: there is no vault yet, or its storage does not answer. */ readonly entered: boolean }
  | { readonly kind: "already-known" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function recordRequest(
  ports: Pick<Ports, "compliance" | "links" | "stores" | "signer" | "clock" | "log">,
  o: { readonly actor: Actor; readonly shop: string; readonly deliveryId: string; readonly topic: ComplianceTopic; readonly customerId: string | null; readonly orderIds: readonly string[] },
): Promise<RecordedRequest> {
  const { shop, topic } = o;
  const decision = mayRequest("compliance.record", o.actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  const receivedAt = ports.clock.now();
  const dueAt = new Date(receivedAt.getTime() + DUE_MS);
  const isNew = await ports.compliance.add({ id: o.deliveryId, shop, topic, customerId: o.customerId, orderIds: o.orderIds, receivedAt, dueAt });
  if (!isNew) return { kind: "already-known" };
  ports.log.info("compliance.received", { shop, topic, request: o.deliveryId });
  const entered = await enter(ports, shop, { actor: actorName(o.actor), subject: { shop, request: o.deliveryId, topic, dueAt: dueAt.toISOString() } });
  return { kind: "recorded", dueAt, entered };
}

async function enter(ports: Pick<Ports, "links" | "stores" | "signer" | "clock">, shop: string, entry: { readonly actor: string; readonly subject: Record<string, string> }): Promise<boolean> {
  const link = await ports.links.get(shop);
  if (link === null) return false;
  try {
    const ledger = await vaultLedger(ports, link.vaultId, await ports.stores.open(link.storageUrl));
    await ledger.append([{ ...entry, action: "compliance.received", outcome: "done" }]);
    return true;
  } catch (error) {
    // The request itself is kept; a storage that is away must not make the platform send it again.
    if (failureOf(error) === null) throw error;
    return false;
  }
}
