/** Tells Flow what waits to be told, and begins and follows what it asked for, as long as the process runs. Woken at once by this process; what another one kept is found at the next look. */
import { advanceActions, type AdvancePorts } from "#app/workflows/flow/advance.ts";
import { deliverToFlow, type DeliverFlowPorts } from "#app/workflows/flow/deliver.ts";
import type { Log } from "../log.ts";

export interface FlowLoop {
  wake(): void;
  /** Ends after what is under way. */
  stop(): Promise<void>;
}

/** How long nothing is looked for after nothing was found. A step that asks for a snapshot is begun within this. */
export const IDLE_MS = 2000;

export function startFlowLoop({ ports, log, idleMs = IDLE_MS }: { readonly ports: AdvancePorts & DeliverFlowPorts; readonly log: Pick<Log, "failure">; readonly idleMs?: number }): FlowLoop {
  let stopped = false;
  let woken = false;
  let end: (() => void) | null = null;
  const wake = (): void => {
    woken = true;
    end?.();
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      if (woken || stopped) return resolve();
      const timer = setTimeout(resolve, idleMs);
      end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const each = async (work: () => Promise<number>): Promise<number> => {
    try {
      return await work();
    } catch (error) {
      log.failure("flow.failed", error);
      return 0;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      woken = false;
      const [told, advanced] = await Promise.all([each(() => deliverToFlow(ports)), each(() => advanceActions(ports))]);
      // Whatever was found may have more behind it.
      if (told + advanced === 0) await pause();
    }
  };
  const running = run();
  return {
    wake,
    stop: async () => {
      stopped = true;
      wake();
      await running;
    },
  };
}
