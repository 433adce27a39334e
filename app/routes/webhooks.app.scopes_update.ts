import { webhookRoute } from "#app/platform/webhook-route.server.ts";

const route = webhookRoute("app/scopes_update");
export const action = route.action;
export const loader = route.loader;
