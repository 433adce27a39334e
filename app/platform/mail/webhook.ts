/**
 * Posts a message to a Slack-compatible incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks): JSON {text, blocks} by https.
 *
 * A merchant names the address and this host calls it, so the host must not become a way into its own network: only https, only public addresses, looked at when the
 * connection is made (a name may lead elsewhere a second time), no redirect is followed, nothing of the answer is shown but its status, and it is not waited for long.
 */
import { Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import type { AlertMessage, DeliveryOutcome } from "#app/workflows/ports.ts";
import { literalAddress, PrivateAddressError, publicLookup, type Lookup } from "../http/public-address.ts";

export interface WebhookOptions {
  /** Tests post to this machine. Never in production. */
  readonly allowPrivate?: boolean;
  /** Trusted besides the system's: tests. */
  readonly ca?: string;
  readonly timeoutMs?: number;
  readonly lookup?: Lookup;
}

const TIMEOUT_MS = 10_000;
/** "ok", or a short reason. More is not read. */
const MOST_ANSWER = 16 * 1024;

export function webhookSender({ allowPrivate = false, ca, timeoutMs = TIMEOUT_MS, lookup }: WebhookOptions = {}): (url: string, message: AlertMessage) => Promise<DeliveryOutcome> {
  const guarded = allowPrivate ? lookup : publicLookup(lookup);
  return (text, message) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return Promise.resolve(bad);
    if (!allowPrivate && literalAddress(url.hostname) !== null) return Promise.resolve(bad);
    const agent = new Agent({ keepAlive: false, ...(guarded === undefined ? {} : { lookup: guarded as LookupFunction }), ...(ca === undefined ? {} : { ca }) });
    return post(url, agent, JSON.stringify({ text: message.slack.text, blocks: message.slack.blocks }), timeoutMs);
  };
}

const bad: DeliveryOutcome = { kind: "failed", code: "delivery.bad_address", retry: "never" };

function post(url: URL, agent: Agent, body: string, timeoutMs: number): Promise<DeliveryOutcome> {
  return new Promise((resolve) => {
    const asked = request(url, { method: "POST", agent, signal: AbortSignal.timeout(timeoutMs), headers: { "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(body), "User-Agent": "Holdfast" } }, (answer) => {
      let read = 0;
      answer.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read > MOST_ANSWER) asked.destroy();
      });
      // Whatever follows, the status has been said.
      answer.on("error", () => undefined);
      resolve(outcomeOf(answer.statusCode ?? 0));
    });
    asked.on("error", (error) => {
      resolve(error instanceof PrivateAddressError ? bad : { kind: "failed", code: "delivery.unreachable", retry: "later" });
    });
    asked.end(body);
  });
}

function outcomeOf(status: number): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === 429 || status === 408) return { kind: "failed", code: "delivery.busy", retry: "later" };
  // Slack answers 400, 403, 404 and 410 for a hook that is gone; a redirect leads to a place nobody has looked at.
  return status >= 500 ? { kind: "failed", code: "delivery.unreachable", retry: "later" } : { kind: "failed", code: "delivery.refused", retry: "never" };
}
