/** A webhook from the wire: its size bounded, its signature checked, its headers read. Nothing of the body is kept here. */
import { jsonOf, signedBody } from "../http/signed-body.ts";

export interface SignedWebhook {
  /** "customers/update". */
  readonly topic: string;
  readonly shop: string;
  readonly webhookId: string;
  readonly eventId: string | null;
  readonly triggeredAt: Date | null;
  /** The parsed body. */
  readonly payload: unknown;
}

/** Two megabytes: the app asks for ids and times only (include_fields), and the platform's largest payloads stay below a few hundred kB. */
export const MOST_BYTES = 2 * 1024 * 1024;

/** As the platform writes it; a rehearsal's shop answers on this machine. */
export const SHOP = /^[a-z0-9][a-z0-9-]{0,99}\.(?:myshopify\.com|myshopify\.io)$|^(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/;
const TOPIC = /^[a-z_]+(?:\/[a-z_]+)+$/;
/** Ids of deliveries and events: UUIDs today; whatever they are, they are short and plain. */
const ID = /^[A-Za-z0-9_.:-]{1,128}$/;

/** The request's signed content, or the answer it gets instead: 405 not POST, 413 too large, 401 no or a bad signature, 400 no webhook. */
export async function readWebhook(request: Request, secrets: readonly string[], allowShop: (shop: string) => boolean = (shop) => SHOP.test(shop)): Promise<SignedWebhook | Response> {
  const body = await signedBody(request, secrets, MOST_BYTES);
  if (body instanceof Response) return body;
  const { headers } = request;
  const header = (name: string): string | null => headers.get(`x-shopify-${name}`) ?? headers.get(`shopify-${name}`);
  const topic = (header("topic") ?? "").toLowerCase();
  const shop = (header("shop-domain") ?? "").toLowerCase();
  const webhookId = header("webhook-id") ?? "";
  const eventId = header("event-id");
  if (!TOPIC.test(topic) || !allowShop(shop) || !ID.test(webhookId) || (eventId !== null && !ID.test(eventId))) return new Response(null, { status: 400 });
  const payload = jsonOf(body);
  if (payload === undefined) return new Response(null, { status: 400 });
  return { topic, shop, webhookId, eventId, triggeredAt: dateOf(header("triggered-at")), payload };
}

/** Null: none, or no date of this age of the world. */
export function dateOf(text: unknown): Date | null {
  if (typeof text !== "string" || text.length > 40) return null;
  const time = Date.parse(text);
  return Number.isFinite(time) && time > 0 && time < 4_102_444_800_000 ? new Date(time) : null;
}
