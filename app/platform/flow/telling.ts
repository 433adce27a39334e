/** Around what runs and alerts are kept in: whatever ends or is raised is told of at once. Telling never spoils what it tells of; what it misses is found later (missed.ts). */
import { announceAlert, announceRun, type AnnouncePorts } from "#app/workflows/flow/announce.ts";
import type { AlertRecords, Lease, Runs } from "#app/workflows/ports.ts";
import type { Log } from "../log.ts";

export function tellingRuns<T extends Runs>(runs: T, ports: AnnouncePorts, log: Pick<Log, "failure">): T {
  const telling = (lease: Lease): Lease => ({
    ...lease,
    finish: async (end) => {
      await lease.finish(end);
      try {
        const run = await runs.get(lease.run.id);
        if (run !== null) await announceRun(ports, run);
      } catch (error) {
        log.failure("flow.not_kept", error, { shop: lease.run.shop, run: lease.run.id });
      }
    },
  });
  return {
    ...runs,
    claim: async (id: string) => {
      const lease = await runs.claim(id);
      return lease && telling(lease);
    },
  };
}

export function tellingAlerts(records: AlertRecords, ports: Pick<AnnouncePorts, "flow">, log: Pick<Log, "failure">): AlertRecords {
  return {
    ...records,
    sight: async (alert) => {
      const sighted = await records.sight(alert);
      try {
        if (sighted.sighting === "opened") await announceAlert(ports, sighted.alert);
      } catch (error) {
        log.failure("flow.not_kept", error, { shop: alert.shop, alert: sighted.alert.id });
      }
      return sighted;
    },
  };
}
