/** Alerts, from what is kept to what screens show. Pure. */
import type { Alert, AlertDelivery, AlertSettings } from "#app/workflows/ports/alerts.ts";
import type { AlertModel, AlertRow, AlertSettingsModel, DeliveryRow } from "../models.ts";

export const ALERTS_A_PAGE = 25;

export function alertRow({ id, code, subject, severity, state, facts, firstSeen, lastSeen }: Alert): AlertRow {
  return { id, code, subject, severity, state, facts, firstSeen: firstSeen.toISOString(), lastSeen: lastSeen.toISOString() };
}

export function deliveryRow({ id, channel, level, reason, state, createdAt, endedAt, nextAt, attempts, code }: AlertDelivery): DeliveryRow {
  return { id, channel, level, reason, state, at: (endedAt ?? createdAt).toISOString(), nextAt: nextAt.toISOString(), attempts, code };
}

export function presentAlert(alert: Alert, deliveries: readonly AlertDelivery[], now: Date): AlertModel {
  const { acknowledgedAt, acknowledgedBy, note, resolvedAt, count, level } = alert;
  return {
    ...alertRow(alert),
    now: now.toISOString(),
    count,
    level,
    acknowledged: acknowledgedAt === null ? null : { at: acknowledgedAt.toISOString(), by: acknowledgedBy ?? "", note },
    resolvedAt: resolvedAt?.toISOString() ?? null,
    deliveries: deliveries.map(deliveryRow),
  };
}

/** Somebody or something that would be told now. */
export function peopleTold(settings: AlertSettings | null): { people: number; enabled: boolean } | null {
  return settings && { enabled: settings.enabled, people: settings.levels.reduce((sum, { emails, webhookUrl }) => sum + emails.length + (webhookUrl === null ? 0 : 1), 0) };
}

export function presentAlertSettings(settings: AlertSettings, o: { readonly saved: boolean; readonly canEmail: boolean; readonly mostLevels: number; readonly now: Date; readonly deliveries: readonly AlertDelivery[] }): AlertSettingsModel {
  return {
    now: o.now.toISOString(),
    saved: o.saved,
    enabled: settings.enabled,
    escalateAfterMinutes: settings.escalateAfterMinutes,
    levels: settings.levels.map(({ emails, webhookUrl }) => ({ emails, webhookHost: webhookUrl === null ? null : new URL(webhookUrl).hostname })),
    canEmail: o.canEmail,
    mostLevels: o.mostLevels,
    deliveries: o.deliveries.map(deliveryRow),
  };
}

/** Addresses as people write them into one field: lines, commas, semicolons. */
export function splitEmails(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((part) => part !== ""))];
}
