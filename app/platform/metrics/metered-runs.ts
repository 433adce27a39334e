/** Counts runs as they end: how many, how, and how long they took. */
import type { Lease, Metrics, Runs } from "#app/workflows/ports.ts";

export function meteredRuns<T extends Runs>(runs: T, metrics: Metrics, now: () => Date): T {
  const metered = (lease: Lease): Lease => ({
    ...lease,
    finish: async (end) => {
      await lease.finish(end);
      const { kind, startedAt } = lease.run;
      metrics.count("holdfast_runs_total", { kind, outcome: end.state });
      if (startedAt !== null) metrics.observe("holdfast_run_seconds", Math.max(0, now().getTime() - startedAt.getTime()) / 1000, { kind });
    },
  });
  return {
    ...runs,
    claim: async (id: string) => {
      const lease = await runs.claim(id);
      return lease && metered(lease);
    },
  };
}
