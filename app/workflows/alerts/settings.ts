/** Whom to tell: reads, checks and saves a shop's settings, and sends a test to one level. */
import { isIP } from "node:net";
import { z } from "zod";
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { AlertDeliveries, AlertLevel, AlertSenders, AlertSettings, AlertSettingsRecords, AlertWords, DeliveryCode, Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

/** Proposed; a shop may set its own. */
export const ESCALATE_AFTER_MINUTES = 15;
export const MOST_LEVELS = 3;
const MOST_EMAILS = 10;

type SettingsPorts = Pick<Ports, "clock" | "log"> & RefusalPorts & { readonly alertSettings: AlertSettingsRecords };

const Level = z.strictObject({ emails: z.array(z.email("bad_email").max(254, "bad_email")).max(MOST_EMAILS, "too_many"), webhookUrl: z.string().max(2000, "bad_webhook").refine(isPublicHttps, "bad_webhook").nullable() });
const Shape = z.strictObject({
  enabled: z.boolean(),
  escalateAfterMinutes: z.number().int("bad_minutes").min(1, "bad_minutes").max(24 * 60, "bad_minutes"),
  levels: z.array(Level).min(1).max(MOST_LEVELS),
});

/** https, no user or password in it, a name and not the number of a machine. Where the name leads is looked at when it is called. */
export function isPublicHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" && url.username === "" && url.password === "" && isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0 && url.hostname.includes(".");
}

export type SavedAlertSettings =
  | { readonly kind: "saved"; readonly settings: AlertSettings }
  /** Per field ("levels.0.webhookUrl"), what is wrong with it, as a code. */
  | { readonly kind: "invalid"; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function saveAlertSettings(ports: SettingsPorts, { shop, actor, settings }: { readonly shop: string; readonly actor: Actor; readonly settings: Omit<AlertSettings, "shop"> }): Promise<SavedAlertSettings> {
  const decision = mayRequest("alert.configure", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "alert.configure", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  // A level with nobody in it would be a step into nothing.
  const levels = settings.levels.filter(({ emails, webhookUrl }, n) => n === 0 || emails.length > 0 || webhookUrl !== null);
  const parsed = Shape.safeParse({ ...settings, levels });
  if (!parsed.success) return { kind: "invalid", fields: Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join("."), message])) };
  const saved = { shop, ...parsed.data };
  await ports.alertSettings.save(saved);
  ports.log.info("alert.settings_saved", { shop, enabled: saved.enabled, levels: saved.levels.length });
  await keepEvent(ports, shop, { actor: actorName(actor), action: "setting.changed", subject: { shop, setting: "alerts", enabled: saved.enabled }, outcome: "done" });
  return { kind: "saved", settings: saved };
}

/** What a screen starts from when nothing was saved. */
export function proposedSettings(shop: string): AlertSettings {
  return { shop, enabled: true, escalateAfterMinutes: ESCALATE_AFTER_MINUTES, levels: [{ emails: [], webhookUrl: null }] };
}

export interface TestedChannel {
  readonly channel: "email" | "webhook";
  readonly code: DeliveryCode | null;
}
export type TestedAlerts = { readonly kind: "tested"; readonly channels: readonly TestedChannel[] } | { readonly kind: "nobody" } | { readonly kind: "refused"; readonly code: AccessRefusal };

/** Sends a test to what is saved for a level, now, and says what each channel answered. It is kept with the other messages. */
export async function sendTestAlert(
  ports: SettingsPorts & Pick<Ports, "ids"> & { readonly deliveries: AlertDeliveries; readonly senders: AlertSenders; readonly words: AlertWords },
  { shop, actor, level = 0 }: { readonly shop: string; readonly actor: Actor; readonly level?: number },
): Promise<TestedAlerts> {
  const decision = mayRequest("alert.configure", actor, shop);
  if (!decision.allowed) return { kind: "refused", code: decision.code };
  const people: AlertLevel | undefined = (await ports.alertSettings.get(shop))?.levels[level];
  if (people === undefined || (people.emails.length === 0 && people.webhookUrl === null)) return { kind: "nobody" };
  const now = ports.clock.now();
  const message = ports.words({ shop, reason: "test", level, alerts: [], now });
  const channels: TestedChannel[] = [];
  const tried = async (channel: TestedChannel["channel"], send: () => ReturnType<AlertSenders["email"]>): Promise<void> => {
    const id = ports.ids.next();
    const outcome = await send();
    const code = outcome.kind === "sent" ? null : outcome.code;
    // Never due: it was sent here, while the person waits.
    await ports.deliveries.add({ id, shop, channel, level, reason: "test", alertIds: [], createdAt: now, nextAt: new Date(now.getTime() + 365 * 86_400_000) });
    await ports.deliveries.ended(id, { state: code === null ? "sent" : "failed", at: ports.clock.now(), code });
    channels.push({ channel, code });
  };
  if (people.emails.length > 0) await tried("email", () => (ports.senders.canEmail ? ports.senders.email(people.emails, message) : Promise.resolve({ kind: "failed", code: "delivery.no_channel", retry: "never" })));
  const { webhookUrl } = people;
  if (webhookUrl !== null) await tried("webhook", () => ports.senders.webhook(webhookUrl, message));
  ports.log.info("alert.tested", { shop, channels: channels.length, failed: channels.filter(({ code }) => code !== null).length });
  return { kind: "tested", channels };
}
