/** Seals what waits, shop after shop, as long as the process runs. A shop gives way after each segment, so that a busy one holds up no other. */
import { foldChanges, type FoldPorts } from "#app/workflows/capture/fold-changes.ts";
import { JournalSessions } from "#app/workflows/capture/sessions.ts";
import type { Log } from "../log.ts";

export interface CaptureLoopOptions {
  readonly ports: FoldPorts;
  readonly log: Pick<Log, "failure">;
  readonly scratchDirectory: string;
  /** Shops worked on at once. */
  readonly shopsAtOnce?: number;
  /** How long to wait when nothing is due, milliseconds. */
  readonly idleMs?: number;
}

export interface CaptureLoop {
  /** Ends after what is under way. */
  stop(): Promise<void>;
}

const SHOPS_AT_ONCE = 4;
const IDLE_MS = 300;

export function startCaptureLoop({ ports, log, scratchDirectory, shopsAtOnce = SHOPS_AT_ONCE, idleMs = IDLE_MS }: CaptureLoopOptions): CaptureLoop {
  const sessions = new JournalSessions(ports, scratchDirectory);
  const stopping = new AbortController();
  const busy = new Map<string, Promise<void>>();
  let wake: (() => void) | null = null;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const one = async (shop: string): Promise<void> => {
    try {
      await foldChanges(ports, sessions, { shop, signal: stopping.signal });
    } catch (error) {
      if (!stopping.signal.aborted) log.failure("capture.failed", error, { shop });
    }
  };
  const round = async (): Promise<boolean> => {
    const due = (await ports.captureQueue.due(ports.clock.now(), shopsAtOnce * 2)).filter((shop) => !busy.has(shop)).slice(0, shopsAtOnce - busy.size);
    for (const shop of due) busy.set(shop, one(shop).finally(() => busy.delete(shop)));
    if (busy.size >= shopsAtOnce) await Promise.race(busy.values());
    return due.length > 0;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let found = false;
      try {
        found = await round();
        sessions.sweep();
      } catch (error) {
        log.failure("capture.failed", error);
      }
      if (!stopping.signal.aborted) await pause(found ? 50 : idleMs);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort(new Error("the process is ending"));
      wake?.();
      await running;
      await Promise.all(busy.values());
      sessions.closeAll();
    },
  };
}
