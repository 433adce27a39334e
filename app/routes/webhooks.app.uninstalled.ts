import { webhookRoute } from "#app/platform/webhook-route.server.ts";

const route = webhookRoute("app/uninstalled");
export const action = route.action;
export const loader = route.loader;
