/** One topic's route: a POST goes to the inbox, anything else is no webhook. */
import type { ActionFunctionArgs } from "@remix-run/node";
import type {} from "./app.ts";
import type { WebhookTopic } from "./webhooks.server.ts";

export function webhookRoute(topic: WebhookTopic): { action: (args: ActionFunctionArgs) => Promise<Response>; loader: () => Response } {
  return {
    action: ({ request, context }) => context.app.webhooks.receive(request, topic),
    // Without a loader Remix answers GET with 400 and a stack trace.
    loader: () => new Response(null, { status: 405, headers: { Allow: "POST" } }),
  };
}
