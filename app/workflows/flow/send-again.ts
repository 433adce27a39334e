/** A person puts an event that Flow did not take back into the line. */
import { mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { FlowDeliveries, Ports } from "../ports.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";

export type SentAgain = { readonly kind: "again" } | { readonly kind: "nothing-to-send" } | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function sendAgain(
  ports: Pick<Ports, "log"> & RefusalPorts & { readonly deliveries: Pick<FlowDeliveries, "again">; readonly wake?: () => void },
  { shop, actor, id }: { readonly shop: string; readonly actor: Actor; readonly id: string },
): Promise<SentAgain> {
  const decision = mayRequest("flow.configure", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "flow.configure", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  // Another shop's event is as unknown as one that never was.
  if (!(await ports.deliveries.again(shop, id, ports.clock.now()))) return { kind: "nothing-to-send" };
  ports.log.info("flow.again", { shop, delivery: id });
  ports.wake?.();
  return { kind: "again" };
}
