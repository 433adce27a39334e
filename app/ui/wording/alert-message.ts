/** A message about alerts, for e-mail and for Slack-compatible webhooks. Names of the store, of streams and times; no records, no tokens. */
import type { Alert, AlertMessage, AlertDeliveryReason } from "#app/workflows/ports/alerts.ts";
import { alertScreen, alertText, SEVERITY_WORD } from "./alerts.ts";
import { count } from "./numbers.ts";
import { exact } from "./time.ts";

export interface ToldAlerts {
  readonly shop: string;
  readonly reason: AlertDeliveryReason;
  readonly level: number;
  readonly alerts: readonly Alert[];
  readonly now: Date;
  /** From a path of the app to an address that opens it in the admin. */
  readonly link: (path: string) => string;
}

/** Named in full; the rest as a number. Slack takes 50 blocks a message. */
const IN_FULL = 10;
const ORDER = { critical: 0, warning: 1 } as const;

export function alertMessage({ shop, reason, level, alerts, now, link }: ToldAlerts): AlertMessage {
  if (reason === "test") return testMessage(shop, now, link);
  const sorted = [...alerts].sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.firstSeen.getTime() - b.firstSeen.getTime());
  const [first] = sorted;
  const escalated = reason === "escalated" ? `Nobody has acknowledged ${sorted.length === 1 ? "this" : "these"} yet, so it goes to level ${level + 1}. ` : "";
  const title = first === undefined ? "Alerts" : sorted.length === 1 ? alertText(first).title : `${count(sorted.length, "alert")}: ${alertText(first).title} and more`;
  const subject = `[Holdfast] ${first?.severity === "critical" ? "Critical: " : ""}${title} (${shop})`;
  const shown = sorted.slice(0, IN_FULL);
  const rest = sorted.length - shown.length;
  const more = rest > 0 ? `${count(rest, "more alert")} in the list.` : "";
  const list = link("/app/alerts");
  return {
    subject,
    text: [
      `${escalated}Store: ${shop}`,
      ...shown.map((alert) => paragraph(alert, link)),
      ...(more === "" ? [] : [more]),
      `Acknowledge in the app: ${list}`,
      "This message holds no customer data. You can change who gets it under Settings, Alerts.",
    ].join("\n\n"),
    slack: {
      text: subject,
      blocks: [
        { type: "header", text: { type: "plain_text", text: clip(title, 150) } },
        { type: "context", elements: [{ type: "plain_text", text: `${escalated}${shop}` }] },
        ...shown.map((alert) => ({ type: "section", text: { type: "mrkdwn", text: clip(markdown(alert, link), 2900) } })),
        ...(more === "" ? [] : [{ type: "context", elements: [{ type: "plain_text", text: more }] }]),
        { type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Open the alerts" }, url: list }] },
      ],
    },
  };
}

function paragraph(alert: Alert, link: ToldAlerts["link"]): string {
  const { title, happened, meaning, todo } = alertText(alert);
  return [`${SEVERITY_WORD[alert.severity]}: ${title}`, happened, `What it means: ${meaning}`, `What to do: ${todo}`, `Since ${exact(alert.firstSeen.toISOString(), "UTC")}. ${link(`/app/alerts/${alert.id}`)}`, `${alertScreen(alert).label}: ${link(alertScreen(alert).path)}`].join("\n");
}

function markdown(alert: Alert, link: ToldAlerts["link"]): string {
  const { title, happened, meaning, todo } = alertText(alert);
  return [`*${SEVERITY_WORD[alert.severity]}: ${escape(title)}*`, escape(happened), `*What it means:* ${escape(meaning)}`, `*What to do:* ${escape(todo)}`, `<${link(`/app/alerts/${alert.id}`)}|Acknowledge>`].join("\n");
}

function testMessage(shop: string, now: Date, link: ToldAlerts["link"]): AlertMessage {
  const subject = `[Holdfast] Test: alerts of ${shop} arrive here`;
  const said = `Somebody pressed "Send a test" on ${exact(now.toISOString(), "UTC")}. Nothing is wrong. Alerts of this store will arrive here.`;
  return {
    subject,
    text: [`Store: ${shop}`, said, `The alerts: ${link("/app/alerts")}`].join("\n\n"),
    slack: { text: subject, blocks: [{ type: "section", text: { type: "mrkdwn", text: `*${escape(subject)}*\n${escape(said)}` } }] },
  };
}

/** Slack reads these three as markup (https://docs.slack.dev/messaging/formatting-message-text). */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
