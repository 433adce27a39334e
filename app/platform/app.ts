/**
 * The running application, as routes see it through Remix's load context. Types only: server.ts runs unbuilt and routes are built
 * by vite, so nothing with state may be imported by both.
 */
import type { AlertDeliveries, AlertSenders, AlertSettingsRecords, AlertWords, Ports, StorageTests } from "#app/workflows/ports.ts";
import type { FlowApp } from "./flow/compose-flow.ts";
import type { Health } from "./health.ts";
import type { PrometheusMetrics } from "./metrics/prometheus.ts";
import type { Secret } from "./secrets/secret.ts";
import type { ChangesSchedules } from "./schedules/changes.ts";
import type { Schedules } from "./schedules/snapshots.ts";
import type { ShopifyConnection } from "./shopify/connection.ts";
import type { Log } from "./log.ts";
import type { Shops } from "./shops.ts";
import type { ViewerParts } from "./viewer/compose-viewer.ts";
import type { CaptureInbox } from "./capture/inbox.ts";
import type { WebhookInbox } from "./webhooks.server.ts";

export interface HoldfastApp {
  /** What a page may know about the process. Secrets are not here. */
  readonly settings: AppSettings;
  readonly log: Log;
  readonly shopify: ShopifyConnection;
  /** What workflows need: `requestSnapshot(app.ports, …)`. */
  readonly ports: Ports;
  readonly storageTests: StorageTests;
  /** When snapshots are taken by themselves. */
  readonly schedules: Schedules;
  /** When changes are read between them. */
  readonly changesSchedules: ChangesSchedules;
  /** Which shops have the app. */
  readonly shops: Shops;
  readonly webhooks: WebhookInbox;
  /** Messages about changes in shops. */
  readonly changes: CaptureInbox;
  readonly health: Health;
  /** Whom to tell, what was told, and how. */
  readonly alerting: Alerting;
  /** What Shopify Flow is told, and what it asks for. */
  readonly flow: FlowApp;
  /** The downtime viewer, outside the admin. */
  readonly viewer: ViewerParts;
  readonly metrics: PrometheusMetrics;
  readonly metricsToken: Secret<string> | null;
  /** Stops taking work, lets what runs end or hand over its lease, closes every connection. */
  close(): Promise<void>;
}

export interface AppSettings {
  readonly apiKey: string;
  /** Where the browser loads App Bridge from. Null: Shopify's own address. */
  readonly appBridgeUrl: string | null;
  readonly production: boolean;
  readonly version: string;
  /** `file:` storage must lie below this folder. */
  readonly fileStores: string;
}

export interface Alerting {
  readonly alertSettings: AlertSettingsRecords;
  readonly deliveries: AlertDeliveries;
  readonly senders: AlertSenders;
  readonly words: AlertWords;
}

declare module "@remix-run/node" {
  interface AppLoadContext {
    readonly app: HoldfastApp;
  }
}
