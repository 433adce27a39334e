import { webhookRoute } from "#app/platform/webhook-route.server.ts";

const route = webhookRoute("customers/data_request");
export const action = route.action;
export const loader = route.loader;
