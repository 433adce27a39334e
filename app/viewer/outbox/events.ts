/** Keeps an event before what it speaks of happens: where events are usually kept, else on this host's own disk; and enters what waits when that can be done. */
import { keptEntry } from "#app/workflows/shared/outbox.ts";
import type { Clock, LedgerOutbox, Log } from "#app/workflows/ports.ts";
import type { ViewEvents } from "#app/workflows/view/index.ts";
import { LedgerError } from "#app/ledger/index.ts";
import { ViewerError } from "../errors.ts";

export interface KeepEvents {
  readonly vaultId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The database's list; null: there is none. */
  readonly usual: LedgerOutbox | null;
  readonly own: LedgerOutbox;
  /** Enters what waits; its failure is nobody's but the next round's. */
  readonly enter: () => Promise<unknown>;
  /** A database that does not answer by then is away. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 1_000;

export function viewEvents({ vaultId, clock, log, usual, own, enter, patienceMs = PATIENCE_MS }: KeepEvents): ViewEvents {
  let entering: Promise<unknown> | null = null;
  return {
    keep: async (entries) => {
      // Throws ledger.bad_entry for what may not be entered.
      const kept = entries.map((entry) => keptEntry(entry, clock));
      try {
        if (usual === null || !(await within(patienceMs, usual.add(vaultId, kept)))) await own.add(vaultId, kept);
      } catch (error) {
        throw error instanceof LedgerError ? error : new ViewerError("viewer.not_recorded", "an event could not be kept", { cause: error, retry: "later" });
      }
      entering ??= enter()
        .catch((error: unknown) => { log.info("viewer.entered_later", { vault: vaultId, code: error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null }); })
        .finally(() => { entering = null; });
    },
  };
}

/** False: it failed, or takes too long. What comes of it afterwards is an event twice, which is better than one that is not there. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(() => { resolve(false); }, ms); });
  try {
    return await Promise.race([work.then(() => true, () => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
