/** The one door for all messages about changes: verified, told apart by topic, kept, answered. What a payload says beyond ids and times is dropped here. */
import type { CaptureEvent, Clock, Metrics } from "#app/workflows/ports.ts";
import type { Log } from "../log.ts";
import { IntakeFull, type CaptureIntake } from "./intake.ts";
import { readWebhook } from "./read-webhook.ts";
import type { TopicRoutes } from "./topics.ts";

export interface CaptureInbox {
  /** 200 kept (or kept before), 401 bad or missing signature, 405 not POST, 413 too large, 400 no webhook or a topic nobody subscribed to, 503 come again. */
  receive(request: Request): Promise<Response>;
}

export interface CaptureInboxOptions {
  readonly intake: Pick<CaptureIntake, "keep">;
  readonly topics: TopicRoutes;
  /** The app's secret now and, while a rotation lasts, the one before. */
  readonly secrets: () => readonly string[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Pick<Log, "failure">;
}

export function captureInbox({ intake, topics, secrets, clock, metrics, log }: CaptureInboxOptions): CaptureInbox {
  const done = (topic: string, outcome: "kept" | "repeated" | "refused" | "failed", began: number, status: number): Response => {
    metrics.count("holdfast_webhooks_total", { topic, outcome });
    metrics.observe("holdfast_webhook_seconds", Math.max(0, clock.now().getTime() - began) / 1000, { topic });
    return new Response(null, { status });
  };
  return {
    receive: async (request) => {
      const receivedAt = clock.now();
      const began = receivedAt.getTime();
      const webhook = await readWebhook(request, secrets());
      // Labels come from the catalogue only: a stranger's topic would make a series of its own.
      if (webhook instanceof Response) return done("unknown", "refused", began, webhook.status);
      const { topic, shop, webhookId, eventId, triggeredAt, payload } = webhook;
      if (!topics.has(topic)) return done("unknown", "refused", began, 400);
      const events = topics.changesOf(topic, payload).map((change): CaptureEvent => ({ webhookId, eventId, shop, topic, receivedAt, ...change, occurredAt: change.occurredAt ?? triggeredAt }));
      try {
        const news = await intake.keep(events);
        return done(topic, news > 0 ? "kept" : "repeated", began, 200);
      } catch (error) {
        if (!(error instanceof IntakeFull)) log.failure("capture.not_kept", error, { topic, shop });
        // Nothing was promised: the platform sends it again.
        return done(topic, "failed", began, 503);
      }
    },
  };
}
