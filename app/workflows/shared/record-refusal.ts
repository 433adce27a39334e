/** Who was refused what, in the ledger of the shop's vault: for each person, what they asked for, and what it was about, once an hour. */
import { actorName, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordEvent } from "./outbox.ts";

export type RefusalPorts = Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock" | "refusals">;

/** `planId`: the restore's that they asked it of, where they named one. */
export async function recordRefusal(ports: RefusalPorts, { shop, actor, asked, code, planId }: { readonly shop: string; readonly actor: Actor; readonly asked: Action; readonly code: AccessRefusal; readonly planId?: string }): Promise<void> {
  const by = actorName(actor);
  const key = [shop, actor.kind === "cli" ? "" : actor.shop, by, asked, code, planId ?? ""].join(" ");
  if (ports.refusals?.isNew(key, ports.clock.now()) === false) return;
  await recordEvent(ports, shop, { actor: by, action: "request.refused", subject: { shop, asked, code, ...(planId === undefined ? {} : { plan: planId }) }, outcome: "refused" });
}
