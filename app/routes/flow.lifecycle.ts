/** Shopify Flow tells which of our triggers a shop has workflows for. */
import type { ActionFunctionArgs } from "@remix-run/node";
import type {} from "#app/platform/app.ts";

export const action = ({ request, context }: ActionFunctionArgs): Promise<Response> => context.app.flow.inbox.lifecycle(request);
// Without a loader Remix answers GET with 400 and a stack trace.
export const loader = (): Response => new Response(null, { status: 405, headers: { Allow: "POST" } });
