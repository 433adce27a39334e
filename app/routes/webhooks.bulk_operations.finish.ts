import { webhookRoute } from "#app/platform/webhook-route.server.ts";

const route = webhookRoute("bulk_operations/finish");
export const action = route.action;
export const loader = route.loader;
