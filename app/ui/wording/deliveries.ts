/** What became of a message, and what is wrong with a setting, in words. */
import type { AlertDelivery, DeliveryCode } from "#app/workflows/ports/alerts.ts";

export const DELIVERY_WORDS: Record<DeliveryCode, { readonly happened: string; readonly todo: string }> = {
  "delivery.no_channel": { happened: "There was no way to send it.", todo: "This host has no mail server, or nobody is set down for this level. Ask whoever runs the app, or use a webhook." },
  "delivery.bad_address": { happened: "The webhook's address may not be called.", todo: "Use an https address that everybody can reach, as Slack gives it." },
  "delivery.unreachable": { happened: "The other side could not be reached.", todo: "It is tried again by itself. See that the service is up." },
  "delivery.refused": { happened: "The other side did not take it.", todo: "See that the webhook still exists, or that the mail server takes mail from this host." },
  "delivery.busy": { happened: "The other side is busy.", todo: "It is tried again by itself." },
  "delivery.failed": { happened: "Holdfast failed while it sent this.", todo: "It is tried again by itself for seven hours. If it ends as not delivered, send the code to support." },
};

export function deliveryWords(code: string): { readonly happened: string; readonly todo: string } {
  return (DELIVERY_WORDS as Record<string, { happened: string; todo: string } | undefined>)[code] ?? { happened: `It failed (${code}).`, todo: "Send a test. If it fails again, send the code to support." };
}

export const DELIVERY_STATE_WORD: Record<AlertDelivery["state"], string> = { waiting: "Waiting", sent: "Sent", failed: "Not delivered", unneeded: "Not needed any more" };
export const CHANNEL_WORD: Record<AlertDelivery["channel"], string> = { email: "E-mail", webhook: "Webhook" };
export const REASON_WORD: Record<AlertDelivery["reason"], string> = { opened: "New", escalated: "Not acknowledged", test: "Test" };

/** Per code of workflows/alerts/settings.ts. */
export const FIELD_WORDS: Record<string, string> = {
  bad_email: "One of these is not an e-mail address.",
  too_many: "At most 10 addresses.",
  bad_webhook: "Write the whole https:// address, as Slack gives it.",
  bad_minutes: "From 1 to 1,440 minutes.",
};

export function fieldWords(code: string): string {
  return FIELD_WORDS[code] ?? "This cannot be saved as it is.";
}
