/**
 * The platform's webhooks: verified, answered within milliseconds, each delivery's effect kept once. Nothing of a payload is kept but
 * numeric ids; names, e-mail addresses and phone numbers in it are not read.
 */
import { z } from "zod";
import type { PrismaClient } from "@prisma/client";
import { recordRequest } from "#app/workflows/compliance/record-request.ts";
import { recordScopesChanged } from "#app/workflows/setup/scopes-changed.ts";
import type { Clock, Ports } from "#app/workflows/ports.ts";
import type { Log } from "./log.ts";
import type { Shops } from "./shops.ts";
import type { ShopifyConnection, VerifiedWebhook } from "./shopify/connection.ts";

export const WEBHOOK_TOPICS = [
  "app/uninstalled",
  "app/scopes_update",
  "bulk_operations/finish",
  "customers/data_request",
  "customers/redact",
  "shop/redact",
] as const;
export type WebhookTopic = (typeof WEBHOOK_TOPICS)[number];

export interface WebhookInbox {
  /** The whole answer for one route: 200 kept (or kept before), 401 bad or missing signature, 405 not POST, 400 another topic than the route's. */
  receive(request: Request, topic: WebhookTopic): Promise<Response>;
}

export interface WebhookInboxOptions {
  readonly prisma: PrismaClient;
  readonly ports: Pick<Ports, "compliance" | "links" | "stores" | "signer" | "outbox" | "clock" | "log">;
  readonly log: Log;
  readonly shopify: Pick<ShopifyConnection, "verifyWebhook" | "forget">;
  readonly shops: Shops;
  /** A bulk operation of this shop ended: whoever waits for it may look now. */
  readonly bulkFinished: (shop: string) => void;
}

const KEEP_DELIVERIES_DAYS = 30;
const DAY_MS = 86_400_000;

export function webhookInbox(options: WebhookInboxOptions): WebhookInbox {
  const { prisma, log, shopify, ports: { clock } } = options;
  return {
    receive: async (request, topic) => {
      let webhook: VerifiedWebhook;
      try {
        webhook = await shopify.verifyWebhook(request);
      } catch (error) {
        if (error instanceof Response) return error;
        throw error;
      }
      if (webhook.topic !== topic) return new Response(null, { status: 400 });
      const { webhookId, eventId, shop } = webhook;
      if (await prisma.webhookDelivery.findUnique({ where: { webhookId } })) return new Response(null, { status: 200 });
      // First the effect, which is idempotent by itself, then the mark: a process that dies in between is sent the delivery again.
      await effect(options, topic, webhook);
      await prisma.webhookDelivery.createMany({ data: [{ webhookId, eventId, topic, shop, receivedAt: clock.now() }], skipDuplicates: true });
      log.info("webhook.received", { topic, shop });
      return new Response(null, { status: 200 });
    },
  };
}

/** Forgets deliveries that the platform no longer repeats. */
export async function forgetOldDeliveries(prisma: PrismaClient, clock: Clock): Promise<number> {
  const before = new Date(clock.now().getTime() - KEEP_DELIVERIES_DAYS * DAY_MS);
  return (await prisma.webhookDelivery.deleteMany({ where: { receivedAt: { lt: before } } })).count;
}

async function effect({ shops, shopify, ports, bulkFinished }: WebhookInboxOptions, topic: WebhookTopic, webhook: VerifiedWebhook): Promise<void> {
  const { shop, webhookId, payload } = webhook;
  switch (topic) {
    case "app/uninstalled":
      // Its tokens are void from now on.
      await shopify.forget(shop);
      await shops.uninstalled(shop);
      return;
    case "app/scopes_update": {
      const { previous, current } = ScopesUpdate.parse(payload);
      await recordScopesChanged(ports, { shop, previous: previous ?? (await shops.get(shop))?.scopes ?? current, current });
      await shops.scopesChanged(shop, current);
      return;
    }
    case "bulk_operations/finish":
      bulkFinished(shop);
      return;
    case "customers/data_request":
    case "customers/redact":
    case "shop/redact": {
      // Starts its 30-day clock. Nothing is erased or sent by this.
      await recordRequest(ports, { actor: { kind: "platform", shop }, shop, deliveryId: webhookId, topic, ...subjectOf(payload) });
      return;
    }
    default:
      topic satisfies never;
  }
}

const ScopesUpdate = z.object({ previous: z.array(z.string()).optional(), current: z.array(z.string()) });
const NumericId = z.union([z.number().int().nonnegative(), z.string().regex(/^\d+$/)]).transform(String);
const Subject = z.object({
  customer: z.object({ id: NumericId }).optional(),
  orders_requested: z.array(NumericId).optional(),
  orders_to_redact: z.array(NumericId).optional(),
});

/** Whom it is about, as numeric ids; shop/redact names nobody. */
function subjectOf(payload: unknown): { customerId: string | null; orderIds: string[] } {
  const { customer, orders_requested, orders_to_redact } = Subject.parse(payload);
  return { customerId: customer?.id ?? null, orderIds: orders_requested ?? orders_to_redact ?? [] };
}
