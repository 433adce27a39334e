/**
 * Something needs a person: who may say so, and where it is kept. Nothing here holds a record's contents: a subject is a name of ours (a stream, a key id,
 * a snapshot id), facts are numbers, ids and codes.
 */
import type { Delivery, DeliveryLine, SendOutcome } from "./deliveries.ts";

/** Stable. Each has words in app/ui/wording/alerts.ts and a row in docs/monitoring.md; tests hold both complete. */
export const ALERT_CODES = [
  "alert.stream_failed",
  "alert.snapshot_failed",
  "alert.schedule_missed",
  "alert.storage_unreachable",
  "alert.storage_unencrypted",
  "alert.verify_finding",
  "alert.key_due",
  "alert.gap",
  "alert.api_change",
  "alert.coverage_task",
  "alert.not_subscribed",
  "alert.recovery_point_breached",
  "alert.erasure_due",
  "alert.drill_missed",
  "alert.drill_waiting",
  "alert.drill_failed",
  "alert.restore_failed",
  "alert.flow_undelivered",
  "alert.viewer_suspended",
] as const;
export type AlertCode = (typeof ALERT_CODES)[number];

/** critical: a restore may not bring everything back. warning: it will not stay safe by itself. */
export type AlertSeverity = "warning" | "critical";
export type AlertState = "open" | "acknowledged" | "resolved";

/** Numbers, ids, codes, names of fields. Never values of records; a test plants a canary. */
export type AlertFacts = Readonly<Record<string, string | number | boolean>>;

/** Names one alert of a shop: the same code about the same subject is the same alert as long as it is not resolved. */
export interface AlertKey {
  readonly shop: string;
  readonly code: AlertCode;
  /** What it is about: "storage", "schedule", "snapshot", "vault", "journal", or a word and a name behind a colon: "stream:customers", "key:…". At most 128 of letters, digits and ._:/-; no date. */
  readonly subject: string;
}

export interface RaisedAlert extends AlertKey {
  readonly severity: AlertSeverity;
  readonly facts?: AlertFacts;
}

/** For whoever notices something. Both are idempotent and cheap to repeat. */
export interface Alerts {
  /** Opens an alert, or counts one more sighting of it. One that a person has acknowledged stays acknowledged unless it has become critical. */
  raise(alert: RaisedAlert): Promise<void>;
  /** The cause has gone. Nothing happens when there is no such alert. */
  resolve(alert: AlertKey): Promise<void>;
}

export interface Alert extends AlertKey {
  readonly id: string;
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  readonly facts: AlertFacts;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** How often it was seen. */
  readonly count: number;
  readonly acknowledgedAt: Date | null;
  /** A staff member's opaque id. */
  readonly acknowledgedBy: string | null;
  /** What that person wrote: one line, no e-mail address. */
  readonly note: string | null;
  readonly resolvedAt: Date | null;
  /** 0: the first recipients know (or nobody yet); 1: the next level was told, and so on. */
  readonly level: number;
  /** When the level was last raised; firstSeen at level 0. */
  readonly levelAt: Date;
}

export interface AlertFilter {
  readonly states?: readonly AlertState[];
  readonly codes?: readonly AlertCode[];
  readonly severity?: AlertSeverity;
}

/** What became of one sighting. */
export type Sighting = "opened" | "reopened" | "seen-again";

