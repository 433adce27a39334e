/** How messages about alerts leave this process. */
import type { AlertSenders } from "#app/workflows/ports.ts";
import type { Env } from "../env.server.ts";
import { smtpSender } from "../mail/smtp.ts";
import { webhookSender } from "../mail/webhook.ts";

export function alertSenders({ mail }: Pick<Env, "mail">): AlertSenders {
  return {
    canEmail: mail !== null,
    email: mail === null ? () => Promise.resolve({ kind: "failed", code: "delivery.no_channel", retry: "never" }) : smtpSender(mail),
    webhook: webhookSender(),
  };
}
