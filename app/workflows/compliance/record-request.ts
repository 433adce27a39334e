/**
 * Keeps a privacy request of the platform (customers/data_request, customers/redact, shop/redact) with its 30-day clock. Idempotent by delivery.
 * The ledger's entry names the request and its dates, never the person.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { ComplianceTopic, Ports } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";

/** Shopify: act within 30 days of receipt (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance). */
const DUE_MS = 30 * 24 * 3_600_000;

export type RecordedRequest =
  | { readonly kind: "recorded"; readonly dueAt: Date; /** False: there is no vault yet, or its storage does not answer and it goes in later. */ readonly entered: boolean }
  | { readonly kind: "already-known" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function recordRequest(
  ports: Pick<Ports, "compliance" | "links" | "stores" | "signer" | "outbox" | "clock" | "log">,
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
  const entered = await recordEvent(ports, shop, { actor: actorName(o.actor), action: "compliance.received", subject: { shop, request: o.deliveryId, topic, dueAt: dueAt.toISOString() }, outcome: "done" });
  return { kind: "recorded", dueAt, entered };
}
