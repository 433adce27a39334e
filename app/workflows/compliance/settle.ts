/** Keeps with a request what became of it. */
import type { Ports } from "../ports.ts";
import type { Answer } from "./carry-out.ts";

export async function settleAnswer({ compliance, clock, log }: Pick<Ports, "compliance" | "clock" | "log">, shop: string, { id, code, final, certificate, hold }: Answer): Promise<void> {
  const held = code === "compliance.held";
  await compliance.settle(shop, id, {
    state: final ? "answered" : held ? "held" : "open",
    code,
    ...(final || held ? { answeredAt: clock.now() } : {}),
    ...(certificate ?? {}),
    ...(hold === null ? {} : { hold: hold.id, heldUntil: hold.until === null ? null : new Date(hold.until) }),
  });
  log.info("compliance.settled", { shop, request: id, code });
}
