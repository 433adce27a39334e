/** Of which kinds a shop has been told every change since a moment, as far as anybody can know: those of all shops, and those it was asked for itself. */
import type { CaptureCatalogue, CapturePorts } from "../ports.ts";

export async function toldCatalogue({ captureCatalogue, subscriptions }: Pick<CapturePorts, "captureCatalogue" | "subscriptions">, shop: string, since: Date): Promise<CaptureCatalogue> {
  const state = (await subscriptions?.records.get(shop)) ?? null;
  const own = state?.since != null && state.since <= since;
  return { ...captureCatalogue, kinds: captureCatalogue.kinds.map((kind) => (kind.perShop === true ? { ...kind, hasTopics: kind.hasTopics && own } : kind)) };
}
