/** Keeps a lease alive while a workflow works, and turns "stop" (a person's, or another worker's) into an abort signal. */
import type { Clock, Lease, RunProgress } from "../ports.ts";

/** Well below any adapter's lease time; also how often a screen sees progress. */
const BEAT_MS = 2_000;

export type StopReason = "cancel-requested" | "lost";

/** The signal's reason when a run was told to stop. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(reason === "lost" ? "another worker has this run now" : "a person asked this run to stop");
    this.reason = reason;
  }
}

export interface LeaseKeeper {
  readonly signal: AbortSignal;
  /** Shows progress at the next beat; a new step at once. */
  report(progress: RunProgress): void;
  /** Renews now. Throws when the run was told to stop, or when the lease could not be renewed. */
  beat(): Promise<void>;
  /** Ends the beats. Call it when the work is over, whatever its end. */
  stop(): void;
  /** Why the run was told to stop; null when it was not. */
  readonly stopped: StopReason | null;
}

export function keepLease(lease: Lease, clock: Clock): LeaseKeeper {
  const abort = new AbortController();
  let latest: RunProgress | undefined;
  let lastBeat = -Infinity;
  let beating: Promise<void> | null = null;
  let stopped: StopReason | null = null;
  /** A new step came while a beat was under way that does not show it. */
  let behind = false;
  let over = false;

  const renew = async (): Promise<void> => {
    lastBeat = clock.now().getTime();
    const answer = await lease.heartbeat(latest);
    if (answer === "held") return;
    stopped = answer;
    abort.abort(new Stopped(answer));
  };
  // A lease that cannot be renewed is as good as lost: the work stops with that very error.
  const beatSoon = (): void => {
    beating ??= renew()
      .catch((error: unknown) => abort.abort(error))
      .finally(() => {
        beating = null;
        if (!behind) return;
        behind = false;
        if (!abort.signal.aborted && !over) beatSoon();
      });
  };
  // A timer, because some steps (a long wait, a commit) say nothing for a while. It decides nothing.
  const timer = setInterval(beatSoon, BEAT_MS);
  timer.unref();

  return {
    signal: abort.signal,
    get stopped() {
      return stopped;
    },
    report: (progress) => {
      const newStep = progress.step !== latest?.step || progress.stream !== latest.stream;
      latest = progress;
      if (newStep && beating !== null) behind = true;
      else if (newStep || clock.now().getTime() - lastBeat >= BEAT_MS) beatSoon();
    },
    beat: async () => {
      // One that is under way may have been answered before the moment that is asked about.
      if (beating !== null) await beating;
      if (!abort.signal.aborted) await renew();
      abort.signal.throwIfAborted();
    },
    stop: () => {
      over = true;
      clearInterval(timer);
    },
  };
}
