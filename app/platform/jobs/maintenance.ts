/** What a process does again and again by itself: frees abandoned runs, asks for due snapshots, forgets what has expired. */
import type { Log } from "../log.ts";
import type { TakeTurn } from "../records/chores.ts";

export const MAINTENANCE_MS = 15_000;

export interface Chore {
  readonly name: string;
  /** Done by one of all processes, this often. Absent: each process does it for itself, every round. */
  readonly everyMs?: number;
  /** Answers how many things it did, for the log. */
  run(): Promise<number>;
}

export interface Maintenance {
  /** Every chore once, each on its own: one that fails is logged and holds up no other. */
  round(): Promise<void>;
  /** Stops, after the round under way. */
  stop(): Promise<void>;
}

/** Does a round now and one after every pause of `everyMs`. */
export function startMaintenance(chores: readonly Chore[], log: Log, turn: TakeTurn = () => Promise.resolve(true), everyMs = MAINTENANCE_MS): Maintenance {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async (): Promise<void> => {
    for (const chore of chores) {
      try {
        if (chore.everyMs !== undefined && !(await turn(chore.name, chore.everyMs))) continue;
        const done = await chore.run();
        if (done > 0) log.info("maintenance.done", { chore: chore.name, count: done });
      } catch (error) {
        log.failure("maintenance.failed", error, { chore: chore.name });
      }
    }
  };
  const loop = async (): Promise<void> => {
    await round();
    if (!stopped) {
      timer = setTimeout(() => {
        under = loop();
      }, everyMs);
      timer.unref();
    }
  };
  let under = loop();
  return {
    round,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await under;
    },
  };
}
