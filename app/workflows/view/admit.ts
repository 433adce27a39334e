/** The one question before every step: may they? A refusal is recorded like everything else. */
import { actorName, mayRequest, type AccessRefusal, type Action } from "#app/access/index.ts";
import type { Viewer } from "./view.ts";

export type RecordAction = Extract<Action, "record.find" | "record.view" | "record.reveal" | "record.export">;

/** Null: they may. Throws what keeping an event throws. */
export async function refusalOf(viewer: Viewer, action: RecordAction): Promise<AccessRefusal | null> {
  const decision = mayRequest(action, viewer.actor, viewer.shop, { roles: viewer.roles });
  if (decision.allowed) return null;
  await viewer.events.keep([{ actor: actorName(viewer.actor), action: "request.refused", subject: { vault: viewer.vaultId, shop: viewer.shop, asked: action, code: decision.code }, outcome: "refused" }]);
  return decision.code;
}
