/** A record of a shop as it is now, for the journal: what cannot be asked for is an error, because "gone" would make a tombstone. */
import { canFetch } from "#app/sources/shopify/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { CurrentRecords, CurrentState } from "#app/workflows/ports.ts";

export function currentState(current: CurrentRecords): CurrentState {
  return {
    fetch: async (shop, kind, id, signal) => {
      if (!canFetch(kind)) throw new SourceError("source.failed", `no kind ${kind} can be fetched`);
      return current.fetch(shop, kind, id, signal);
    },
  };
}
