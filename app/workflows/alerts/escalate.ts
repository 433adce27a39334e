/** An alert that nobody has acknowledged in time goes to the next people, and so on to the last level. */
import { keepEvent } from "../shared/outbox.ts";
import { announce, type RaisePorts } from "./raise.ts";

/** Answers how many alerts went up. Of several processes one raises a level. */
export async function escalateAlerts(ports: RaisePorts, shop: string): Promise<number> {
  const settings = await ports.alertSettings.get(shop);
  if (settings?.enabled !== true || settings.levels.length < 2) return 0;
  const now = ports.clock.now();
  let raised = 0;
  for (const alert of await ports.alertRecords.unresolved(shop)) {
    const level = alert.level + 1;
    if (alert.state !== "open" || level >= settings.levels.length) continue;
    if (now.getTime() - alert.levelAt.getTime() < settings.escalateAfterMinutes * 60_000) continue;
    if (!(await ports.alertRecords.escalate({ shop, id: alert.id, level, at: now }))) continue;
    raised++;
    ports.log.warn("alert.escalated", { shop, alert: alert.id, code: alert.code, level });
    await announce(ports, settings, alert, level, "escalated");
    await keepEvent(ports, shop, { actor: "system", action: "alert.escalated", subject: { shop, alert: alert.id, code: alert.code, about: alert.subject, level }, outcome: "done" });
  }
  return raised;
}
