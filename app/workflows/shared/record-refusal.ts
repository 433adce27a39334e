/** Who was refused what, in the ledger of the shop's vault. */
import { actorName, type AccessRefusal, type Action, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordEvent } from "./outbox.ts";

export type RefusalPorts = Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock">;

export async function recordRefusal(ports: RefusalPorts, { shop, actor, asked, code }: { readonly shop: string; readonly actor: Actor; readonly asked: Action; readonly code: AccessRefusal }): Promise<void> {
  await recordEvent(ports, shop, { actor: actorName(actor), action: "request.refused", subject: { shop, asked, code }, outcome: "refused" });
}
