/** Once a day, what a shop's policy lets go is pruned by itself. */
import { requestCustody } from "../custody/request-custody.ts";
import type { Ports } from "../ports.ts";

const DAY_MS = 24 * 3_600_000;
const MOST = 200;

export async function pruneDue(ports: Parameters<typeof requestCustody>[0] & Pick<Ports, "retention">): Promise<number> {
  let asked = 0;
  for (const { shop, keep } of await ports.retention.due(new Date(ports.clock.now().getTime() - DAY_MS), MOST)) {
    const requested = await requestCustody(ports, { shop, actor: { kind: "schedule", shop }, work: { what: "prune", keep }, keys: null });
    if (requested.kind === "requested") asked++;
  }
  return asked;
}
