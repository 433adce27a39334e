import { webhookRoute } from "#app/platform/webhook-route.server.ts";

const route = webhookRoute("shop/redact");
export const action = route.action;
export const loader = route.loader;
