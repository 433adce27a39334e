/** Keeps with a request what became of it. */
import type { Ports } from "../ports.ts";
import type { Answer } from "./carry-out.ts";

/** With a whole shop goes what was written down here about its records (which ones somebody asked the assistant for, or planned to bring back), and how its responders signed in, which shops it let in. */
export async function settleAnswer({ compliance, clock, log, assistantRuns, restorePlans, invitations, viewerSettings }: Pick<Ports, "compliance" | "clock" | "log" | "assistantRuns" | "restorePlans" | "invitations" | "viewerSettings">, shop: string, { id, code, final, certificate, hold }: Answer): Promise<void> {
  const held = code === "compliance.held";
  await compliance.settle(shop, id, {
    state: final ? "answered" : held ? "held" : "open",
    code,
    ...(final || held ? { answeredAt: clock.now() } : {}),
    ...(certificate ?? {}),
    ...(hold === null ? {} : { hold: hold.id, heldUntil: hold.until === null ? null : new Date(hold.until) }),
  });
  if (code === "compliance.erased" && (await compliance.get(shop, id))?.topic === "shop/redact") await Promise.all([assistantRuns?.forget(shop), restorePlans?.forget(shop), invitations?.forget(shop), viewerSettings?.forget(shop)]);
  log.info("compliance.settled", { shop, request: id, code });
}
