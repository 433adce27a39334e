/**
 * The time that leases go by. Machines' clocks differ, and a lease that one machine thinks over is still another's; so every process takes the
 * database's clock: its own, moved by the difference it measures from time to time.
 */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";

export interface DatabaseClock extends Clock {
  /** Measures the difference anew; milliseconds by which this machine's clock is behind the database's. */
  sync(): Promise<number>;
}

export function databaseClock(pool: Pick<pg.Pool, "query">, own: Clock): DatabaseClock {
  let ahead = 0;
  return {
    now: () => new Date(own.now().getTime() + ahead),
    sync: async () => {
      const asked = own.now().getTime();
      const { rows } = await pool.query<{ now: Date }>("SELECT clock_timestamp() AS now");
      const answered = own.now().getTime();
      const there = rows[0]?.now.getTime();
      // The answer was true about half a round trip ago.
      if (there !== undefined) ahead = Math.round(there - (asked + answered) / 2);
      return ahead;
    },
  };
}
