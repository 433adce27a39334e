/** A person asks to look at the platform now. Takes seconds. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports } from "../ports.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { checkPlatform, type CheckedPlatform, type CheckPlatformPorts } from "./check-platform.ts";

export type RequestedCheck = CheckedPlatform | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function requestCheck(ports: CheckPlatformPorts, { shop, actor, signal }: { readonly shop: string; readonly actor: Actor; readonly signal: AbortSignal }): Promise<RequestedCheck> {
  const decision = mayRequest("platform.check", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "platform.check", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  return checkPlatform(ports, { shop, signal, actor: actorName(actor) });
}

/** Null where a process keeps none of it (no database). */
export function coveragePorts(ports: Ports): (Ports & Required<Pick<Ports, "platforms" | "surveys" | "coverageTasks" | "inventory">>) | null {
  const { platforms, surveys, coverageTasks, inventory } = ports;
  if (platforms === undefined || surveys === undefined || coverageTasks === undefined || inventory === undefined) return null;
  return { ...ports, platforms, surveys, coverageTasks, inventory };
}
