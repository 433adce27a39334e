/** A person says "I have this one": it is told to nobody further, and stays on the overview until its cause is gone. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Alert, AlertRecords, Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

export type AcknowledgedAlert =
  | { readonly kind: "acknowledged"; readonly alert: Alert }
  /** Somebody was faster, or its cause is gone. */
  | { readonly kind: "not-open" }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  /** More than a line, or an e-mail address in it: the ledger would not take it. */
  | { readonly kind: "bad-note"; readonly code: "alert.bad_note" };

/** One line, as the ledger takes reasons. */
const NOTE = /^[^\p{Cc}@]{0,500}$/u;

export async function acknowledgeAlert(
  ports: Pick<Ports, "clock" | "log"> & RefusalPorts & { readonly alertRecords: AlertRecords },
  { shop, actor, id, note }: { readonly shop: string; readonly actor: Actor; readonly id: string; readonly note: string },
): Promise<AcknowledgedAlert> {
  const decision = mayRequest("alert.acknowledge", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "alert.acknowledge", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  const text = note.trim();
  if (!NOTE.test(text)) return { kind: "bad-note", code: "alert.bad_note" };
  const by = actorName(actor);
  const alert = await ports.alertRecords.acknowledge({ shop, id, by, note: text === "" ? null : text, at: ports.clock.now() });
  if (alert === null) return { kind: "not-open" };
  ports.log.info("alert.acknowledged", { shop, alert: id, code: alert.code, by });
  await keepEvent(ports, shop, { actor: by, action: "alert.acknowledged", subject: { shop, alert: id, code: alert.code, about: alert.subject }, outcome: "done", ...(text === "" ? {} : { reason: text }) });
  return { kind: "acknowledged", alert };
}
