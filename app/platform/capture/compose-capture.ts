/** Chooses capture's adapters: the database for what waits and what was measured, the shops themselves for their records. */
import type pg from "pg";
import { CATALOGUE, ShopifySubscriptions, type ShopifyClientOptions } from "#app/sources/shopify/index.ts";
import type { CapturePorts, Clock, CurrentRecords, CurrentState, Metrics, Ports } from "#app/workflows/ports.ts";
import type { Log } from "../log.ts";
import type { Secret } from "../secrets/secret.ts";
import { currentState } from "./current-state.ts";
import { captureInbox, type CaptureInbox } from "./inbox.ts";
import { captureIntake } from "./intake.ts";
import { startCaptureLoop, type CaptureLoop } from "./loop.ts";
import { captureQueue } from "./queue.ts";
import { capturedChanges, captureRecords, emergencySnapshots } from "./records.ts";
import { subscriptionRecords } from "./subscription-records.ts";
import { captureCatalogue, topicRoutes, typedTopics } from "./topics.ts";

export interface ComposeCapture {
  readonly pool: pg.Pool;
  /** Connections of their own for what answers webhooks: a slow query elsewhere must not hold them up. */
  readonly intakePool: pg.Pool;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly workerId: string;
  readonly secrets: readonly Secret<string>[];
  /** Records as the shops have them now. */
  readonly current: CurrentRecords;
  /** For whoever asks a shop's Admin API. */
  readonly client: (shop: string) => Promise<ShopifyClientOptions>;
  /** Where the app is reached. */
  readonly appUrl: string;
  /** From elsewhere than Shopify: what a simulation needs. */
  readonly currentState?: CurrentState;
}

export interface ComposedCapture {
  readonly ports: CapturePorts;
  readonly inbox: CaptureInbox;
  start(ports: Ports, scratchDirectory: string): CaptureLoop;
}

export function composeCapture(o: ComposeCapture): ComposedCapture {
  const { pool, clock, metrics, log } = o;
  const ports: CapturePorts = {
    captureQueue: captureQueue(pool, o.workerId),
    captureRecords: captureRecords(pool),
    capturedChanges: capturedChanges(pool),
    currentState: o.currentState ?? currentState(o.current),
    captureCatalogue: captureCatalogue(CATALOGUE),
    emergencies: emergencySnapshots(pool),
    subscriptions: {
      open: async (shop) => new ShopifySubscriptions(await o.client(shop)),
      records: subscriptionRecords(pool),
      address: new URL("/webhooks/changes", o.appUrl).href,
      topics: typedTopics(CATALOGUE),
    },
  };
  return {
    ports,
    inbox: captureInbox({ intake: captureIntake(o.intakePool), topics: topicRoutes(CATALOGUE), secrets: () => o.secrets.map((secret) => secret.reveal()), clock, metrics, log }),
    start: (all, scratchDirectory) => startCaptureLoop({ ports: { ...all, ...ports }, log, scratchDirectory }),
  };
}
