/** A step of a workflow in Shopify Flow asks for something. What it is about stands in the signed body. */
import type { ActionFunctionArgs } from "@remix-run/node";
import type {} from "#app/platform/app.ts";

export const action = ({ request, params, context }: ActionFunctionArgs): Promise<Response> => context.app.flow.inbox.action(request, params["handle"] ?? "");
// Without a loader Remix answers GET with 400 and a stack trace.
export const loader = (): Response => new Response(null, { status: 405, headers: { Allow: "POST" } });
