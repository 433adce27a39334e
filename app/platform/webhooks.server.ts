/** The platform's webhooks: verified, answered within milliseconds, each delivery's effect kept once. */

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