/** Where alerts are kept. One unresolved alert per key, over all processes. */
export interface AlertRecords {
  /** Opens it under `id`, or counts a sighting. "reopened": it was acknowledged as a warning and is critical now. */
  sight(alert: RaisedAlert & { readonly id: string; readonly at: Date }): Promise<{ readonly alert: Alert; readonly sighting: Sighting }>;
  /** Null: there is no unresolved alert of this key. */
  resolve(alert: AlertKey & { readonly at: Date }): Promise<Alert | null>;
  /** Null: no such alert of this shop that is open. */
  acknowledge(o: { readonly shop: string; readonly id: string; readonly by: string; readonly note: string | null; readonly at: Date }): Promise<Alert | null>;
  /** To `level`, if it is open and still one below. False: somebody was faster. */
  escalate(o: { readonly shop: string; readonly id: string; readonly level: number; readonly at: Date }): Promise<boolean>;
  get(shop: string, id: string): Promise<Alert | null>;
  /** Unresolved before resolved, then newest first. At most `limit` (50). */
  list(shop: string, filter?: AlertFilter, options?: { readonly limit?: number; readonly offset?: number }): Promise<readonly Alert[]>;
  count(shop: string, filter?: AlertFilter): Promise<number>;
  /** Open or acknowledged, worst first: at most 200. */
  unresolved(shop: string): Promise<readonly Alert[]>;
  /** Shops that have an open alert. */
  shopsWithOpen(): Promise<readonly string[]>;
}

// --- telling people ------------------------------------------------------------------------------------------------------

export type AlertChannel = "email" | "webhook";

/** One level of people: level 0 is told at once, each next one when nobody has acknowledged for `escalateAfterMinutes`. */
export interface AlertLevel {
  readonly emails: readonly string[];
  /** A Slack-compatible incoming webhook. Its address is a secret. */
  readonly webhookUrl: string | null;
}

export interface AlertSettings {
  readonly shop: string;
  readonly enabled: boolean;
  /** 1 to 3 levels. */
  readonly levels: readonly AlertLevel[];
  readonly escalateAfterMinutes: number;
}

/** Kept sealed: addresses of people, and of webhooks. */
export interface AlertSettingsRecords {
  get(shop: string): Promise<AlertSettings | null>;
  save(settings: AlertSettings): Promise<void>;
}

export type AlertDeliveryReason = "opened" | "escalated" | "test";

/** One message to one level by one channel. Its text is made when it is sent, from the alerts as they are then. unneeded: by the time it was due, everything in it had been resolved or acknowledged. */
export interface AlertDelivery extends Delivery<"unneeded"> {
  readonly channel: AlertChannel;
  readonly level: number;
  readonly reason: AlertDeliveryReason;
  /** Empty for a test. */
  readonly alertIds: readonly string[];
}

export interface AlertDeliveries extends DeliveryLine<AlertDelivery> {
  /** Adds to a message of the same shop, channel, level and reason that still waits for its first attempt, or makes one: many alerts at once are one message. */
  add(o: Pick<AlertDelivery, "id" | "shop" | "channel" | "level" | "reason" | "alertIds" | "createdAt" | "nextAt">): Promise<void>;
  /** Newest first. */
  list(shop: string, o?: { readonly alertId?: string; readonly limit?: number }): Promise<readonly AlertDelivery[]>;
}

/** A message as people read it. No contents of records, no tokens. */
export interface AlertMessage {
  readonly subject: string;
  /** Plain text, for e-mail. */
  readonly text: string;
  /** Slack's Block Kit, with `text` for notifications. */
  readonly slack: { readonly text: string; readonly blocks: readonly object[] };
}

export type DeliveryOutcome = SendOutcome<DeliveryCode>;

export type DeliveryCode =
  /** This host has no mail server, or the level has nobody on this channel. */
  | "delivery.no_channel"
  /** The address is none, is not https, or lies inside a private network. */
  | "delivery.bad_address"
  | "delivery.unreachable"
  /** The other side answered and does not want it. */
  | "delivery.refused"
  /** The other side is busy. */
  | "delivery.busy"
  /** A fault of ours. */
  | "delivery.failed";

/** How messages leave the process. */
export interface AlertSenders {
  email(to: readonly string[], message: AlertMessage): Promise<DeliveryOutcome>;
  webhook(url: string, message: AlertMessage): Promise<DeliveryOutcome>;
  /** Whether this host can send e-mail at all. */
  readonly canEmail: boolean;
}

/** Words for a message; the composition root hands them in, so that screens and messages say the same. */
export type AlertWords = (o: { readonly shop: string; readonly reason: AlertDeliveryReason; readonly level: number; readonly alerts: readonly Alert[]; readonly now: Date }) => AlertMessage;
